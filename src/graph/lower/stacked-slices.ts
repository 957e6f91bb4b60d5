/**
 * A volume as one image: its slices lie below one another. What is a slice away along the depth is as many rows away as
 * a slice has, so the taps of one row of a 3D kernel are a 2D kernel that is dilated along the rows. The convolution in
 * 3D is the sum of one in 2D for each row of the kernel, of the volume whose rows are moved by it.
 */
import type { Attributes, Value } from '../graph.js';
import { reshape, shift, slice } from '../ops/arrange.js';

/** What adds up to a convolution: of a map `[N, C, H, W]`, by a weight `[O, C, ...k]`. */
export interface PlaneConv {
  readonly map: Value;
  readonly weight: Value;
  readonly attributes: Attributes;
}

/** @param x `[N, C, D, H, W]` @param weight `[O, C, ...k]`, k odd */
export function ofStackedSlices(x: Value, weight: Value): PlaneConv[] {
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const [out, , deep, rows, columns] = weight.shape as [number, number, number, number, number];
  const [front, above, left] = [(deep - 1) / 2, (rows - 1) / 2, (columns - 1) / 2];
  const pads = [front * height, left, front * height, left];
  const attributes = { kernel_shape: [deep, columns], pads, dilations: [height, 1] };
  return Array.from({ length: rows }, (_, row) => ({
    map: reshape(shift(x, 3, above - row), [batch, channels, depth * height, width]),
    weight: reshape(slice(weight, [3], [row], [row + 1]), [out, channels, deep, columns]),
    attributes,
  }));
}
