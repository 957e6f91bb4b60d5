/** What the loader's workers run: the views of one cached image. */
import { randomStream } from '../../core/random.js';
import type { Tensor } from '../../core/tensor.js';
import { attachCache, type ImageCache, type SampleKey } from '../../data/index.js';
import { drawViews, type ViewOptions } from './views/index.js';

export interface SampleContext {
  /** The file of the image cache. */
  readonly cache: string;
  readonly views: ViewOptions;
  readonly seed: number;
  /** A purpose of its own keeps validation draws apart from training draws. */
  readonly purpose: 'train' | 'validation';
}

const caches = new WeakMap<SampleContext, ImageCache>();

/** `[moving, fixed, field, mask]` of an image: a pure function of (seed, epoch, sample, purpose). */
export function makeSample(context: SampleContext, key: SampleKey): readonly Float32Array[] {
  let cache = caches.get(context);
  if (!cache) {
    cache = attachCache(context.cache);
    caches.set(context, cache);
  }
  const image: Tensor = cache.read(key.sample);
  const random = randomStream(context.seed, key.epoch, key.sample, context.purpose);
  const { moving, fixed, field, mask } = drawViews(image, context.views, random);
  return [moving, fixed, field, mask];
}
