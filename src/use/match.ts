/**
 * Correspondence between two images by their features: pixels of one anatomy have similar features wherever they lie
 * and whatever their intensities, so the place of a pixel of A in B is where the similarity is greatest. It is the mean
 * of the cosines at several decoder levels: the deep ones know the region, the fine ones the place within it. Nothing
 * keeps neighbours together here; the pyramid does (see `field.ts`).
 */
import { InputError } from '../core/errors.js';
import { sizeOf, stridesOf, type Tensor, tensor } from '../core/tensor.js';
import type { CaseInput } from '../data/input.js';
import { valuesOf } from '../data/labelled/recipe.js';
import { resizeLinear } from '../image/index.js';
import { warpLinear } from '../views/index.js';
import { levels as allLevels, backboneFeatures, type Level } from './embed.js';
import type { Network } from './network.js';
import { changedWithin, elementsOf, planeOf, withinOf } from './slices.js';
import { type SizeOptions, workingImage, workingShape } from './working-size.js';

/**
 * A place in an image: column and row, counted from 0 at the centre of the first pixel; fractions are allowed. A volume
 * in RAS has a third: x runs to the right, y to the front, z up.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z?: number;
}

export interface Correspondence {
  /** In pixels of A. */
  readonly from: Point;
  /** In pixels of B. */
  readonly to: Point;
  /** The mean cosine of the features of both places, −1 to 1. */
  readonly similarity: number;
  /** The mean cosine at every pixel of B, at the size that the network saw, `[1, ...S]`. */
  readonly map: Tensor;
}

export interface MatchOptions extends SizeOptions {
  /** The decoder levels whose cosines are averaged; all by default, `[4]` for the full resolution alone. */
  readonly levels?: readonly Level[] | undefined;
}

/**
 * Finds where points of `a` lie in `b`. Both images go through the network at one size: that of `a` (see
 * `workingShape`); of volumes that it sees slice by slice that is the size of a slice.
 * @param a `[C, ...S]` in [0, 1], or a volume with its grids
 * @param b `[C, ...S']` in [0, 1], likewise
 * @param points in pixels of `a`
 * @throws InputError ('shape') when a point lies outside of `a`, or has another number of axes
 * @example
 * const [match] = await matchPoints(network, a, b, [{ x: 120, y: 80 }]);
 * console.log(match.to, match.similarity);
 */
export async function matchPoints(
  network: Network,
  a: CaseInput,
  b: CaseInput,
  points: readonly Point[],
  { levels = allLevels, ...size }: MatchOptions = {},
): Promise<Correspondence[]> {
  const [imageA, imageB] = [valuesOf(a), valuesOf(b)];
  for (const point of points) checkPoint(point, imageA.shape.slice(1));
  const { config } = network.model;
  const plane = planeOf(config, imageA.shape.slice(1));
  const seenA = workingShape(config, imageA.shape.slice(1), size);
  // Of volumes seen slice by slice each keeps the number of its slices.
  const seenB = changedWithin(imageB.shape.slice(1), plane, () => withinOf(seenA, plane));
  const ofA = await backboneFeatures(network, workingImage(config, imageA, seenA), levels);
  const ofB = await backboneFeatures(network, workingImage(config, imageB, seenB), levels);
  // A level's own grid: its elements are cells of this many pixels.
  const gridOf = (level: Level, seen: readonly number[]) => elementsOf(level, seen, plane);
  const lengths = ofB.map((features, index) => featureLengths(features, seenB, gridOf(levels[index]!, seenB)));
  return points.map((from) => {
    const map = tensor([1, ...seenB]);
    levels.forEach((level, index) => {
      const position = rescaled(positionOf(from), imageA.shape.slice(1), gridOf(level, seenA));
      const feature = featureAt(ofA[index]!, position);
      // The product with an interpolated feature is the interpolated product.
      const products = resizeLinear(innerProducts(feature, ofB[index]!), seenB, gridOf(level, seenB));
      const own = Math.hypot(...feature);
      for (let pixel = 0; pixel < map.data.length; pixel++) {
        const bound = Math.max(SMALLEST, own * lengths[index]!.data[pixel]!);
        map.data[pixel]! += products.data[pixel]! / bound / levels.length;
      }
    });
    const best = map.data.reduce((top, value, index) => (value > map.data[top]! ? index : top), 0);
    const found = stridesOf(seenB).map((stride, axis) => Math.floor(best / stride) % seenB[axis]!);
    return { from, to: pointAt(rescaled(found, seenB, imageB.shape.slice(1))), similarity: map.data[best]!, map };
  });
}

/** A bound for lengths: the cosine with a feature of zeros is 0. */
const SMALLEST = 1e-12;

/** The inner products of one feature, `C` values, with every pixel's of `[C, ...S]`: `[1, ...S]`. */
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

/** The feature at a place between pixels of `[C, ...S]`, by linear interpolation. */
function featureAt(features: Tensor, position: readonly number[]): Float32Array {
  const shape = features.shape.slice(1);
  const inside = position.map((at, axis) => Math.min(Math.max(at, 0), shape[axis]! - 1));
  // A single pixel at the origin that is taken from there.
  const region = { shape, start: shape.map(() => 0), size: shape.map(() => 1) };
  return warpLinear(features, Float32Array.from(inside), region);
}

/** The coordinates of a point in the order of an image's axes: z (of volumes), y, x. */
export function positionOf({ x, y, z }: Point): number[] {
  return z === undefined ? [y, x] : [z, y, x];
}

/** The point at coordinates in the order of an image's axes. */
export function pointAt(position: readonly number[]): Point {
  const [x, y, z] = position.toReversed() as [number, number, number?];
  return z === undefined ? { x, y } : { x, y, z };
}

/** A place on a grid of other extents over the same image. */
function rescaled(position: readonly number[], from: readonly number[], to: readonly number[]): number[] {
  return position.map((at, axis) => ((at + 0.5) * to[axis]!) / from[axis]! - 0.5);
}

/**
 * @param shape extents of the image
 * @throws InputError ('shape') naming the range
 */
export function checkPoint(point: Point, shape: readonly number[]): void {
  const position = positionOf(point);
  const names = shape.length === 3 ? (['z', 'y', 'x'] as const) : (['y', 'x'] as const);
  if (position.length !== shape.length) {
    throw new InputError(
      'shape',
      `expected a point ${shape.length === 3 ? 'z,y,x' : 'column,row'}, found ${position.length} coordinates`,
      shape.length === 3 ? 'Points of volumes are voxels in RAS.' : 'Points of images are pixels.',
    );
  }
  if (position.every((at, axis) => at >= 0 && at <= shape[axis]! - 1)) return;
  if (shape.length === 3) {
    throw new InputError(
      'shape',
      `the point ${position.join(',')} lies outside of the first volume, which has ${shape.join(' × ')} voxels in RAS`,
      `Give ${names.map((name, axis) => `${name} from 0 to ${shape[axis]! - 1}`).join(', ')}.`,
    );
  }
  const [height, width] = shape as [number, number];
  throw new InputError(
    'shape',
    `the point ${point.x},${point.y} lies outside of the first image, which is ${width} wide and ${height} high`,
    `Give x from 0 to ${width - 1} (column) and y from 0 to ${height - 1} (row).`,
  );
}
