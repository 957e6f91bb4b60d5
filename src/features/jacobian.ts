/**
 * Whether a displacement field folds: the Jacobian determinant of `p ↦ p + field(p)`. It is the factor by which the map
 * stretches a small area or volume around p; where it is not positive, the map turns space inside out.
 */
import { sizeOf, stridesOf, type Tensor, tensor } from '../core/tensor.js';

/**
 * Derivatives are central differences, at the border one-sided. An axis of one pixel has no derivative.
 * @param field `[nd, ...S]` in pixels, component order = axis order
 * @returns `[1, ...S]`
 * @example jacobianDeterminants(tensor([2, 8, 8])).data[0] // 1: a zero field changes nothing
 */
export function jacobianDeterminants({ shape, data }: Tensor): Tensor {
  const grid = shape.slice(1);
  const dims = grid.length;
  const strides = stridesOf(grid);
  const size = sizeOf(grid);
  const result = tensor([1, ...grid]);
  const matrix = new Float64Array(dims * dims);
  for (let pixel = 0; pixel < size; pixel++) {
    for (let axis = 0; axis < dims; axis++) {
      const stride = strides[axis]!;
      const at = Math.floor(pixel / stride) % grid[axis]!;
      const before = at > 0 ? pixel - stride : pixel;
      const after = at < grid[axis]! - 1 ? pixel + stride : pixel;
      const steps = (after - before) / stride;
      for (let component = 0; component < dims; component++) {
        const rise = data[component * size + after]! - data[component * size + before]!;
        matrix[component * dims + axis] = (component === axis ? 1 : 0) + (steps > 0 ? rise / steps : 0);
      }
    }
    result.data[pixel] = determinant(matrix);
  }
  return result;
}

/** The share of pixels at which a field folds: those with a determinant of 0 or less, or one that is no number. */
export function foldedShare(field: Tensor): number {
  const { data } = jacobianDeterminants(field);
  return data.reduce((count, value) => count + (value > 0 ? 0 : 1), 0) / data.length;
}

/** Of 2 × 2 or 3 × 3 values, row by row. */
function determinant(m: Float64Array): number {
  if (m.length === 4) return m[0]! * m[3]! - m[1]! * m[2]!;
  return (
    m[0]! * (m[4]! * m[8]! - m[5]! * m[7]!) -
    m[1]! * (m[3]! * m[8]! - m[5]! * m[6]!) +
    m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!)
  );
}
