import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from '../core/errors.js';
import type { SampleKey } from './batch.js';
import { createLoader } from './loader.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-loader-'));
after(() => rmSync(folder, { recursive: true }));

function module(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

const random = new URL('../core/random.js', import.meta.url).href;
const samples = module(
  'samples.mjs',
  `import { randomStream } from '${random}';
  const kept = new Float32Array(3);
  export async function makeSample({ seed }, { epoch, sample }) {
    await new Promise((done) => setTimeout(done, (sample * 7) % 5));
    const draw = randomStream(seed, epoch, sample, 'test');
    for (let index = 0; index < 3; index++) kept[index] = draw.normal();
    return [kept, Float32Array.of(epoch, sample)];
  }`,
);

const describe = ({ sample }: SampleKey) => `scan-${sample}.png`;

function* schedule(): Generator<SampleKey[]> {
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let batch = 0; batch < 4; batch++) {
      yield Array.from({ length: 5 }, (_, index) => ({ epoch, sample: (batch * 5 + index * 3) % 20 }));
    }
  }
}

async function run(workers: number, prefetch = 2) {
  const loader = createLoader({ module: samples, context: { seed: 4 }, workers, prefetch });
  loader.schedule(schedule());
  const batches: { keys: readonly SampleKey[]; arrays: readonly Float32Array[] }[] = [];
  for (let batch = await loader.next(); batch; batch = await loader.next()) {
    assert.ok(batch.waitedMs >= 0);
    batches.push({ keys: batch.keys, arrays: batch.arrays });
  }
  await loader.close();
  return batches;
}

test('0, 1 and 3 workers give the same bits in the same order', async () => {
  const expected = await run(0);
  assert.equal(expected.length, 12);
  assert.deepEqual([expected[0]!.arrays[0]!.length, [...expected[5]!.arrays[1]!.slice(0, 4)]], [15, [1, 5, 1, 8]]);
  assert.notDeepEqual(expected[0]!.arrays[0]!.slice(0, 3), expected[0]!.arrays[0]!.slice(3, 6));
  assert.deepEqual(await run(1), expected);
  assert.deepEqual(await run(3), expected);
  assert.deepEqual(await run(3, 7), expected);
});

test('a batch out of turn, and a schedule that takes the place of another', async () => {
  for (const workers of [0, 2]) {
    const loader = createLoader({ module: samples, context: { seed: 4 }, workers });
    loader.schedule(schedule());
    const keys = [{ epoch: 9, sample: 1 }];
    assert.deepEqual([...(await loader.batch(keys))[1]!], [9, 1]);
    loader.schedule([keys]);
    assert.deepEqual((await loader.next())?.keys, keys);
    assert.equal(await loader.next(), undefined);
    assert.deepEqual(await loader.batch([]), []);
    await loader.close();
    await assert.rejects(loader.next(), /the loader is closed/);
  }
});

test('an error carries the sample, the file, the stage and the cause; the loader goes on', async () => {
  const errors = new URL('../core/errors.js', import.meta.url).href;
  const failing = module(
    'failing.mjs',
    `import { InputError } from '${errors}';
    export function makeSample(context, { sample }) {
      if (sample === 3) throw new InputError('image', 'scan-3.png: cut short', 'Copy it again.');
      return [Float32Array.of(sample)];
    }`,
  );
  for (const workers of [0, 2]) {
    const loader = createLoader({ module: failing, context: null, workers, describe });
    loader.schedule([[2, 3], [4]].map((batch) => batch.map((sample) => ({ epoch: 1, sample }))));
    await assert.rejects(loader.next(), (error) => {
      assert.ok(error instanceof InputError && error.cause instanceof InputError);
      assert.equal(error.code, 'image');
      assert.match(
        error.message,
        /^sample 3 of epoch 1 \(scan-3\.png\): making the sample failed: scan-3\.png: cut short/,
      );
      assert.match(error.cause.message, /Copy it again/);
      assert.match(error.cause.stack ?? '', /failing\.mjs/);
      return true;
    });
    assert.deepEqual([...(await loader.next())!.arrays[0]!], [4]);
    await loader.close();
  }
});

test('a missing module, a missing function, wrong fields and uneven fields are told', async () => {
  const cases = [
    [join(folder, 'absent.mjs'), /importing the sample module failed: .*absent\.mjs/],
    [module('empty.mjs', 'export const a = 1;'), /empty\.mjs exports no function makeSample/],
    [
      module('wrong.mjs', 'export const makeSample = () => [[1, 2]];'),
      /making the sample failed: expected a list of Float32Array/,
    ],
    [
      module('uneven.mjs', 'export const makeSample = (_, { sample }) => [new Float32Array(sample)];'),
      /sample 2 of epoch 0: joining the batch failed: expected fields of \[1\] values .* found \[2\]/,
    ],
  ] as const;
  for (const [path, message] of cases) {
    for (const workers of [0, 1]) {
      const loader = createLoader({ module: path, context: {}, workers });
      const keys = [1, 2].map((sample) => ({ epoch: 0, sample }));
      await assert.rejects(loader.batch(keys), { code: 'data', message });
      await loader.close();
    }
  }
});

test('a worker that ends by itself fails what is under way and what follows', async () => {
  const ending = module('ending.mjs', 'export const makeSample = () => process.exit(7);');
  const loader = createLoader({ module: ending, context: {}, workers: 2, describe });
  const keys = Array.from({ length: 9 }, (_, sample) => ({ epoch: 0, sample }));
  await assert.rejects(loader.batch(keys), /\(scan-\d\.png\): running the loader thread failed: .* exit code 7/);
  await assert.rejects(loader.batch(keys), /exit code 7/);
  await loader.close();
});

test('closing with batches under way ends the threads', async () => {
  const loader = createLoader({ module: samples, context: { seed: 0 }, workers: 2 });
  loader.schedule(schedule());
  const waiting = assert.rejects(loader.next(), /the loader was closed/);
  await loader.close();
  await waiting;
});

test('a wrong number of workers is refused', () => {
  for (const workers of [-1, 1.5]) {
    assert.throws(() => createLoader({ module: samples, context: {}, workers }), { code: 'config' });
  }
});
