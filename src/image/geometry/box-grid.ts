/** The grid of a box of voxels of another one; it may reach beyond that. */
import { multiply } from './affine.js';
import type { Grid } from './orientation.js';

/** @param start the box's first voxel [z, y, x]; @param shape its extents */
export function boxGrid({ affine }: Grid, start: readonly number[], shape: Grid['shape']): Grid {
  const [z, y, x] = start as [number, number, number];
  return { shape, affine: multiply(affine, [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z, 0, 0, 0, 1]) };
}
