/**
 * How alike the features of two pixels are: the mean of the cosines at several decoder levels, as `cover match` has it.
 * The products of a feature with a coarse map are interpolated to the grid of the finest, which is the product with the
 * interpolated map, and divided by its lengths, which are computed once.
 */
import { sizeOf, stridesOf, type Tensor, tensor } from '../../core/tensor.js';
import { resizeLinear } from '../../image/geometry/resize.js';
import { warpLinear } from '../../views/field.js';

/** The features of an image at one level, `[C, ...s]`, and how many of its cells cover the image. */
export interface LevelFeatures {
  readonly features: Tensor;
  /** Cells along each axis that lie over the image; the others are padding. */
  readonly span: readonly number[];
}

export interface ImageFeatures {
  /** The grid on which places are told, `[...S]`: what the network saw. */
  readonly grid: readonly number[];
  /** Where the first pixel of the image lies on it along each axis, and how far from it the next. */
  readonly along: readonly (readonly [first: number, step: number])[];
  readonly levels: readonly (LevelFeatures & { readonly lengths: Float32Array })[];
}

const SMALLEST = 1e-12;

/** @param along by default the grid is that of the image */
export function imageFeatures(
  grid: readonly number[],
  levels: readonly LevelFeatures[],
  along: ImageFeatures['along'] = grid.map(() => [0, 1]),
): ImageFeatures {
  return { grid, along, levels: levels.map((level) => ({ ...level, lengths: lengthsOf(level, grid) })) };
}

/** A place of the image, in its pixels, on the grid. */
export function onGrid({ along }: ImageFeatures, place: readonly number[]): number[] {
  return place.map((at, axis) => along[axis]![0] + at * along[axis]![1]);
}

/** A place of the grid, in pixels of the image. */
export function onImage({ along }: ImageFeatures, place: readonly number[]): number[] {
  return place.map((at, axis) => (at - along[axis]![0]) / along[axis]![1]);
}

/**
 * The same less their mean over the image, level by level. Features of one image have much in common, so that all
 * cosines are near 1; what tells its parts from each other is what is left.
 */
export function centred(levels: readonly LevelFeatures[]): LevelFeatures[] {
  return levels.map(({ features, span }) => {
    const [channels, ...shape] = features.shape as [number, ...number[]];
    const cells = features.data.length / channels;
    const data = features.data.slice();
    for (let channel = 0; channel < channels; channel++) {
      const plane = data.subarray(channel * cells, (channel + 1) * cells);
      const mean = plane.reduce((sum, value) => sum + value, 0) / cells;
      for (let cell = 0; cell < cells; cell++) plane[cell]! -= mean;
    }
    return { features: tensor([channels, ...shape], data), span };
  });
}

/**
 * The feature vectors of a place at every level.
 * @param place in cells of the grid, centres at whole numbers
 */
export function featuresAt({ grid, levels }: ImageFeatures, place: readonly number[]): Float32Array[] {
  return levels.map(({ features, span }) => {
    const shape = features.shape.slice(1);
    const cells = place.map((at, axis) => {
      const cell = ((at + 0.5) * span[axis]!) / grid[axis]! - 0.5;
      return Math.min(Math.max(cell, 0), shape[axis]! - 1);
    });
    // A single cell at the origin that is taken from there.
    const region = { shape, start: shape.map(() => 0), size: shape.map(() => 1) };
    return warpLinear(features, Float32Array.from(cells), region);
  });
}

/**
 * The mean cosine with every place of the grid, `grid` values.
 * @param wanted the levels, by their place in the list; all by default
 */
export function likeness(
  { grid, levels }: ImageFeatures,
  vectors: readonly Float32Array[],
  wanted: readonly number[] = levels.map((_, index) => index),
): Float32Array {
  const map = new Float32Array(sizeOf(grid));
  for (const index of wanted) {
    const { features, span, lengths } = levels[index] as ImageFeatures['levels'][number];
    const vector = vectors[index] as Float32Array;
    const own = Math.hypot(...vector);
    const { data } = resizeLinear(products(vector, features), grid, span);
    for (let pixel = 0; pixel < map.length; pixel++) {
      const bound = Math.max(SMALLEST, own * (lengths[pixel] as number));
      map[pixel] = (map[pixel] as number) + (data[pixel] as number) / bound / wanted.length;
    }
  }
  return map;
}

/** The place of the greatest value on a grid. */
export function bestPlace(map: Float32Array, grid: readonly number[]): number[] {
  let best = 0;
  for (let pixel = 1; pixel < map.length; pixel++) {
    if ((map[pixel] as number) > (map[best] as number)) best = pixel;
  }
  return stridesOf(grid).map((stride, axis) => Math.floor(best / stride) % grid[axis]!);
}

function products(vector: Float32Array, { shape, data }: Tensor): Tensor {
  const own = shape.slice(1);
  const cells = sizeOf(own);
  const sums = new Float32Array(cells);
  vector.forEach((weight, channel) => {
    const start = channel * cells;
    for (let cell = 0; cell < cells; cell++) {
      sums[cell] = (sums[cell] as number) + weight * (data[start + cell] as number);
    }
  });
  return tensor([1, ...own], sums);
}

function lengthsOf({ features, span }: LevelFeatures, grid: readonly number[]): Float32Array {
  const [channels, ...shape] = features.shape as [number, ...number[]];
  const cells = sizeOf(shape);
  const lengths = new Float32Array(sizeOf(grid));
  for (let channel = 0; channel < channels; channel++) {
    const own = tensor([1, ...shape], features.data.subarray(channel * cells, (channel + 1) * cells));
    const { data } = resizeLinear(own, grid, span);
    for (let pixel = 0; pixel < lengths.length; pixel++) {
      lengths[pixel] = (lengths[pixel] as number) + (data[pixel] as number) ** 2;
    }
  }
  return lengths.map(Math.sqrt);
}
