import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, positionOnGrid } from './grid-position.js';
import { resizedGrid } from './resized-grid.js';

const grid = { shape: [4, 6, 8], affine: [2, 0, 0, 10, 0, 3, 0, -5, 0, 0, 4, 1, 0, 0, 0, 1] } as const;

test('a place in the patient and on another grid', () => {
  assert.deepEqual(placeOf([1, 2, 3], grid), [16, 1, 5]);
  // Half as many voxels along z, twice as many along x: the outer faces stay.
  const other = resizedGrid(grid, [2, 6, 16]);
  const found = positionOnGrid([0.5, 2, 0], grid, other);
  [0, 2, 0.5].forEach((expected, axis) => {
    assert.ok(Math.abs(found[axis]! - expected) < 1e-12, `${found}`);
  });
  positionOnGrid(found, other, grid).forEach((value, axis) => {
    assert.ok(Math.abs(value - [0.5, 2, 0][axis]!) < 1e-12);
  });
});
