/** Mirrored maps. */
import { stridesOf, type Tensor } from '../core/tensor.js';

/** The values of `[C, ...S]` mirrored along spatial axes (0 is the first after the channels). */
export function mirror({ shape, data }: Tensor, axes: readonly number[]): Float32Array {
  if (axes.length === 0) return data;
  const strides = stridesOf(shape);
  return Float32Array.from({ length: data.length }, (_, index) => {
    let from = index;
    for (const spatial of axes) {
      const axis = spatial + 1;
      const at = Math.floor(index / strides[axis]!) % shape[axis]!;
      from += (shape[axis]! - 1 - 2 * at) * strides[axis]!;
    }
    return data[from]!;
  });
}
