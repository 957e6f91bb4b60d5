/**
 * A volume as one image: its slices lie below one another, with rows of zeros between them. What is a slice away along
 * the depth is as many rows away as a slice has, so the taps of one row of a 3D kernel are a 2D kernel that is dilated
 * along the rows, and the convolution in 3D is the sum of one in 2D for each row.
 */
import type { Attributes, Value } from '../graph.js';
import { pad, reshape, slice } from '../ops/arrange.js';

/** @param x `[N, C, D, H, W]` @param gap rows between slices @returns `[N, C, D · (H + gap), W]` */
export function stacked(x: Value, gap: number): Value {
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const apart = pad(x, [0, 0, 0, 0, 0], [0, 0, 0, gap, 0]);
  return reshape(apart, [batch, channels, depth * (height + gap), width]);
}

/** The volume of a stack. @param depth how many slices there are */
export function unstacked(y: Value, depth: number, gap: number): Value {
  const [batch, channels, rows, width] = y.shape as [number, number, number, number];
  const height = rows / depth - gap;
  return slice(reshape(y, [batch, channels, depth, height + gap, width]), [3], [0], [height]);
}

/**
 * The convolutions of a stack that add up to one of the volume.
 * @param weight `[O, C, ...k]`, k odd; the gap is half of its rows, which it reaches beyond a slice
 * @param height rows of a slice
 */
export function rowKernels(
  weight: Value,
  height: number,
): { readonly weight: Value; readonly attributes: Attributes }[] {
  const [out, channels, deep, rows, columns] = weight.shape as [number, number, number, number, number];
  const [front, above, left] = [(deep - 1) / 2, (rows - 1) / 2, (columns - 1) / 2];
  const apart = height + above;
  return Array.from({ length: rows }, (_, row) => {
    const [before, after] = [front * apart + above - row, front * apart - above + row];
    return {
      weight: reshape(slice(weight, [3], [row], [row + 1]), [out, channels, deep, columns]),
      attributes: { kernel_shape: [deep, columns], pads: [before, left, after, left], dilations: [apart, 1] },
    };
  });
}
