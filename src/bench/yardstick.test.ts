/** What the benchmark asks of the machine, and how PyTorch is run beside us. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { benchCases } from './cases.js';
import { allocators, requireReaders, runYardstick } from './yardstick.js';

test('a Python without what reads the files of a case is refused before anything is measured', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  const asked = join(folder, 'asked');
  const python = (name: string, knows: string) => {
    const path = join(folder, name);
    const script = `#!/bin/sh\necho "$2" >> ${asked}\ncase "$2" in ${knows}) exit 0;; esac\nexit 1\n`;
    writeFileSync(path, script, { mode: 0o755 });
    return path;
  };
  const cases = (...names: string[]) => benchCases.filter(({ name }) => names.includes(name));
  try {
    const [both, images] = [python('both', '*PIL|*nibabel'), python('images', '*PIL')];
    requireReaders(both, cases('segment-2d-512', 'segment-3d', 'classify-1000'));
    assert.equal(readFileSync(asked, 'utf8'), 'import PIL\nimport nibabel\n');
    requireReaders(images, cases('segment-2d-512', '2d-128-b1'));
    assert.throws(() => requireReaders(images, cases('segment-2d-512', 'segment-3d')), {
      code: 'bench',
      message: /the module nibabel.*found none/,
    });
    rmSync(asked);
    requireReaders(python('none', 'nothing'), cases('2d-128-b1', 'finetune-3d-64-b1', 'embed-512'));
    assert.throws(() => readFileSync(asked), /ENOENT/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an allocator that is not there is refused, with those that are', () => {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, '--allocator', 'none'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /^error: --allocator none: expected one that this machine has\n {2}Allowed: plain/);
  assert.equal(allocators().plain, '');
});

test('an allocator is preloaded, and what a script prints last is what counts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  const python = join(folder, 'python');
  const line = '{ \\"step\\": 1, \\"best_step\\": 1, \\"peak_rss_mib\\": 1, \\"found\\": \\"$LD_PRELOAD|$*\\" }';
  writeFileSync(python, `#!/bin/sh\necho warming up\necho "${line}"\n`, { mode: 0o755 });
  try {
    const [one] = benchCases.filter(({ name }) => name === 'embed-512');
    const found = async (preload: string) =>
      (await runYardstick({ python, script: 'it.py', preload }, one!)) as unknown as { readonly found: string };
    assert.match(
      (await found('')).found,
      /^\|it\.py --dims 2 --size 512 --batch 1 --steps 7 .*--task embed --warmups 2$/,
    );
    assert.match((await found(join(folder, 'absent.so'))).found, /absent\.so\|it\.py/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
