/** What a method makes its samples from: images, and the two views of one. */
import { type Random, randomStream } from '../core/random.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { SampleKey } from '../data/batch.js';
import { type Curriculum, drawViews, strengthAt, type ViewOptions, type Views, weakened } from '../views/index.js';

/** Decoded images or volumes, wherever they are kept. */
export interface ImageRecords {
  readonly channels: 1 | 3;
  /** What views are cut from, without channels. */
  readonly shape: readonly number[];
  /** The extents of each image, `[...S]`, or `[slices, ...S]` of a stack. */
  readonly records: readonly (readonly number[])[];
  /** The values of a part of an image, with its channels first. */
  window(index: number, start: readonly number[], size: readonly number[]): Tensor;
}

export interface SampleContext {
  readonly images: ImageRecords;
  readonly views: ViewOptions;
  /** How the strength of training draws grows; `null` for the whole strength from the first step. */
  readonly curriculum: Curriculum | null;
  readonly seed: number;
  /** A purpose of its own keeps validation draws apart from training draws. */
  readonly purpose: 'train' | 'validation';
}

/** The arrays of a sample: a pure function of (seed, epoch, sample, purpose) and, with a curriculum, the step. */
export type MakeSample = (context: SampleContext, key: SampleKey) => readonly Float32Array[];

/** `[moving, fixed, field, mask]` of an image. */
export const makeViews: MakeSample = (context, key) => {
  const { moving, fixed, field, mask } = sampleViews(context, key);
  return [moving, fixed, field, mask];
};

/**
 * The views of an image.
 * @param appearance of the moving view, where it is another than that of the context; the places stay the same
 */
export function sampleViews(context: SampleContext, key: SampleKey, appearance = context.views.appearance): Views {
  const random = randomStream(context.seed, key.epoch, key.sample, context.purpose);
  const strength = key.step === undefined ? 1 : strengthAt(key.step, context.curriculum);
  const views = weakened({ ...context.views, appearance }, strength);
  return drawViews(drawImage(context.images, key.sample, random), views, random);
}

/**
 * What the views are cut from, `[C, ...S]`: the record itself, or a random window of one that is larger; of a stack,
 * one of its slices. Nothing is drawn where there is no choice.
 */
function drawImage(images: ImageRecords, index: number, random: Random): Tensor {
  const { channels, shape } = images;
  const record = images.records[index]!;
  const size = record.length > shape.length ? [1, ...shape] : shape;
  const start = record.map((extent, axis) => {
    const room = extent - size[axis]!;
    return room > 0 ? random.integer(0, room + 1) : 0;
  });
  return tensor([channels, ...shape], images.window(index, start, size).data);
}
