/**
 * How the features of two pixels are correlated, by the distance between the pixels. Over-dispersed features lose it
 * within a few pixels, although the pixels belong to one organ; continuous features lose it slowly.
 */
import { stridesOf, type Tensor } from '../../core/tensor.js';

/**
 * @param features `[C, ...S]`; each channel's mean is taken off
 * @param distances whole pixels
 * @returns for each distance d the sum over all pairs of pixels d apart along an axis of the inner products, divided by
 * the root of the sums of their squares: −1 … 1; null where no axis is as long or the features are constant
 */
export function spatialCorrelation({ shape, data }: Tensor, distances: readonly number[]): (number | null)[] {
  const [channels, ...grid] = shape as [number, ...number[]];
  const size = data.length / channels;
  const strides = stridesOf(grid);
  const centred = new Float64Array(data.length);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let at = c * size; at < (c + 1) * size; at++) sum += data[at]!;
    for (let at = c * size; at < (c + 1) * size; at++) centred[at] = data[at]! - sum / size;
  }
  return distances.map((distance) => {
    let [product, first, second] = [0, 0, 0];
    grid.forEach((extent, axis) => {
      const stride = strides[axis]!;
      for (let pixel = 0; pixel < size; pixel++) {
        if ((Math.floor(pixel / stride) % extent) + distance >= extent) continue;
        for (let c = 0; c < channels; c++) {
          const a = centred[c * size + pixel]!;
          const b = centred[c * size + pixel + distance * stride]!;
          product += a * b;
          first += a * a;
          second += b * b;
        }
      }
    });
    const bound = Math.sqrt(first * second);
    return bound > 0 ? product / bound : null;
  });
}
