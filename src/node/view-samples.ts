/**
 * What the loader's threads run in a pretraining: the sample of one cached image, as the configuration's method makes
 * it.
 */
import type { SampleKey } from '../data/batch.js';
import { attachCache } from '../data/cache-file.js';
import type { Config } from '../pretrain/config.js';
import { methodOf } from '../pretrain/methods.js';
import type { MakeSample, SampleContext } from '../pretrain/sample.js';

export interface ViewSampleContext {
  /** The file of the image cache. */
  readonly cache: string;
  readonly config: Config;
  readonly purpose: SampleContext['purpose'];
}

const made = new WeakMap<ViewSampleContext, (key: SampleKey) => ReturnType<MakeSample>>();

export function makeSample(context: ViewSampleContext, key: SampleKey): readonly Float32Array[] {
  let make = made.get(context);
  if (!make) {
    const { config, purpose } = context;
    const { views, seed } = config;
    const sampling = { images: attachCache(context.cache), views, curriculum: views.curriculum, seed, purpose };
    const method = methodOf(config);
    make = (wanted) => method.makeSample(sampling, wanted);
    made.set(context, make);
  }
  return make(key);
}
