// Before a commit: format, lint, types, and the tests of what changed since the last commit. A test belongs to a change
// when it changed itself, or imports a changed file directly or by one file between (an index, mostly). `npm test` runs
// all.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

function run(program, ...argv) {
  const { status } = spawnSync(program, argv, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const git = (...argv) => spawnSync('git', argv, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
const changed = new Set([...git('diff', '--name-only', 'HEAD'), ...git('ls-files', '--others', '--exclude-standard')]);
if (changed.size === 0) {
  console.log('nothing changed since the last commit');
  process.exit(0);
}

const sources = readdirSync('src', { recursive: true }).map((name) => `src/${name}`.replaceAll('\\', '/'));
const imports = new Map(
  sources
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const found = readFileSync(name, 'utf8').matchAll(/(?:from|import|URL)\s*\(?\s*'(\.[^']+)\.js'/g);
      return [name, [...found].map(([, target]) => `${posix.join(posix.dirname(name), target)}.ts`)];
    }),
);
const touches = (file, depth) =>
  changed.has(file) || (depth > 0 && (imports.get(file) ?? []).some((other) => touches(other, depth - 1)));
const tests = [...imports.keys()].filter((name) => name.endsWith('.test.ts') && touches(name, 2));
if ([...changed].some((name) => name.endsWith('.md'))) tests.push('src/testing/docs/pages.test.ts');

run('npx', 'biome', 'ci', '--error-on-warnings', '.');
// The build checks the types of what it compiles.
run('npm', 'run', '--silent', 'build');
run('npm', 'run', '--silent', 'types:rooms');
const chosen = [...new Set(tests)].map((name) => name.replace(/^src\//, '').replace(/\.ts$/, '.js'));
console.log(`${chosen.length} files of tests: ${chosen.join(', ')}`);
if (chosen.length > 0 && existsSync('dist')) run(process.execPath, 'scripts/test.mjs', ...chosen);
