/**
 * A convolution in 3D as one in 2D over the slices of a volume, for a device whose 3D convolution computes each element
 * by a thread of its own while its 2D convolution computes tiles. The taps along the depth become channels: of the
 * input, stacked before the convolution, or of the output, moved and added up behind it, whichever are fewer.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { concat, gather, pad, reshape, shift, slice, transpose } from '../ops/arrange.js';
import { add } from '../ops/elementwise.js';
import { conv2d } from './whole-channels.js';

/** @param parts `[N, C, ...S]` together, of two axes or three */
export function convBySlices(parts: readonly Value[], weight: Value, bias?: Value): Value {
  const x = concat(parts, 1);
  if (x.shape.length === 4) return conv2d(x, weight, bias);
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const [out, , deep, ...kernel] = weight.shape as [number, number, number, ...number[]];
  const shape = [batch, out, depth, height, width];
  if (deep * sizeOf(kernel) === 1) {
    const flat = reshape(x, [batch, channels, depth * height, width]);
    return reshape(conv2d(flat, reshape(weight, [out, channels, 1, 1]), bias), shape);
  }
  const plane = height * width;
  const slices = transpose(reshape(x, [batch, channels, depth, plane]), [0, 2, 1, 3]);
  const swapped = (map: Value) => reshape(transpose(map, [0, 2, 1, 3]), shape);
  const stacks = (map: Value, stacked: number) => reshape(map, [batch * depth, stacked, height, width]);
  const half = (deep - 1) / 2;
  if (channels <= out) {
    const around = [0, half, 0, 0];
    const taps = Array.from({ length: depth * deep }, (_, index) => Math.floor(index / deep) + (index % deep));
    const neighbours = gather(pad(slices, around, around), x.graph.integers(taps), 1);
    const ofTaps = reshape(transpose(weight, [0, 2, 1, 3, 4]), [out, deep * channels, ...kernel]);
    const y = conv2d(stacks(neighbours, deep * channels), ofTaps, bias);
    return swapped(reshape(y, [batch, depth, out, plane]));
  }
  const ofTaps = reshape(transpose(weight, [2, 0, 1, 3, 4]), [deep * out, channels, ...kernel]);
  const y = reshape(conv2d(stacks(slices, channels), ofTaps), [batch, depth, deep * out, plane]);
  const sum = Array.from({ length: deep }, (_, tap) => {
    return shift(slice(y, [2], [tap * out], [(tap + 1) * out]), 1, half - tap);
  }).reduce((a, b) => add(a, b));
  return swapped(bias ? add(sum, reshape(bias, [out, 1])) : sum);
}
