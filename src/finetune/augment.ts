/**
 * One augmented sample. The image is moved by a small spatial transformation, cut, mirrored and changed in its
 * intensities; the label goes the same way, by the nearest pixel. Everything comes from (seed, epoch, sample).
 */
import { type Random, randomStream } from '../core/random.js';
import { sizeOf, stridesOf, type Tensor, tensor } from '../core/tensor.js';
import type { SampleKey } from '../data/batch.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import { type SlicePlane, sliceAxis, sliceOf } from '../image/index.js';
import {
  applyAppearance,
  displacementField,
  drawAppearance,
  drawSpatialTransform,
  mirror,
  type Region,
  warpLinear,
  wholeRegion,
} from '../views/index.js';

export interface AugmentOptions {
  /** Extents of the window that is cut. */
  readonly crop: readonly number[];
  /** Strength of the spatial transformation; 0 is none. */
  readonly degree: number;
  /** Axes that are mirrored with a chance of one half. */
  readonly flips: readonly number[];
  readonly noise: readonly [number, number];
  readonly blur: readonly [number, number];
  readonly contrast: readonly [number, number];
  readonly brightness: number;
  /** The share of windows about a labelled pixel; `null` is none. */
  readonly foreground: number | null;
}

export interface SampleContext {
  readonly samples: SampleSet;
  readonly views: AugmentOptions;
  readonly seed: number;
  /** Images have extents of their own: they are turned about the middle of the window, not of the image. */
  readonly kept: boolean;
  /** The label of pixels that come from outside of the image. */
  readonly ignore: number;
  /** Where a volume is seen slice by slice. */
  readonly slices: SlicePlane | null;
}

/** `[image, target]`: the image `[C, ...crop]`, the target `[...crop]`, or `[1]` for classification. */
export function makeSample(context: SampleContext, { epoch, sample }: SampleKey): readonly Float32Array[] {
  const { views, seed, kept, ignore } = context;
  const { samples } = context.samples;
  const random = randomStream(seed, epoch, sample, 'augmentation');
  const drawn = drawImage(random, context, sample);
  const { image, labels } = drawn;
  const region = drawRegion(random, context, drawn);
  const ground = kept ? wholeRegion(views.crop) : region;
  const field = displacementField(drawSpatialTransform(random, views, ground.shape), ground);
  const mirrored = views.flips.filter(() => random.uniform() < 0.5);
  const shape = [samples.channels, ...views.crop];
  const moved = tensor(shape, mirror(tensor(shape, warpLinear(image, field, region)), mirrored));
  const appearance = drawAppearance(random, { ...views, inpaint: { blocks: 0, probability: 0 } }, shape);
  const seen = applyAppearance(moved, appearance);
  if (!samples.perPixel) return [seen, Float32Array.of(labels[0]!)];
  const target = tensor([1, ...views.crop], warpNearest(labels, field, region, ignore));
  return [seen, mirror(target, mirrored)];
}

interface Drawn {
  /** `[C, ...S]` */
  readonly image: Tensor;
  readonly labels: Uint8Array;
  /** The share of windows about a labelled pixel. */
  readonly foreground: number | null;
}

/** The image of a case, or a slice of it: any one, or one with a labelled pixel. */
function drawImage(random: Random, { samples: set, views, ignore, slices }: SampleContext, sample: number): Drawn {
  const image = set.sharedImage(sample);
  const { labels } = set.samples.cases[sample]!;
  const { foreground } = views;
  if (!slices) return { image, labels, foreground };
  const shape = image.shape.slice(1);
  const axis = sliceAxis(slices);
  const about = foreground && random.uniform() < foreground ? drawLabelled(random, labels, ignore) : undefined;
  const index =
    about === undefined ? random.integer(0, shape[axis]!) : Math.floor(about / stridesOf(shape)[axis]!) % shape[axis]!;
  return {
    image: tensor(
      image.shape.filter((_, at) => at !== axis + 1),
      sliceOf(image.data, shape, slices, index),
    ),
    labels: sliceOf(labels, shape, slices, index),
    foreground: about === undefined ? null : 1,
  };
}

function drawRegion(
  random: Random,
  { samples: set, views, ignore }: SampleContext,
  { image, labels, foreground }: Drawn,
): Region {
  const { samples } = set;
  const shape = image.shape.slice(1);
  const { crop } = views;
  const room = shape.map((extent, axis) => extent - crop[axis]!);
  if (foreground && samples.perPixel && room.some((free) => free > 0) && random.uniform() < foreground) {
    const place = drawLabelled(random, labels, ignore);
    const strides = stridesOf(shape);
    if (place !== undefined) {
      const start = shape.map((extent, axis) => {
        const at = (Math.floor(place / strides[axis]!) % extent) - Math.floor(crop[axis]! / 2);
        return Math.min(Math.max(at, 0), room[axis]!);
      });
      return { shape, start, size: crop };
    }
  }
  const start = room.map((free) => random.integer(0, free + 1));
  return { shape, start, size: crop };
}

/** A pixel of a class that is drawn among those of the image, so that small classes are seen as often as large ones. */
function drawLabelled(random: Random, labels: Uint8Array, ignore: number): number | undefined {
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label]!++;
  const present = [...counts.keys()].filter((label) => label !== 0 && label !== ignore && counts[label]! > 0);
  if (present.length === 0) return undefined;
  const label = present[random.integer(0, present.length)]!;
  let left = random.integer(0, counts[label]!);
  return labels.findIndex((own) => own === label && left-- === 0);
}

/**
 * The label at `p + field(p)`, of the nearest pixel.
 * @param labels `[...region.shape]`
 * @param field `[nd, ...region.size]`, in pixels
 * @param outside the label of positions outside of the image
 */
export function warpNearest(labels: Uint8Array, field: Float32Array, region: Region, outside: number): Float32Array {
  const { shape, start, size } = region;
  const count = sizeOf(size);
  const [strides, steps] = [stridesOf(shape), stridesOf(size)];
  return Float32Array.from({ length: count }, (_, pixel) => {
    let place = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const own = start[axis]! + (Math.floor(pixel / steps[axis]!) % size[axis]!);
      const at = Math.round(own + field[axis * count + pixel]!);
      if (!(at >= 0 && at < shape[axis]!)) return outside;
      place += at * strides[axis]!;
    }
    return labels[place]!;
  });
}
