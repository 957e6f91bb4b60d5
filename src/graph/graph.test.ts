import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from './index.js';

test('integers are written whole, however large, and nothing else is', () => {
  const values = [0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 40) - 5, Number.MAX_SAFE_INTEGER];
  const graph = new Graph('plain');
  assert.deepEqual(graph.integers(values).node.data, BigInt64Array.from(values, BigInt));
  assert.equal(graph.integers(values), graph.integers(Float64Array.from(values)));
  for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => graph.integers([wrong]), /is no integer/);
  }
});
