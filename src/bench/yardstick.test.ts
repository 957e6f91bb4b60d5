import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { benchCases } from './cases.js';
import { requireReaders } from './yardstick.js';

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
