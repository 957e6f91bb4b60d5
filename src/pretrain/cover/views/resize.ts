/**
 * Linear resizing of an image before the views are drawn (paper: Self-Vector Regression): half-pixel centres, clamped
 * border, no antialiasing, as in `cv2.resize` and in `interpolate(align_corners = false)`. One axis after another, so
 * any number of spatial axes.
 */
import { sizeOf, type Tensor } from '../../../core/tensor.js';

/**
 * Resizes every channel of an image.
 * @param image `[C, ...S]`
 * @param shape the new extents `[...T]` in pixels
 * @returns `[C, ...T]`; the image itself where no extent changes
 */
export function resizeLinear(image: Tensor, shape: readonly number[]): Tensor {
  let resized = image;
  for (let axis = 0; axis < shape.length; axis++) resized = resizeAxis(resized, axis + 1, shape[axis]!);
  return resized;
}

function resizeAxis(image: Tensor, axis: number, extent: number): Tensor {
  const before = image.shape[axis]!;
  if (before === extent) return image;
  const outer = sizeOf(image.shape.slice(0, axis));
  const inner = sizeOf(image.shape.slice(axis + 1));
  const { data } = image;
  const resized = new Float32Array(outer * extent * inner);
  const scale = before / extent;
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < extent; i++) {
      const position = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), before - 1);
      const lower = Math.floor(position);
      const share = position - lower;
      const from = (block * before + lower) * inner;
      const next = (block * before + Math.min(lower + 1, before - 1)) * inner;
      const to = (block * extent + i) * inner;
      for (let j = 0; j < inner; j++) resized[to + j] = data[from + j]! * (1 - share) + data[next + j]! * share;
    }
  }
  return { shape: image.shape.map((size, index) => (index === axis ? extent : size)), data: resized };
}
