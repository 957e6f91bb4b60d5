/** The Jacobian determinant on fields whose derivative is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionsOf, type Tensor, tensor } from '../core/tensor.js';
import { allClose } from '../testing/all-close.js';
import { foldedShare, jacobianDeterminants } from './jacobian.js';

/** A field `[nd, ...grid]` by a function of the position. */
function fieldOf(grid: readonly number[], vector: (...position: number[]) => number[]): Tensor {
  const vectors = positionsOf(grid).map((position) => vector(...position));
  return tensor([grid.length, ...grid], Float32Array.from(grid.flatMap((_, axis) => vectors.map((v) => v[axis]!))));
}

test('linear fields have their determinant everywhere, the border included', () => {
  const cases: [Tensor, number][] = [
    [fieldOf([5, 4], () => [3, -2]), 1],
    [fieldOf([5, 4], (y, x) => [0.5 * y + 0.25 * x, -0.5 * y + 0.75 * x]), 1.5 * 1.75 + 0.25 * 0.5],
    [fieldOf([4, 3, 5], (z, y, x) => [0.5 * z, -0.25 * y + 0.5 * x, 0.25 * z + x]), 1.5 * 0.75 * 2],
    // The rows [[1.5, 0.25, 0], [0, 1, 0.5], [0.25, 0, 2]].
    [fieldOf([3, 3, 3], (z, y, x) => [0.5 * z + 0.25 * y, 0.5 * x, 0.25 * z + x]), 1.5 * 2 + 0.25 * 0.5 * 0.25],
    [fieldOf([1, 6], (_, x) => [7, x]), 2],
  ];
  for (const [field, expected] of cases) {
    const { data } = jacobianDeterminants(field);
    allClose(data, new Float32Array(data.length).fill(expected), { absolute: 1e-5 });
    assert.equal(foldedShare(field), 0);
  }
});

test('a smooth field has the determinant of its derivative', () => {
  const [a, k] = [2, 0.2];
  const field = fieldOf([6, 40], (_, x) => [0, a * Math.sin(k * x)]);
  const found = jacobianDeterminants(field).data;
  // The central difference of sin is cos · sin(k) / k.
  const expected = Array.from({ length: 38 }, (_, x) => 1 + a * Math.sin(k) * Math.cos(k * (x + 1)));
  allClose(found.subarray(2 * 40 + 1, 2 * 40 + 39), expected, { absolute: 1e-5 });
});

test('a field that mirrors folds, one that collapses an axis does, and one that is half mirrored does by half', () => {
  assert.equal(foldedShare(fieldOf([4, 6], (_, x) => [0, -2 * x])), 1);
  assert.equal(foldedShare(fieldOf([4, 6, 3], (z) => [-z, 0, 0])), 1);
  // From column 3 on the central slope is −1 or less.
  assert.equal(foldedShare(fieldOf([3, 8], (_, x) => [0, x < 4 ? 0 : -2 * (x - 3)])), 5 / 8);
  assert.equal(foldedShare(fieldOf([2, 2], () => [Number.NaN, 0])), 1);
});
