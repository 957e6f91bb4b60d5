/** The valid mask at the borders, in both conventions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validMask } from './mask.js';

test('a zero field: every pixel is valid when closed; the first row and column are not in the release', () => {
  const zero = new Float32Array(2 * 3 * 3);
  assert.deepEqual(validMask(zero, [3, 3]), new Float32Array(9).fill(1));
  assert.deepEqual(validMask(zero, [3, 3], { convention: 'reference' }), Float32Array.of(0, 0, 0, 0, 1, 1, 0, 1, 1));
});

test('a source on the far border is inside, a little further is outside', () => {
  const field = Float32Array.of(0, 0, 0, 0, 1, 1.5, 0, 0);
  const rest = Float32Array.of(0, 0, 0, 0, 1, 0.25, 1, -2.25);
  for (const values of [field, rest]) assert.equal(validMask(values, [2, 2]).length, 4);
  assert.deepEqual(validMask(field, [2, 2]), Float32Array.of(1, 0, 1, 1));
  assert.deepEqual(validMask(rest, [2, 2]), Float32Array.of(1, 0, 1, 0));
});

test('a displacement that is not a number is not valid', () => {
  assert.deepEqual(validMask(Float32Array.of(0, 0, 0, Number.NaN), [1, 2]), Float32Array.of(1, 0));
});
