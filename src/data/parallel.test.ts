import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { mapLimited } from './parallel.js';

test('results keep their order and no more than the limit run at once', async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimited([30, 1, 20, 2, 5], 2, async (delay, index) => {
    most = Math.max(most, ++running);
    await setTimeout(delay);
    running--;
    return index * 10;
  });
  assert.deepEqual(results, [0, 10, 20, 30, 40]);
  assert.equal(most, 2);
  assert.deepEqual(await mapLimited([], 2, async () => 1), []);
});

test('the first error is thrown and nothing more starts', async () => {
  const started: number[] = [];
  const run = mapLimited([0, 1, 2, 3], 1, async (item) => {
    started.push(item);
    if (item === 1) throw new Error('no');
  });
  await assert.rejects(run, /^Error: no$/);
  assert.deepEqual(started, [0, 1]);
});
