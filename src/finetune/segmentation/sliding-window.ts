/**
 * Probabilities of an image that is larger than the network's window: overlapping windows, blended with a Gaussian that
 * trusts the middle of a window more than its border. One window that covers everything is taken as it is.
 */
import { ahead } from '../../core/ahead.js';
import { sizeOf, stridesOf, type Tensor, tensor } from '../../core/tensor.js';
import { divisibleShape, padEdge } from '../../image/index.js';
import { DIVISOR } from '../../nn/index.js';
import { cropRegion, forEachRow, mirror } from '../../views/index.js';
import type { Predict } from '../task.js';
import { type Band, putBand } from './band.js';

export interface SlidingOptions {
  /** Extents of the window, divisible by 16. */
  readonly window: readonly number[];
  /** The share of a window that the next one covers again, 0 to below 1. */
  readonly overlap?: number;
  /** Axes along which every window is also seen mirrored; the mean over all combinations is taken. */
  readonly flips?: readonly number[];
}

/** The Gaussian's standard deviation as a share of the window. */
const SIGMA = 1 / 8;

/**
 * @param image `[C, ...S]`
 * @returns `[K, ...S]`
 */
export async function slidingWindow(image: Tensor, predict: Predict, options: SlidingOptions): Promise<Tensor> {
  let whole: Tensor | undefined;
  for await (const band of slidingBands(image, predict, options)) {
    whole ??= tensor([band.values.shape[0]!, ...image.shape.slice(1)]);
    putBand(whole, band);
  }
  return whole!;
}

/**
 * The same in bands of planes along the first axis, each as soon as no window reaches it any more: what is in memory is
 * one row of windows, whatever the extent of the image.
 * @returns bands `[K, planes, ...]` in order, of all planes of the image
 */
export async function* slidingBands(image: Tensor, predict: Predict, options: SlidingOptions): AsyncGenerator<Band> {
  const { overlap = 0.5, flips = [] } = options;
  const own = image.shape.slice(1);
  // A window never exceeds the image by more than what makes it divisible.
  const least = divisibleShape(own, DIVISOR);
  const window = options.window.map((extent, axis) => Math.min(extent, least[axis]!));
  const padded = padEdge(
    image,
    own.map((extent, axis) => Math.max(extent, window[axis]!)),
  );
  const shape = padded.shape.slice(1);
  const starts = windowStarts(shape, window, overlap);
  const look = (start: readonly number[]) => {
    const data = cropRegion(padded.data, { shape, start, size: window });
    return mirroredMean(tensor([image.shape[0]!, ...window], data), predict, flips);
  };
  if (starts.length === 1) {
    yield { start: 0, values: cut(await look(starts[0]!), own) };
    return;
  }
  for await (const { start, values } of blend(starts, look, shape, window)) {
    const rows = Math.min(values.shape[1]!, own[0]! - start);
    if (rows > 0) yield { start, values: cut(values, [rows, ...own.slice(1)]) };
  }
}

/** The first corners of the windows: evenly spread, the last at the end of the image. */
export function windowStarts(shape: readonly number[], window: readonly number[], overlap: number): number[][] {
  return shape.reduce<number[][]>(
    (all, extent, axis) => {
      const room = extent - window[axis]!;
      const step = Math.max(1, Math.floor(window[axis]! * (1 - overlap)));
      const count = Math.ceil(room / step) + 1;
      const places = Array.from({ length: count }, (_, index) =>
        count === 1 ? 0 : Math.round((index * room) / (count - 1)),
      );
      return all.flatMap((start) => places.map((place) => [...start, place]));
    },
    [[]],
  );
}

/** The next window is seen while one is blended. @param starts in the order of the first axis */
async function* blend(
  starts: readonly (readonly number[])[],
  look: (start: readonly number[]) => Promise<Tensor>,
  shape: readonly number[],
  window: readonly number[],
): AsyncGenerator<Band> {
  const weights = gaussian(window);
  const [rows, ...rest] = [window[0]!, ...shape.slice(1)] as [number, ...number[]];
  const plane = sizeOf(rest);
  const count = rows * plane;
  const total = new Float32Array(count);
  let sum: Tensor | undefined;
  let first = 0;
  let index = 0;
  for (const [start, seen] of ahead(starts, look)) {
    const { shape: found, data } = await seen;
    const classes = found[0]!;
    sum ??= tensor([classes, rows, ...rest]);
    const { data: sums } = sum;
    forEachLine([rows, ...rest], [0, ...start.slice(1)], window, (from, to, length) => {
      for (let at = 0; at < length; at++) total[to + at]! += weights[from + at]!;
      for (let k = 0; k < classes; k++) {
        const [source, target] = [k * weights.length + from, k * count + to];
        for (let at = 0; at < length; at++) sums[target + at]! += weights[from + at]! * data[source + at]!;
      }
    });
    // What lies before the next window's first plane is complete.
    const next = starts[++index]?.[0] ?? shape[0]!;
    if (next === first) continue;
    const done = tensor([classes, next - first, ...rest]);
    const size = (next - first) * plane;
    for (let k = 0; k < classes; k++) {
      const own = sum.data.subarray(k * count, (k + 1) * count);
      for (let at = 0; at < size; at++) done.data[k * size + at] = own[at]! / total[at]!;
      own.copyWithin(0, size);
      own.fill(0, count - size);
    }
    total.copyWithin(0, size);
    total.fill(0, count - size);
    yield { start: first, values: done };
    first = next;
  }
}

/** The mean over mirrored copies, each mirrored back. */
async function mirroredMean(window: Tensor, predict: Predict, flips: readonly number[]): Promise<Tensor> {
  const combinations: number[][] = [[]];
  for (const axis of flips) combinations.push(...combinations.map((axes) => [...axes, axis]));
  if (combinations.length === 1) return predict(window);
  let sum: Tensor | undefined;
  for (const axes of combinations) {
    const seen = await predict(tensor(window.shape, mirror(window, axes)));
    const data = mirror(seen, axes);
    sum ??= tensor(seen.shape);
    for (let index = 0; index < data.length; index++) sum.data[index]! += data[index]! / combinations.length;
  }
  return sum!;
}

/** A Gaussian about the middle of the window, 1 there, bounded from below so that no pixel is without weight. */
function gaussian(window: readonly number[]): Float32Array {
  const strides = stridesOf(window);
  return Float32Array.from({ length: sizeOf(window) }, (_, index) => {
    let exponent = 0;
    window.forEach((extent, axis) => {
      const at = Math.floor(index / strides[axis]!) % extent;
      exponent += ((at - (extent - 1) / 2) / (extent * SIGMA)) ** 2 / 2;
    });
    return Math.max(1e-3, Math.exp(-exponent));
  });
}

/** Lines of a window along the last axis: where one begins in the window, where in the map, and its length. */
function forEachLine(
  shape: readonly number[],
  start: readonly number[],
  window: readonly number[],
  visit: (from: number, to: number, length: number) => void,
): void {
  const length = window.at(-1)!;
  let from = 0;
  forEachRow(window, (index) => {
    visit(
      from,
      shape.reduce((place, extent, axis) => place * extent + start[axis]! + index[axis]!, 0),
      length,
    );
    from += length;
  });
}

/** The first corner of the given extents. */
function cut(map: Tensor, extents: readonly number[]): Tensor {
  const shape = map.shape.slice(1);
  if (shape.join() === extents.join()) return map;
  const region = { shape, start: shape.map(() => 0), size: extents };
  return tensor([map.shape[0]!, ...extents], cropRegion(map.data, region));
}
