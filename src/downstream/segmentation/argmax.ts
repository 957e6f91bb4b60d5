/** From probabilities to classes. */
import { sizeOf, type Tensor } from '../../core/tensor.js';
import type { Labels } from '../data/index.js';

/** The class of the highest probability of every pixel; the first of equal ones. @param probabilities `[K, ...S]` */
export function argmax({ shape, data }: Tensor): Labels {
  const [classes, ...extents] = shape as [number, ...number[]];
  const count = sizeOf(extents);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (data[k * count + index]! > data[best * count + index]!) best = k;
    }
    labels[index] = best;
  }
  return { shape: extents, data: labels };
}
