/**
 * Warping by a displacement field, `warp(src, psi)(p) = src(p + psi(p))` (paper: Self-Vector Regression): linear
 * interpolation, zero outside of the source, the aligned convention (a zero field is the identity). Any number of
 * spatial axes.
 */
import { invariant } from '../core/errors.js';
import { sizeOf, stridesOf, type Tensor } from '../core/tensor.js';
import { forEachRow, type Region, wholeRegion } from './region.js';

/**
 * Warps every channel of `source` by one field.
 * @param source `[C, ...S]`
 * @param field `[nd, ...size]` displacements in pixels, component order = axis order
 * @param region the window of the grid S that the field lives on; the whole grid by default
 * @returns `[C, ...size]`
 */
export function warpLinear(
  source: Tensor,
  field: Float32Array,
  region: Region = wholeRegion(source.shape.slice(1)),
): Float32Array {
  const [channels, ...shape] = source.shape as [number, ...number[]];
  const dims = shape.length;
  const { start, size } = region;
  const plane = sizeOf(shape);
  const count = sizeOf(size);
  invariant(field.length === dims * count, `a field of ${field.length} values for ${dims} axes and ${count} pixels`);
  const { data } = source;
  const strides = stridesOf(shape);
  const row = size.at(-1)!;
  const warped = new Float32Array(channels * count);
  // The corners of the cell around one source position that lie inside of the grid: flat offsets and weights.
  const offsets = new Int32Array(2 ** dims);
  const weights = new Float64Array(2 ** dims);
  let pixel = 0;
  forEachRow(size, (index) => {
    for (let column = 0; column < row; column++, pixel++) {
      let corners = 1;
      offsets[0] = 0;
      weights[0] = 1;
      for (let axis = 0; axis < dims && corners > 0; axis++) {
        const own = axis === dims - 1 ? column : index[axis]!;
        const position = start[axis]! + own + field[axis * count + pixel]!;
        const lower = Math.floor(position);
        const share = position - lower;
        const extent = shape[axis]!;
        const lowerInside = lower >= 0 && lower < extent;
        const upperInside = share > 0 && lower >= -1 && lower < extent - 1;
        const stride = strides[axis]!;
        if (lowerInside && upperInside) {
          for (let corner = 0; corner < corners; corner++) {
            const offset = offsets[corner]! + lower * stride;
            const weight = weights[corner]!;
            offsets[corner] = offset;
            weights[corner] = weight * (1 - share);
            offsets[corners + corner] = offset + stride;
            weights[corners + corner] = weight * share;
          }
          corners *= 2;
        } else if (lowerInside || upperInside) {
          const at = lowerInside ? lower : lower + 1;
          const factor = lowerInside ? 1 - share : share;
          for (let corner = 0; corner < corners; corner++) {
            offsets[corner]! += at * stride;
            weights[corner]! *= factor;
          }
        } else corners = 0;
      }
      for (let channel = 0; channel < channels; channel++) {
        const base = channel * plane;
        let sum = 0;
        for (let corner = 0; corner < corners; corner++) sum += weights[corner]! * data[base + offsets[corner]!]!;
        warped[channel * count + pixel] = sum;
      }
    }
  });
  return warped;
}
