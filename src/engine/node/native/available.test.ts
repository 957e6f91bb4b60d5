/** What the environment says of operators of ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ownOperatorsWork, vectorsOf } from './available.js';

const targetWith = (asked: string) => runWith(asked, '../target.js', "console.log(it.targetOf('cpu'))");
const runWith = (asked: string, module: string, statement: string) => {
  const code = `import * as it from ${JSON.stringify(new URL(module, import.meta.url).href)}; ${statement};`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, COVER_KERNELS: asked },
  });
};

test('COVER_KERNELS=off does without operators of ours, empty or on uses them where they work', () => {
  const without = process.arch === 'x64' ? 'x64' : 'cpu';
  const withThem = ownOperatorsWork() ? 'own' : without;
  assert.deepEqual(
    ['off', '', 'on', 'avx2'].map((asked) => targetWith(asked).stdout.trim()),
    [without, withThem, withThem, withThem],
  );
});

test('another word for COVER_KERNELS is refused, with those that there are', () => {
  const { status, stderr } = targetWith('no');
  assert.notEqual(status, 0);
  assert.match(stderr, /expected the environment variable COVER_KERNELS to be on, avx2 or off, found "no"/);
});

test('an engine that is to start refuses it with what to do', () => {
  const { status, stderr } = runWith('no', '../index.js', "await it.startEngine({ device: 'cpu' })");
  assert.notEqual(status, 0);
  assert.match(stderr, /found "no"\n {2}Leave it out to use the operators of ours where they work\./);
  assert.doesNotMatch(stderr, /npm ci/);
});

test('vectors are those that the processor has, AVX2 only with FMA', () => {
  const of = (asked: 'on' | 'avx2', ...flags: string[]) => vectorsOf(new Set(flags), asked);
  assert.equal(of('on', 'avx2', 'fma', 'avx512f'), 'avx512');
  assert.equal(of('avx2', 'avx2', 'fma', 'avx512f'), 'avx2');
  assert.equal(of('on', 'avx2', 'fma'), 'avx2');
  assert.equal(of('on', 'avx2'), null);
  assert.equal(of('avx2', 'sse2'), null);
});
