/**
 * The package as npm publishes it: the library and the command alone, which work in a project that has nothing else.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { after, test } from 'node:test';
import { root } from './docs/pages.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** npm, without the settings that the npm which runs the tests hands down. */
function npm(cwd: string, ...argv: readonly string[]) {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name));
  return spawnSync('npm', argv, { cwd, env: Object.fromEntries(own), encoding: 'utf8' });
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Of what is built: other tests read it meanwhile. */
function pack(): Packed {
  const { status, stdout, stderr } = npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  assert.equal(status, 0, stderr);
  return (JSON.parse(stdout) as Packed[])[0]!;
}

const packed = pack();
const paths = packed.files.map(({ path }) => path);

test('the package has the library, the command and the documentation', () => {
  const wanted = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'docs/pretraining.md'];
  const missing = [...wanted, 'dist/index.js', 'dist/index.d.ts', 'dist/program/cover.js'].filter(
    (p) => !paths.includes(p),
  );
  assert.deepEqual(missing, []);
});

test('the package has no tests, no fixtures and no benchmarks of its own', () => {
  assert.deepEqual(
    paths.filter((path) => /\.test\.|fixtures|^dist\/(testing|bench|site)\/|^(src|scripts|golden-data)\//.test(path)),
    [],
  );
});

test('no published file imports one that is not published', () => {
  const published = new Set(paths);
  const missing = paths
    .filter((path) => /^dist\/.*\.js$/.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      const imports = text.matchAll(/(?:from|import|new URL)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
      return [...imports]
        .map(([, target]) => posix.join(dirname(path), target!))
        .filter((target) => target.endsWith('.js') && !published.has(target));
    });
  assert.deepEqual(missing, []);
});

test('installed into an empty project it can be imported, and the command trains', (context) => {
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true }\n');
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const installed = npm(folder, 'install', ...flags, join(folder, packed.filename));
  if (installed.status !== 0 && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(installed.stderr)) {
    context.skip('the registry cannot be reached');
    return;
  }
  assert.equal(installed.status, 0, installed.stderr);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const cover = (...argv: string[]) => npm(folder, 'exec', '--no', '--', 'cover', ...argv);
  assert.equal(cover('--version').stdout.trim(), version);
  const program = "const { pretrain } = await import('cover-ts'); console.log(typeof pretrain);";
  const imported = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(imported.stdout.trim(), 'function', imported.stderr);
  const demo = cover('demo', '--steps', '2', '--out', join(folder, 'demo'));
  assert.equal(demo.status, 0, demo.stderr);
  assert.match(demo.stdout, /Endpoint error/);
});
