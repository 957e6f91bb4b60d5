/**
 * The corruptions of Models Genesis (Zhou et al. 2019, 2021): pixels shuffled within small blocks, intensities changed
 * by a random monotonic curve, and in-painting or out-painting, in this order, each with a probability. Images have
 * values in [0, 1]; all channels of a pixel share its fate.
 */
import { permutation, type Random } from '../../core/random.js';
import { sizeOf, stridesOf, type Tensor } from '../../core/tensor.js';
import { forEachRow, paintBlock } from '../../views/index.js';

/** Probabilities, 0 … 1. */
export interface CorruptionOptions {
  /** Of the shuffling within blocks. */
  readonly shuffle: number;
  /** Of the change of intensities. */
  readonly nonlinear: number;
  /** Of painting at all. */
  readonly paint: number;
  /** Of out-painting where anything is painted; else it is in-painting. */
  readonly outpaint: number;
}

/** A corrupted copy of an image `[C, ...S]`. */
export function corrupt({ shape, data }: Tensor, options: CorruptionOptions, random: Random): Float32Array {
  const { shuffle, nonlinear, paint, outpaint } = options;
  let corrupted: Float32Array = data.slice();
  if (random.uniform() < shuffle) corrupted = shuffled(corrupted, shape, random);
  if (random.uniform() < nonlinear) changeIntensities(corrupted, random);
  if (random.uniform() < paint) {
    if (random.uniform() < outpaint) corrupted = outpainted(corrupted, shape, random);
    else inpaint(corrupted, shape, random);
  }
  return corrupted;
}

/**
 * Blocks are shuffled until together they have this many times the pixels of the image: the published 10,000 blocks of
 * 64 × 64 × 32 voxels have about as many.
 */
const SHUFFLED = 2;

/**
 * The pixels of small blocks, with sides of up to 1/10 of the image, in another order; every block is read from the
 * image as it was.
 */
export function shuffled(data: Float32Array, shape: readonly number[], random: Random): Float32Array {
  const [channels, ...extents] = shape as [number, ...number[]];
  const pixels = sizeOf(extents);
  const result = data.slice();
  for (let done = 0; done < SHUFFLED * pixels; ) {
    const size = extents.map((extent) => random.integer(1, Math.max(1, Math.floor(extent / 10)) + 1));
    const places = placesOf(extents, {
      size,
      position: extents.map((extent, axis) => random.integer(0, extent - size[axis]! + 1)),
    });
    const order = permutation(places.length, random);
    for (let channel = 0; channel < channels; channel++) {
      const start = channel * pixels;
      for (let k = 0; k < places.length; k++) result[start + places[k]!] = data[start + places[order[k]!]!]!;
    }
    done += places.length;
  }
  return result;
}

/** Points of a curve. */
const CURVE = 256;

/**
 * Sends intensities through a cubic Bézier curve from 0 to 1 with two random control points, in place. It rises, or
 * falls with probability ½, so that bright becomes dark.
 */
export function changeIntensities(data: Float32Array, random: Random): void {
  const [x1, y1, x2, y2] = [random.uniform(), random.uniform(), random.uniform(), random.uniform()];
  const falling = random.uniform() < 0.5;
  const bezier = (a: number, b: number) =>
    Float64Array.from({ length: CURVE }, (_, index) => {
      const t = index / (CURVE - 1);
      return 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t ** 2 * b + t ** 3;
    });
  const xs = bezier(x1, x2).sort();
  const ys = bezier(y1, y2);
  // A rising curve has its heights in order, a falling one runs from its last point to its first.
  if (falling) ys.reverse();
  else ys.sort();
  for (let index = 0; index < data.length; index++) data[index] = interpolated(xs, ys, data[index]!);
}

/** The height of a curve at `x`; that of its ends beyond them. */
function interpolated(xs: Float64Array, ys: Float64Array, x: number): number {
  let [low, high] = [0, xs.length - 1];
  if (x <= xs[low]!) return ys[low]!;
  if (x >= xs[high]!) return ys[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const share = (x - xs[low]!) / (xs[high]! - xs[low]! || 1);
  return ys[low]! + share * (ys[high]! - ys[low]!);
}

/** At most this many blocks are painted, or kept. */
const BLOCKS = 5;
/** Of another block after each. */
const ANOTHER = 0.95;

/** Fills up to five blocks, with sides of 1/6 to 1/3 of the image, with uniform noise, in place. */
export function inpaint(data: Float32Array, shape: readonly number[], random: Random): void {
  for (let count = 0; count < BLOCKS && random.uniform() < ANOTHER; count++) {
    const { size, position } = drawBlock(shape.slice(1), 1 / 6, 1 / 3, random);
    const values = Float32Array.from({ length: sizeOf(size) }, () => random.uniform());
    paintBlock(data, shape, { position, size, values });
  }
}

/** Noise but for up to five blocks, at least one, with sides of 3/7 to 4/7 of the image, which are kept. */
export function outpainted(data: Float32Array, shape: readonly number[], random: Random): Float32Array {
  const extents = shape.slice(1);
  const pixels = sizeOf(extents);
  const result = new Float32Array(data.length);
  for (let index = 0; index < result.length; index++) result[index] = random.uniform();
  for (let count = 0; count < BLOCKS && (count === 0 || random.uniform() < ANOTHER); count++) {
    const places = placesOf(extents, drawBlock(extents, 3 / 7, 4 / 7, random));
    for (let start = 0; start < data.length; start += pixels) {
      for (const place of places) result[start + place] = data[start + place]!;
    }
  }
  return result;
}

interface Block {
  readonly position: readonly number[];
  readonly size: readonly number[];
}

/** Sides from `low` to `high` times the image's, at least one pixel, anywhere within the image. */
function drawBlock(extents: readonly number[], low: number, high: number, random: Random): Block {
  const size = extents.map((extent) => {
    const least = Math.max(1, Math.floor(extent * low));
    return random.integer(least, Math.max(least, Math.floor(extent * high)) + 1);
  });
  return { size, position: extents.map((extent, axis) => random.integer(0, extent - size[axis]! + 1)) };
}

/** The flat places of a block's pixels within a grid. */
function placesOf(extents: readonly number[], { position, size }: Block): Int32Array {
  const strides = stridesOf(extents);
  const row = size.at(-1)!;
  const places = new Int32Array(sizeOf(size));
  let at = 0;
  forEachRow(size, (index) => {
    const start = position.reduce((sum, first, axis) => sum + (first + index[axis]!) * strides[axis]!, 0);
    for (let column = 0; column < row; column++) places[at++] = start + column;
  });
  return places;
}
