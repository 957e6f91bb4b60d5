import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allClose } from '../../testing/all-close.js';
import { placeOf, positionOnGrid } from './grid-position.js';
import { resizedGrid } from './resized-grid.js';

const grid = { shape: [4, 6, 8], affine: [2, 0, 0, 10, 0, 3, 0, -5, 0, 0, 4, 1, 0, 0, 0, 1] } as const;

test('a place in the patient and on another grid', () => {
  assert.deepEqual(placeOf([1, 2, 3], grid), [16, 1, 5]);
  // Half as many voxels along z, twice as many along x: the outer faces stay.
  const other = resizedGrid(grid, [2, 6, 16]);
  const found = positionOnGrid([0.5, 2, 0], grid, other);
  allClose(found, [0, 2, 0.5], { absolute: 1e-12 });
  allClose(positionOnGrid(found, other, grid), [0.5, 2, 0], { absolute: 1e-12 });
});
