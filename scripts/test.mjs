// Runs every compiled test file with Node's own test runner, in one process more than there are cores.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import './prune.mjs';

/**
 * Rooms whose tests change their process, or start browsers and runs by several processes. The files of each other room
 * share a process: starting one and loading the modules takes longer than most of them do.
 */
const APART = ['cluster', 'engine', 'site', 'studio', 'testing'];

const files = readdirSync('dist', { recursive: true })
  .map((file) => `dist/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.js'))
  .sort();
const wanted = process.argv.slice(2);
const chosen = wanted.length ? files.filter((file) => wanted.some((part) => file.includes(part))) : files;
if (chosen.length === 0) {
  console.error(`no test file matches ${wanted.join(', ') || 'dist/**/*.test.js'}`);
  process.exit(1);
}

const together = mkdtempSync(join(tmpdir(), 'cover-tests-'));
const roomOf = (file) => file.split('/')[1];
// Those of whole examples take longest: what begins last is short.
const alone = chosen.filter((file) => APART.includes(roomOf(file))).reverse();
const rooms = [...new Set(chosen.map(roomOf))].flatMap((room) => {
  if (APART.includes(room)) return [];
  const imports = chosen.filter((file) => roomOf(file) === room).map((file) => pathToFileURL(resolve(file)).href);
  const path = join(together, `${room}.mjs`);
  writeFileSync(path, imports.map((url) => `import ${JSON.stringify(url)};\n`).join(''));
  return [path];
});

const [major, minor] = process.versions.node.split('.').map(Number);
// Node itself leaves one core idle, which is half of two; and tests of pages and launchers wait for their processes.
const cores = major > 20 || minor >= 10 ? [`--test-concurrency=${availableParallelism() + 1}`] : [];
// All cores have a file of tests: a second thread of each would wait for its turn.
const env = { OMP_NUM_THREADS: '1', ...process.env };
const result = spawnSync(process.execPath, ['--test', ...cores, ...rooms, ...alone], { stdio: 'inherit', env });
rmSync(together, { recursive: true });
process.exit(result.status ?? 1);
