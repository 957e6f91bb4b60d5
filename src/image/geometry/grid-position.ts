/** Places within volumes: from the voxels of one grid to the patient, and to the voxels of another grid. */
import { apply, invert, type Vector } from './affine.js';
import type { Grid } from './orientation.js';

type Position = readonly [number, number, number];

/** Where a voxel [z, y, x] lies in the patient: right, anterior, superior in mm. Fractions are allowed. */
export function placeOf([z, y, x]: Position, { affine }: Pick<Grid, 'affine'>): Vector {
  return apply(affine, [x, y, z]);
}

/** A place in voxels [z, y, x] of one grid, in those of another; it may lie outside of both. */
export function positionOnGrid(position: Position, from: Grid, to: Grid): [number, number, number] {
  if (from === to) return [...position];
  const [x, y, z] = apply(invert(to.affine), placeOf(position, from));
  return [z, y, x];
}
