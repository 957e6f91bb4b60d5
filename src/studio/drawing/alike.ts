/**
 * What a click finds alike, as its two tools have it. Both ask more or less of a pixel by one number, `share`, which
 * dragging changes: 1 is a plain click, 2 lets twice the difference pass.
 */
import { tensor } from '../../core/tensor.js';
import { sampleLinear } from '../../image/geometry/resize.js';
import { featuresAt, type ImageFeatures, likeness, onGrid } from './likeness.js';
import type { LabelMap } from './map.js';
import { pointAt, type Slice, type Spot } from './slices.js';

export type LikeAt = (share: number) => (pixel: number) => boolean;

type Extents = Pick<LabelMap, 'width' | 'height'>;

/**
 * Shares of the range of the image, for the tool that knows brightness alone and for the one that knows features too.
 */
const BRIGHTNESS = 0.08;
const BRIGHTNESS_BESIDE = 0.16;
/** A difference of cosines. */
const FEATURES = 0.5;

/** Alike in brightness. @param values of the image, one for each pixel at least */
export function alikeInBrightness(values: ArrayLike<number>, extents: Extents, spot: Spot, usual = BRIGHTNESS): LikeAt {
  const { width, height } = extents;
  const own = values[pixelOf(extents, spot)];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let pixel = 0; pixel < width * height; pixel++) {
    low = Math.min(low, values[pixel]!);
    high = Math.max(high, values[pixel]!);
  }
  const most = usual * (high - low);
  return (share) => (pixel) => Math.abs(values[pixel]! - own!) <= most * share;
}

/**
 * Alike in the features of all levels, and roughly in brightness: the features know the organ, the brightness its edge.
 * `node scripts/studio-clicks.mjs` compares it with brightness alone.
 * @param features of the image or volume, less their mean over it (`centred`)
 * @param values of the plane
 */
export function alikeInFeatures(features: ImageFeatures, values: ArrayLike<number>, slice: Slice, spot: Spot): LikeAt {
  const found = likeness(features, featuresAt(features, onGrid(features, pointAt(slice, spot))));
  const data = inSlice(features, found, slice);
  const own = data[pixelOf(slice, spot)]!;
  const bright = alikeInBrightness(values, slice, spot, BRIGHTNESS_BESIDE);
  return (share) => {
    const inBrightness = bright(share);
    return (pixel) => own - data[pixel]! <= FEATURES * share && inBrightness(pixel);
  };
}

/** Values on the grid of the features, on the pixels of a plane of the image, row after row. */
export function inSlice({ grid, along }: ImageFeatures, map: Float32Array, slice: Slice): Float32Array {
  const places = grid.map((extent, axis) => {
    const [first, step] = along[axis]!;
    const on = (at: number) => Math.min(extent - 1, Math.max(0, first + at * step));
    const { across } = slice;
    return across?.axis === axis
      ? Float64Array.of(on(across.index))
      : Float64Array.from({ length: slice.shape[axis]! }, (_, at) => on(at));
  });
  const { data } = sampleLinear(tensor([1, ...grid], map), places);
  return slice.flipped ? data.toReversed() : data;
}

function pixelOf({ width, height }: Extents, { x, y }: Spot): number {
  const within = (value: number, extent: number) => Math.min(extent - 1, Math.max(0, Math.floor(value)));
  return within(y, height) * width + within(x, width);
}
