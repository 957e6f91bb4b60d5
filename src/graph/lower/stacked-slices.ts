/**
 * A volume as one image: its slices lie below one another, with rows of zeros between them. What is a slice away along
 * the depth is as many rows away as a slice has, so the taps of one row of a 3D kernel are a 2D kernel that is dilated
 * along the rows, and the convolution in 3D is the sum of one in 2D for each row.
 */
import type { Attributes, Shape, Value } from '../graph.js';
import { pad, reshape, slice } from '../ops/arrange.js';

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
  const [front, gap, left] = [(deep - 1) / 2, (rows - 1) / 2, (columns - 1) / 2];
  const apart = height + gap;
  const map = reshape(pad(x, [0, 0, 0, 0, 0], [0, 0, 0, gap, 0]), [batch, channels, depth * apart, width]);
  return Array.from({ length: rows }, (_, row) => {
    // Each kernel reads as many rows further on as its taps lie from the middle one.
    const [above, below] = [front * apart + gap - row, front * apart - gap + row];
    return {
      map,
      weight: reshape(slice(weight, [3], [row], [row + 1]), [out, channels, deep, columns]),
      attributes: { kernel_shape: [deep, columns], pads: [above, left, below, left], dilations: [apart, 1] },
    };
  });
}

/** The volume of a stack, or a map that is none. @param shape `[N, C, ...S]` */
export function unstacked(y: Value, shape: Shape): Value {
  if (shape.length === 4) return y;
  const [batch, channels, depth, height, width] = shape as [number, number, number, number, number];
  const apart = y.shape[2]! / depth;
  return slice(reshape(y, [batch, channels, depth, apart, width]), [3], [0], [height]);
}
