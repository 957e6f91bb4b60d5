import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allClose } from '../../testing/all-close.js';
import { fieldInMillimetres } from '../formats/nifti/encode.js';
import { apply, invert, multiply } from './affine.js';
import { resizedGrid } from './resized-grid.js';

const affine = [0, -2, 0.1, 30, 1.5, 0, 0, -20, 0, 0.2, 3, 7, 0, 0, 0, 1];
const grid = { shape: [6, 4, 10], affine } as const;

test('a resized grid covers the same box', () => {
  const resized = resizedGrid(grid, [3, 8, 10]);
  const outer = ([depth, height, width]: readonly number[]) => [width! - 0.5, height! - 0.5, depth! - 0.5] as const;
  for (const corner of [
    [
      [-0.5, -0.5, -0.5],
      [-0.5, -0.5, -0.5],
    ],
    [outer(grid.shape), outer(resized.shape)],
  ] as const) {
    const [before, after] = [apply(grid.affine, corner[0]), apply(resized.affine, corner[1])];
    allClose(after, before, { absolute: 1e-9 });
  }
  assert.deepEqual(resizedGrid(grid, grid.shape).affine, [...affine]);
});

test('a field between two grids leads from a place of one to a place of the other', () => {
  const moving = { shape: grid.shape, affine: multiply(affine, [1.1, 0, 0, 2, 0, 0.9, 0, -1, 0, 0, 1, 3, 0, 0, 0, 1]) };
  const size = 6 * 4 * 10;
  const field = Float32Array.from({ length: 3 * size }, (_, index) => Math.sin(index));
  const millimetres = fieldInMillimetres(field, grid, moving);
  for (const [z, y, x] of [
    [0, 0, 0],
    [5, 2, 7],
  ] as const) {
    const at = (z * 4 + y) * 10 + x;
    const place = apply(affine, [x, y, z]);
    const [left, posterior, superior] = [millimetres[at]!, millimetres[size + at]!, millimetres[2 * size + at]!];
    const found = apply(invert(moving.affine), [place[0] - left, place[1] - posterior, place[2] + superior]);
    const expected = [x + field[2 * size + at]!, y + field[size + at]!, z + field[at]!];
    allClose(found, expected, { absolute: 1e-4 });
  }
});
