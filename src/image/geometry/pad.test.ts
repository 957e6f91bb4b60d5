import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { divisibleShape, padEdge } from './pad.js';

test('the last row and column of each channel are repeated', () => {
  const input = tensor([2, 2, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const padded = padEdge(input, [3, 4]);
  assert.deepEqual(padded.shape, [2, 3, 4]);
  assert.deepEqual([...padded.data.subarray(0, 12)], [1, 2, 2, 2, 3, 4, 4, 4, 3, 4, 4, 4]);
  assert.deepEqual([...padded.data.subarray(12)], [5, 6, 6, 6, 7, 8, 8, 8, 7, 8, 8, 8]);
});

test('nothing to add gives the input itself, and nothing is cut', () => {
  const input = tensor([1, 2, 2]);
  assert.equal(padEdge(input, [2, 2]), input);
  assert.throws(() => padEdge(input, [1, 2]), /internal/);
});

test('extents are rounded up to the divisor', () => {
  assert.deepEqual(divisibleShape([1, 16, 17], 16), [16, 16, 32]);
});
