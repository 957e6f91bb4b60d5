/** An image as a picture of a chosen size: gray or in colour, smoothly resized, with places marked on it. */
import type { Tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/geometry/resize.js';
import { percentile } from '../image/percentile.js';
import { DENSITY, type Picture, paint, picture, setPixel } from './canvas.js';
import { type Colour, level } from './colour.js';

export interface PhotoOptions {
  /** The longer side of the picture, in pixels. */
  readonly side: number;
  /** The values that are black and white; by default those of `displayRange`. */
  readonly range?: readonly [number, number];
  /** Colours of the values of a single channel, 0 … 1; gray by default. */
  readonly map?: (value: number) => Colour;
}

/** A pixel of an image is no larger than so many of its picture, unless the picture has no place for a title then. */
const MAGNIFIED = 8;
const NARROWEST = 192;

/** The longer side of pictures of an image of these extents. @param widest in pixels of a page */
export function cellSide(extents: readonly number[], widest: number): number {
  return Math.min(widest * DENSITY, Math.max(NARROWEST * DENSITY, MAGNIFIED * Math.max(...extents)));
}

/** The extents `[H, W]` of a picture whose longer side is `side`, in the image's proportions. */
export function photoShape([height, width]: readonly [number, number], side: number): [number, number] {
  const scale = side / Math.max(height, width);
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}

/** @param image `[1, H, W]` or `[3, H, W]` */
export function photo(image: Tensor, { side, range = displayRange([image]), map }: PhotoOptions): Picture {
  const [height, width] = photoShape(image.shape.slice(1) as [number, number], side);
  const { shape, data } = resizeLinear(averaged(image, [height, width]), [height, width]);
  const pixels = height * width;
  const value = (index: number) => (data[index]! - range[0]) / (range[1] - range[0] || 1);
  if (shape[0] !== 3 && map) return paint(height, width, (row, column) => map(value(row * width + column)));
  const result = picture(height, width);
  const apart = shape[0] === 3 ? pixels : 0;
  for (let pixel = 0, at = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) result.data[at++] = level(value(channel * apart + pixel));
  }
  return result;
}

/**
 * Halves the image while it is at least twice as large as wanted: each pixel is the mean of four, so nothing is
 * skipped.
 */
function averaged(image: Tensor, [height, width]: readonly [number, number]): Tensor {
  let result = image;
  while (result.shape[1]! >= 2 * height && result.shape[2]! >= 2 * width) {
    const [rows, columns] = [Math.floor(result.shape[1]! / 2), Math.floor(result.shape[2]! / 2)];
    result = resizeLinear(result, [rows, columns]);
  }
  return result;
}

/** Below this percentile all values, above that one all that exceed the least, are black and white. */
const [DARKEST, BRIGHTEST] = [1, 99.5] as const;

/**
 * The values that are shown as black and white, for images that share their range: between percentiles, so that a
 * marker of a few bright pixels does not darken all others. The background, which has the least value, does not count
 * for the upper end.
 */
export function displayRange(images: readonly Tensor[]): [number, number] {
  const values = (use: (value: number) => void) => {
    for (const { data } of images) for (const value of data) if (Number.isFinite(value)) use(value);
  };
  let least = Infinity;
  values((value) => {
    least = Math.min(least, value);
  });
  if (least === Infinity) return [0, 1];
  const low = percentile(values, DARKEST);
  const high = percentile((use) => values((value) => value > least && use(value)), BRIGHTEST);
  if (high > low) return [low, high];
  return least >= 0 && least <= 1 ? [0, 1] : [least, least + 1];
}

/** The least and the greatest finite value; 0 and 1 where there is none. */
export function valueRange(data: Float32Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** A ring with four ticks around a place (row and column of the picture), dark-edged so that it shows on any ground. */
export function mark(target: Picture, row: number, column: number, colour: Colour): void {
  const parts: [test: (distance: number, along: number) => boolean, colour: Colour][] = [
    [(distance, along) => Math.abs(distance - 9) <= 2.4 || (along <= 2.4 && distance > 8 && distance < 18), [0, 0, 0]],
    [(distance, along) => Math.abs(distance - 9) <= 1.1 || (along <= 1.1 && distance > 9 && distance < 16.5), colour],
  ];
  const reach = 18 * DENSITY;
  for (const [test, ink] of parts) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const [r, c] = [Math.round(row) + dy, Math.round(column) + dx];
        const along = Math.min(Math.abs(r - row), Math.abs(c - column));
        if (test(Math.hypot(r - row, c - column) / DENSITY, along / DENSITY)) setPixel(target, r, c, ink);
      }
    }
  }
}
