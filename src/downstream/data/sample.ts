/**
 * What the loader's workers run: one augmented sample. The image is moved by a small spatial transformation, cut, mirrored
 * and changed in its intensities; the label goes the same way, by the nearest pixel. Everything comes from (seed, epoch, sample).
 */
import { type Random, randomStream } from '../../core/random.js';
import { sizeOf, stridesOf, type Tensor, tensor } from '../../core/tensor.js';
import type { SampleKey } from '../../data/index.js';
import {
  applyAppearance,
  displacementField,
  drawAppearance,
  drawSpatialTransform,
  type Region,
  warpLinear,
} from '../../pretrain/cover/views/index.js';
import { imageOf, type Samples } from './samples.js';

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
}

export interface SampleContext {
  readonly samples: Samples;
  readonly views: AugmentOptions;
  readonly seed: number;
  /** The label of pixels that come from outside of the image. */
  readonly ignore: number;
}

/** `[image, target]`: the image `[C, ...crop]`, the target `[...crop]`, or `[1]` for classification. */
export function makeSample(context: SampleContext, { epoch, sample }: SampleKey): readonly Float32Array[] {
  const { samples, views, seed, ignore } = context;
  const random = randomStream(seed, epoch, sample, 'augmentation');
  const image = imageOf(samples, sample);
  const region = drawRegion(random, samples.shape, views.crop);
  const field = displacementField(drawSpatialTransform(random, views, samples.shape), region);
  const mirrored = views.flips.filter(() => random.uniform() < 0.5);
  const shape = [samples.channels, ...views.crop];
  const moved = tensor(shape, mirror(tensor(shape, warpLinear(image, field, region)), mirrored));
  const appearance = drawAppearance(random, { ...views, inpaint: { blocks: 0, probability: 0 } }, shape);
  const seen = applyAppearance(moved, appearance);
  const pixels = sizeOf(samples.shape);
  if (!samples.perPixel) return [seen, Float32Array.of(samples.labels[sample])];
  const labels = samples.labels.subarray(sample * pixels, (sample + 1) * pixels);
  const target = tensor([1, ...views.crop], warpNearest(labels, field, region, ignore));
  return [seen, mirror(target, mirrored)];
}

function drawRegion(random: Random, shape: readonly number[], crop: readonly number[]): Region {
  const start = shape.map((extent, axis) => random.integer(0, extent - crop[axis] + 1));
  return { shape, start, size: crop };
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
      const own = start[axis] + (Math.floor(pixel / steps[axis]) % size[axis]);
      const at = Math.round(own + field[axis * count + pixel]);
      if (!(at >= 0 && at < shape[axis])) return outside;
      place += at * strides[axis];
    }
    return labels[place];
  });
}

/** The values of `[C, ...S]` mirrored along spatial axes (0 is the first after the channels). */
export function mirror({ shape, data }: Tensor, axes: readonly number[]): Float32Array {
  if (axes.length === 0) return data;
  const strides = stridesOf(shape);
  return Float32Array.from({ length: data.length }, (_, index) => {
    let from = index;
    for (const spatial of axes) {
      const axis = spatial + 1;
      const at = Math.floor(index / strides[axis]) % shape[axis];
      from += (shape[axis] - 1 - 2 * at) * strides[axis];
    }
    return data[from];
  });
}
