/**
 * What a click finds alike, as its two tools have it. Both ask more or less of a pixel by one number, `share`, which
 * dragging changes: 1 is a plain click, 2 lets twice the difference pass.
 */
import { tensor } from '../../core/tensor.js';
import { resizeLinear } from '../../image/geometry/resize.js';
import { featuresAt, type ImageFeatures, likeness } from './likeness.js';
import type { LabelMap } from './map.js';
import type { Spot } from './shapes.js';

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
 * @param features less their mean over the image (`centred`)
 */
export function alikeInFeatures(
  features: ImageFeatures,
  values: ArrayLike<number>,
  extents: Extents,
  spot: Spot,
): LikeAt {
  const { width, height } = extents;
  const [rows, columns] = features.grid;
  const place = [(spot.y / height) * rows - 0.5, (spot.x / width) * columns - 0.5] as const;
  const found = likeness(features, featuresAt(features, place));
  const { data } = resizeLinear(tensor([1, rows, columns], found), [height, width]);
  const own = data[pixelOf(extents, spot)]!;
  const bright = alikeInBrightness(values, extents, spot, BRIGHTNESS_BESIDE);
  return (share) => {
    const inBrightness = bright(share);
    return (pixel) => own - data[pixel]! <= FEATURES * share && inBrightness(pixel);
  };
}

function pixelOf({ width, height }: Extents, { x, y }: Spot): number {
  const within = (value: number, extent: number) => Math.min(extent - 1, Math.max(0, Math.floor(value)));
  return within(y, height) * width + within(x, width);
}
