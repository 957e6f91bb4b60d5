import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { untouchedZeros } from './untouched-zeros.js';

/** KiB of a fresh process that keeps its memory, once it has 64 MiB of zeros more. */
function residentGrowth(zeros: string): number {
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    import { readFileSync } from 'node:fs';
    import { keepMemory } from ${url('./kept-memory.js')};
    import { untouchedZeros } from ${url('./untouched-zeros.js')};
    keepMemory();
    const resident = () => Number(/VmRSS:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const before = resident();
    const array = ${zeros}(2 ** 24);
    console.log(resident() - before + 0 * array.length);`;
  const given = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return Number(stdout);
}

test('large zeros take no memory before they are written', { skip: process.platform !== 'linux' }, () => {
  const grown = residentGrowth('untouchedZeros');
  assert.ok(grown < 8 * 1024, `${grown} KiB`);
});

test('they are zeros of the length that was asked for, and can be written', () => {
  for (const count of [0, 1, 2 ** 20 - 1, 2 ** 20 + 1, 3_000_001]) {
    const zeros = untouchedZeros(count);
    assert.equal(zeros.length, count);
    assert.ok(zeros.every((value) => value === 0));
    zeros.fill(1);
    assert.equal(zeros.at(-1), count > 0 ? 1 : undefined);
  }
});
