/** What the loader's workers run: the views of one cached image or volume. */
import { type Random, randomStream } from '../../core/random.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { attachCache, type ImageCache, type SampleKey } from '../../data/index.js';
import { type Curriculum, drawViews, strengthAt, type ViewOptions, type Views, weakened } from '../../views/index.js';

export interface SampleContext {
  /** The file of the image cache. */
  readonly cache: string;
  readonly views: ViewOptions;
  /** How the strength of training draws grows; `null` for the whole strength from the first step. */
  readonly curriculum: Curriculum | null;
  readonly seed: number;
  /** A purpose of its own keeps validation draws apart from training draws. */
  readonly purpose: 'train' | 'validation';
}

const caches = new WeakMap<SampleContext, ImageCache>();

/** `[moving, fixed, field, mask]` of an image: a pure function of (seed, epoch, sample, purpose) and, with a curriculum, the step. */
export function makeSample(context: SampleContext, key: SampleKey): readonly Float32Array[] {
  const { moving, fixed, field, mask } = sampleViews(context, key);
  return [moving, fixed, field, mask];
}

/**
 * The views of an image.
 * @param appearance of the moving view, where it is another than that of the context; the places stay the same
 */
export function sampleViews(context: SampleContext, key: SampleKey, appearance = context.views.appearance): Views {
  let cache = caches.get(context);
  if (!cache) {
    cache = attachCache(context.cache);
    caches.set(context, cache);
  }
  const random = randomStream(context.seed, key.epoch, key.sample, context.purpose);
  const strength = key.step === undefined ? 1 : strengthAt(key.step, context.curriculum);
  const views = weakened({ ...context.views, appearance }, strength);
  return drawViews(drawImage(cache, key.sample, random), views, random);
}

/**
 * What the views are cut from, `[C, ...S]`: the record itself, or a random window of one that is larger; of a stack, one of
 * its slices. Nothing is drawn where there is no choice.
 */
function drawImage(cache: ImageCache, index: number, random: Random): Tensor {
  const { channels, shape } = cache;
  const record = cache.records[index]!;
  const size = record.length > shape.length ? [1, ...shape] : shape;
  const start = record.map((extent, axis) => {
    const room = extent - size[axis]!;
    return room > 0 ? random.integer(0, room + 1) : 0;
  });
  return tensor([channels, ...shape], cache.window(index, start, size).data);
}
