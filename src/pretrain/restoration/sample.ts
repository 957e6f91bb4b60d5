/** What the loader's workers run: both views of one image, each as it is and corrupted. */
import { randomStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import type { SampleKey } from '../../data/index.js';
import type { AppearanceOptions } from '../../views/index.js';
import { type SampleContext, sampleViews } from '../cover/sample.js';
import { type CorruptionOptions, corrupt } from './corrupt.js';

export interface RestorationContext extends SampleContext {
  /** Channels of the image. */
  readonly inputs: number;
  readonly corruption: CorruptionOptions;
}

/** The image as it is: what is to be restored must not be changed before. */
const UNCHANGED: AppearanceOptions = {
  noise: [0, 0],
  blur: [0, 0],
  contrast: [1, 1],
  brightness: 0,
  inpaint: { blocks: 0, probability: 0 },
};

/** `[corruptedMoving, corruptedFixed, moving, fixed]`; the views lie where the other methods have theirs. */
export function makeSample(context: RestorationContext, key: SampleKey): readonly Float32Array[] {
  const { moving, fixed } = sampleViews(context, key, UNCHANGED);
  const { inputs, corruption, views, seed, purpose } = context;
  const random = randomStream(seed, key.epoch, key.sample, purpose, 'corruption');
  const corrupted = [moving, fixed].map((view) => corrupt(tensor([inputs, ...views.crop], view), corruption, random));
  return [...corrupted, moving, fixed];
}
