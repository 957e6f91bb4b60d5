/**
 * Features of single pixels with their classes: what every measure of this folder takes. The pixels are drawn from the
 * labels alone, so every network is asked for the same places.
 */
import { invariant } from '../../core/errors.js';
import { permutation, randomStream } from '../../core/random.js';
import { stridesOf, type Tensor } from '../../core/tensor.js';
import { warpLinear } from '../../views/index.js';

/** n feature vectors of C channels. */
export interface FeatureSamples {
  /** `[n, C]`, row after row. */
  readonly vectors: Float32Array;
  readonly channels: number;
  /** The class of each, n. */
  readonly labels: Uint8Array;
  /** The image that each is from, n. */
  readonly images: Uint16Array;
}

/** A pixel of an image: shares of its axes, 0 … 1, and its class. */
export interface LabelledPlace {
  readonly image: number;
  readonly label: number;
  readonly place: readonly number[];
}

/** Class indices `[...S]`. */
interface Labels {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Draws about equally many pixels of every class, spread over the images that have it.
 * @param maps a label map for each image
 * @param count of all classes together; fewer where a class has too few pixels
 * @param ignore a label that is no class
 * @returns in the order of the images, then of the classes
 */
export function drawPlaces(maps: readonly Labels[], count: number, seed: number, ignore = 255): LabelledPlace[] {
  const pixels = maps.map(({ data }) => {
    const byClass = new Map<number, number[]>();
    data.forEach((label, index) => {
      if (label === ignore) return;
      if (!byClass.has(label)) byClass.set(label, []);
      byClass.get(label)!.push(index);
    });
    return byClass;
  });
  const classes = [...new Set(pixels.flatMap((byClass) => [...byClass.keys()]))].sort((a, b) => a - b);
  const wanted = Math.max(1, Math.floor(count / Math.max(1, classes.length)));
  return maps.flatMap(({ shape }, image) => {
    const strides = stridesOf(shape);
    return classes.flatMap((label) => {
      const own = pixels[image]!.get(label) ?? [];
      const holders = pixels.flatMap((byClass, index) => (byClass.has(label) ? [index] : []));
      const turn = holders.indexOf(image);
      // Images take turns, so that the remainder is spread, too.
      const quota = Math.floor(wanted / holders.length) + (turn < wanted % holders.length ? 1 : 0);
      const order = permutation(own.length, randomStream(seed, image, label, 'places'));
      return order.slice(0, quota).map((index) => ({
        image,
        label,
        place: shape.map((extent, axis) => ((Math.floor(own[index]! / strides[axis]!) % extent) + 0.5) / extent),
      }));
    });
  });
}

/**
 * The features at places of one image, by linear interpolation, `[places, C]`.
 * @param features `[C, ...T]`, over the whole image at any resolution
 */
export function featuresAt(features: Tensor, places: readonly (readonly number[])[]): Float32Array {
  const [channels, ...shape] = features.shape as [number, ...number[]];
  const result = new Float32Array(places.length * channels);
  const region = { shape, start: shape.map(() => 0), size: shape.map(() => 1) };
  places.forEach((place, row) => {
    const at = place.map((share, axis) => Math.min(Math.max(share * shape[axis]! - 0.5, 0), shape[axis]! - 1));
    result.set(warpLinear(features, Float32Array.from(at), region), row * channels);
  });
  return result;
}

/** The vectors as `[C, n]`, as the measures of covariance take them. */
export function channelsFirst({ vectors, channels }: Pick<FeatureSamples, 'vectors' | 'channels'>): Tensor {
  const count = vectors.length / channels;
  const data = new Float32Array(vectors.length);
  for (let row = 0; row < count; row++) {
    for (let c = 0; c < channels; c++) data[c * count + row] = vectors[row * channels + c]!;
  }
  return { shape: [channels, count], data };
}

/** Each vector divided by its length; a vector of zeros stays. */
export function unitLength({ vectors, channels }: Pick<FeatureSamples, 'vectors' | 'channels'>): Float32Array {
  invariant(vectors.length % channels === 0, `${vectors.length} values are no rows of ${channels}`);
  const result = vectors.slice();
  for (let row = 0; row < result.length; row += channels) {
    const own = result.subarray(row, row + channels);
    const length = Math.hypot(...own);
    if (length > 1e-12) for (let c = 0; c < channels; c++) own[c]! /= length;
  }
  return result;
}
