/**
 * Which pixels of the fixed view have a source in the moving view (paper: Losses; the losses count these alone).
 * `closed` takes both borders as inside; `reference` reproduces the release, which takes the location 0 as outside.
 */
import { sizeOf } from '../core/tensor.js';
import { forEachRow } from './region.js';

export type MaskConvention = 'closed' | 'reference';

/**
 * The 0/1 mask of the pixels whose source `p + psi(p)` lies inside of the crop.
 * @param field `[nd, ...shape]` displacements in pixels
 * @param shape `[...S]`, the crop's extents
 * @returns `[...S]`, 1 where `0 <= p + psi(p) <= S - 1` along every axis
 */
export function validMask(
  field: Float32Array,
  shape: readonly number[],
  options: { readonly convention?: MaskConvention } = {},
): Float32Array {
  const inside = options.convention === 'reference' ? insideReference : insideClosed;
  const count = sizeOf(shape);
  const last = shape.length - 1;
  const row = shape[last]!;
  const mask = new Float32Array(count).fill(1);
  let pixel = 0;
  forEachRow(shape, (index) => {
    for (let axis = 0; axis <= last; axis++) {
      const extent = shape[axis]!;
      const from = axis * count + pixel;
      for (let column = 0; column < row; column++) {
        const own = axis === last ? column : index[axis]!;
        if (!inside(own, field[from + column]!, extent)) mask[pixel + column] = 0;
      }
    }
    pixel += row;
  });
  return mask;
}

function insideClosed(own: number, displacement: number, extent: number): boolean {
  const location = own + displacement;
  return location >= 0 && location <= extent - 1;
}

/** Decided in float32 on the location divided by S − 1, as the release does. */
function insideReference(own: number, displacement: number, extent: number): boolean {
  const relative = Math.fround(Math.fround(own + displacement) / (extent - 1));
  return relative > 0 && relative <= 1;
}
