/**
 * Making an axis shorter with a low-pass filter: each new pixel is an average of the old ones around its centre,
 * weighted by a triangle that reaches as far as its neighbours' centres. At the scale 1 that is linear interpolation,
 * and above it takes away what the shorter axis cannot hold. The same weights as `antialias=True` in PyTorch and
 * bilinear reduction in Pillow: at the border the weights that are left are brought to a sum of 1.
 */
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';

/**
 * @param input [C, ...S]
 * @param axis of the tensor, 1 or above
 * @param centres of the new pixels among the old ones; they may lie up to half a new pixel outside
 * @param scale how many old pixels a new one covers, at least 1
 * @returns the axis with as many pixels as there are centres
 */
export function reduceAxis(input: Tensor, axis: number, centres: Float64Array, scale: number): Tensor {
  const before = input.shape[axis]!;
  const outer = sizeOf(input.shape.slice(0, axis));
  const inner = sizeOf(input.shape.slice(axis + 1));
  const extent = centres.length;
  const taps = Array.from(centres, (centre) => weightsAround(centre, scale, before));
  const data = new Float32Array(outer * extent * inner);
  const add = inner === 1 ? addPixels : addRows;
  for (let block = 0; block < outer; block++) {
    const values = input.data.subarray(block * before * inner, (block + 1) * before * inner);
    add(values, taps, data.subarray(block * extent * inner, (block + 1) * extent * inner));
  }
  return tensor(input.shape.with(axis, extent), data);
}

interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Along the last axis: pixel by pixel. */
function addPixels(values: Float32Array, taps: readonly Taps[], into: Float32Array): void {
  for (const [index, { first, weights }] of taps.entries()) {
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap++) sum += weights[tap]! * values[first + tap]!;
    into[index] = sum;
  }
}

/** Along another axis: rows of pixels. */
function addRows(values: Float32Array, taps: readonly Taps[], into: Float32Array): void {
  const inner = into.length / taps.length;
  const sums = new Float64Array(inner);
  for (const [index, { first, weights }] of taps.entries()) {
    sums.fill(0);
    for (let tap = 0; tap < weights.length; tap++) {
      const weight = weights[tap]!;
      const from = (first + tap) * inner;
      for (let element = 0; element < inner; element++) sums[element]! += weight * values[from + element]!;
    }
    into.set(sums, index * inner);
  }
}

/** The weights of the pixels from `first` on; their sum is 1. */
function weightsAround(centre: number, scale: number, extent: number): Taps {
  const first = Math.min(Math.max(0, Math.floor(centre - scale) + 1), extent - 1);
  const last = Math.max(Math.min(extent - 1, Math.ceil(centre + scale) - 1), first);
  const weights = Float64Array.from({ length: last - first + 1 }, (_, tap) =>
    Math.max(0, 1 - Math.abs(first + tap - centre) / scale),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  // A centre beyond the border by more than the triangle's reach takes the border.
  return { first, weights: sum > 0 ? weights.map((weight) => weight / sum) : weights.fill(1 / weights.length) };
}
