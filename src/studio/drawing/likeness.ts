/**
 * How alike the features of two pixels are: the mean of the cosines at several decoder levels, as `cover match` has it.
 * The products of a feature with a coarse map are interpolated to the grid of the finest, which is the product with the
 * interpolated map, and divided by its lengths, which are computed once.
 */
import { type Tensor, tensor } from '../../core/tensor.js';
import { resizeLinear } from '../../image/geometry/resize.js';

/** The features of an image at one level, `[C, h, w]`, and how many of its cells cover the image. */
export interface LevelFeatures {
  readonly features: Tensor;
  /** Cells along y and x that lie over the image; the others are padding. */
  readonly span: readonly [number, number];
}

export interface ImageFeatures {
  /** The grid on which places are told, `[height, width]`: what the network saw. */
  readonly grid: readonly [number, number];
  readonly levels: readonly (LevelFeatures & { readonly lengths: Float32Array })[];
}

const SMALLEST = 1e-12;

export function imageFeatures(grid: readonly [number, number], levels: readonly LevelFeatures[]): ImageFeatures {
  return { grid, levels: levels.map((level) => ({ ...level, lengths: lengthsOf(level, grid) })) };
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
 * @param place `[y, x]` in cells of the grid, centres at whole numbers
 */
export function featuresAt({ grid, levels }: ImageFeatures, place: readonly [number, number]): Float32Array[] {
  return levels.map(({ features, span }) => {
    const [channels, height, width] = features.shape as [number, number, number];
    const [y, x] = place.map((at, axis) => {
      const cells = ((at + 0.5) * (span[axis] as number)) / (grid[axis] as number) - 0.5;
      return Math.min(Math.max(cells, 0), (axis === 0 ? height : width) - 1);
    }) as [number, number];
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
    const [v, u] = [y - top, x - left];
    return Float32Array.from({ length: channels }, (_, channel) => {
      const at = (row: number, column: number) => features.data[(channel * height + row) * width + column] as number;
      return (
        (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) +
        v * ((1 - u) * at(bottom, left) + u * at(bottom, right))
      );
    });
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
  const map = new Float32Array(grid[0] * grid[1]);
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

/** The place of the greatest value, `[y, x]`. */
export function bestPlace(map: Float32Array, [, width]: readonly [number, number]): readonly [number, number] {
  let best = 0;
  for (let pixel = 1; pixel < map.length; pixel++) {
    if ((map[pixel] as number) > (map[best] as number)) best = pixel;
  }
  return [Math.floor(best / width), best % width];
}

function products(vector: Float32Array, { shape, data }: Tensor): Tensor {
  const [, height, width] = shape as [number, number, number];
  const cells = height * width;
  const sums = new Float32Array(cells);
  vector.forEach((own, channel) => {
    const start = channel * cells;
    for (let cell = 0; cell < cells; cell++) sums[cell] = (sums[cell] as number) + own * (data[start + cell] as number);
  });
  return tensor([1, height, width], sums);
}

function lengthsOf({ features, span }: LevelFeatures, grid: readonly [number, number]): Float32Array {
  const [channels, height, width] = features.shape as [number, number, number];
  const cells = height * width;
  const lengths = new Float32Array(grid[0] * grid[1]);
  for (let channel = 0; channel < channels; channel++) {
    const plane = tensor([1, height, width], features.data.subarray(channel * cells, (channel + 1) * cells));
    const { data } = resizeLinear(plane, grid, span);
    for (let pixel = 0; pixel < lengths.length; pixel++) {
      lengths[pixel] = (lengths[pixel] as number) + (data[pixel] as number) ** 2;
    }
  }
  return lengths.map(Math.sqrt);
}
