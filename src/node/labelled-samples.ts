/** What the loader's threads run in a fine-tuning: one augmented sample. */
import type { SampleKey } from '../data/batch.js';
import { readKeptImage } from '../data/labelled/image-store.js';
import { SampleSet, type Samples } from '../data/labelled/sample-set.js';
import { makeSample as augmented, type SampleContext } from '../finetune/augment.js';

/** As it crosses to a thread. */
export type LabelledContext = Omit<SampleContext, 'samples'> & { readonly samples: Samples };

const made = new WeakMap<LabelledContext, SampleContext>();

export function makeSample(context: LabelledContext, key: SampleKey): readonly Float32Array[] {
  let own = made.get(context);
  if (!own) {
    own = { ...context, samples: new SampleSet(context.samples, readKeptImage) };
    made.set(context, own);
  }
  return augmented(own, key);
}
