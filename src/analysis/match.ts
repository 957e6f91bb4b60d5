/**
 * Correspondence between two images by their features: pixels of one anatomy have similar features wherever they lie and
 * whatever their intensities, so the place of a pixel of A in B is where the similarity is greatest. It is the mean of the
 * cosines at several decoder levels: the deep ones know the region, the fine ones the place within it. Nothing keeps
 * neighbours together here; the pyramid does (see `field.ts`).
 */
import { InputError } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/index.js';
import { levels as allLevels, backboneFeatures, type Level } from './embed.js';
import type { Network } from './network.js';
import { type SizeOptions, workingShape } from './working-size.js';

/** A place in an image: column and row, counted from 0 at the centre of the upper left pixel; fractions are allowed. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Correspondence {
  /** In pixels of A. */
  readonly from: Point;
  /** In pixels of B. */
  readonly to: Point;
  /** The mean cosine of the features of both places, −1 to 1. */
  readonly similarity: number;
  /** The mean cosine at every pixel of B, at the size that the network saw, `[1, h, w]`. */
  readonly map: Tensor;
}

export interface MatchOptions extends SizeOptions {
  /** The decoder levels whose cosines are averaged; all by default, `[4]` for the full resolution alone. */
  readonly levels?: readonly Level[] | undefined;
}

/**
 * Finds where points of `a` lie in `b`. Both images go through the network at one size: that of `a` (see `workingShape`).
 * @param a `[C, H, W]` in [0, 1]
 * @param b `[C, H', W']` in [0, 1]
 * @param points in pixels of `a`
 * @throws InputError ('shape') when a point lies outside of `a`
 * @example
 * const [match] = await matchPoints(network, a, b, [{ x: 120, y: 80 }]);
 * console.log(match.to, match.similarity);
 */
export async function matchPoints(
  network: Network,
  a: Tensor,
  b: Tensor,
  points: readonly Point[],
  { levels = allLevels, ...size }: MatchOptions = {},
): Promise<Correspondence[]> {
  for (const point of points) checkPoint(point, a);
  const working = workingShape(network.model.config, a.shape.slice(1), size);
  const ofA = await backboneFeatures(network, resizeLinear(a, working), levels);
  const ofB = await backboneFeatures(network, resizeLinear(b, working), levels);
  // A level's own grid: its elements are cells of this many pixels.
  const grids = levels.map((level) => working.map((extent) => extent / 2 ** (4 - level)));
  const lengths = ofB.map((features, index) => featureLengths(features, working, grids[index]!));
  return points.map((from) => {
    const map = tensor([1, ...working]);
    levels.forEach((_, index) => {
      const cells = grids[index]!;
      const feature = featureAt(ofA[index]!, rescaled(from, a.shape.slice(1), cells));
      // The product with an interpolated feature is the interpolated product.
      const products = resizeLinear(innerProducts(feature, ofB[index]!), working, cells);
      const own = Math.hypot(...feature);
      for (let pixel = 0; pixel < map.data.length; pixel++) {
        const bound = Math.max(SMALLEST, own * lengths[index]!.data[pixel]!);
        map.data[pixel]! += products.data[pixel]! / bound / levels.length;
      }
    });
    const best = map.data.reduce((top, value, index) => (value > map.data[top]! ? index : top), 0);
    const found = { x: best % working[1]!, y: Math.floor(best / working[1]!) };
    return { from, to: rescaled(found, working, b.shape.slice(1)), similarity: map.data[best]!, map };
  });
}

/** A bound for lengths: the cosine with a feature of zeros is 0. */
const SMALLEST = 1e-12;

/** The inner products of one feature, `C` values, with every pixel's of `[C, H, W]`: `[1, H, W]`. */
function innerProducts(feature: Float32Array, { shape, data }: Tensor): Tensor {
  const products = tensor([1, ...shape.slice(1)]);
  const pixels = products.data.length;
  feature.forEach((own, channel) => {
    for (let pixel = 0; pixel < pixels; pixel++) products.data[pixel]! += own * data[channel * pixels + pixel]!;
  });
  return products;
}

/** The lengths of the features `[C, ...T]` on a finer grid, `[1, ...shape]`; a channel at a time, to save memory. */
function featureLengths(features: Tensor, shape: readonly number[], span: readonly number[]): Tensor {
  const [channels, ...coarse] = features.shape as [number, ...number[]];
  const size = sizeOf(coarse);
  const lengths = tensor([1, ...shape]);
  for (let channel = 0; channel < channels; channel++) {
    const plane = tensor([1, ...coarse], features.data.subarray(channel * size, (channel + 1) * size));
    const { data } = resizeLinear(plane, shape, span);
    for (let pixel = 0; pixel < data.length; pixel++) lengths.data[pixel]! += data[pixel]! ** 2;
  }
  for (let pixel = 0; pixel < lengths.data.length; pixel++) lengths.data[pixel] = Math.sqrt(lengths.data[pixel]!);
  return lengths;
}

/** The feature at a place between pixels of `[C, H, W]`, by linear interpolation. */
function featureAt(features: Tensor, { x, y }: Point): Float32Array {
  const [channels, height, width] = features.shape as [number, number, number];
  const along = (position: number, extent: number) => {
    const inside = Math.min(Math.max(position, 0), extent - 1);
    const low = Math.floor(inside);
    return { low, high: Math.min(low + 1, extent - 1), share: inside - low };
  };
  const [row, column] = [along(y, height), along(x, width)];
  return Float32Array.from({ length: channels }, (_, channel) => {
    const at = (r: number, c: number) => features.data[(channel * height + r) * width + c]!;
    const upper = at(row.low, column.low) * (1 - column.share) + at(row.low, column.high) * column.share;
    const lower = at(row.high, column.low) * (1 - column.share) + at(row.high, column.high) * column.share;
    return upper * (1 - row.share) + lower * row.share;
  });
}

/** A place on a grid of other extents over the same image. */
function rescaled({ x, y }: Point, from: readonly number[], to: readonly number[]): Point {
  const along = (position: number, axis: number) => ((position + 0.5) * to[axis]!) / from[axis]! - 0.5;
  return { x: along(x, 1), y: along(y, 0) };
}

function checkPoint({ x, y }: Point, { shape }: Tensor): void {
  const [height, width] = shape.slice(1) as [number, number];
  if (x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1) return;
  throw new InputError(
    'shape',
    `the point ${x},${y} lies outside of the first image, which is ${width} wide and ${height} high`,
    `Give x from 0 to ${width - 1} (column) and y from 0 to ${height - 1} (row).`,
  );
}
