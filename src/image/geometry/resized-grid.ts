/** The grid of a volume that was resized: the same box in the patient, cut into other voxels. */
import { multiply } from './affine.js';
import type { Grid } from './orientation.js';

/**
 * @param shape the new extents [z, y, x]; the outer faces of the voxels stay where they are, as `resizeLinear` has it
 */
export function resizedGrid({ shape: before, affine }: Grid, shape: Grid['shape']): Grid {
  const toOld = new Array<number>(16).fill(0);
  toOld[15] = 1;
  for (let index = 0; index < 3; index++) {
    const scale = before[2 - index]! / shape[2 - index]!;
    toOld[5 * index] = scale;
    toOld[4 * index + 3] = (scale - 1) / 2;
  }
  return { shape, affine: multiply(affine, toOld) };
}
