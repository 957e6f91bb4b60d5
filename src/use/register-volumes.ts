/**
 * The field of a registration on the voxels of the files. Where the network saw volumes at a spacing of its own
 * (`data.spacing`), the field lies on those voxels; what is warped, and what it is compared with, lies on the files'.
 */
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { VolumeInput } from '../data/input.js';
import { type Grid, positionOnGrid, resampleData } from '../image/index.js';

/**
 * @param field `[3, z, y, x]` on the grid of `fixed`: voxel p is `p + field(p)` on the grid of `moving`
 * @returns the same from the stored voxels of `fixed` (in RAS) to those of `moving`, `[3, z, y, x]`
 */
export function fieldOnStored(field: Tensor, moving: VolumeInput, fixed: VolumeInput): Tensor {
  if (moving.grid === moving.stored && fixed.grid === fixed.stored) return field;
  const seen = resampleData(field.data, fixed.grid, fixed.stored, 'linear');
  const { shape } = fixed.stored;
  const count = sizeOf(shape);
  const result = tensor([3, ...shape]);
  const [toSeen, toStored] = [alongAxes(fixed.stored, fixed.grid), alongAxes(moving.grid, moving.stored)];
  let pixel = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, pixel++) {
        const own = [z, y, x];
        for (let axis = 0; axis < 3; axis++) {
          const at = axis * count + pixel;
          const place = toSeen[axis]!(own[axis]!) + seen[at]!;
          result.data[at] = toStored[axis]!(place) - own[axis]!;
        }
      }
    }
  }
  return result;
}

/** For grids that differ in their spacing alone: the place of a voxel of one on the other, along each axis. */
function alongAxes(from: Grid, to: Grid): ((at: number) => number)[] {
  const origin = positionOnGrid([0, 0, 0], from, to);
  const one = positionOnGrid([1, 1, 1], from, to);
  return origin.map((first, axis) => (at: number) => first + at * (one[axis]! - first));
}
