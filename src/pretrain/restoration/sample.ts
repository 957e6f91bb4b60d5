/** The samples of restoration: both views of one image, each as it is and corrupted. */
import { randomStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { type MakeSample, sampleViews } from '../sample.js';
import { UNCHANGED } from '../unchanged.js';
import { type CorruptionOptions, corrupt } from './corrupt.js';

/**
 * `[corruptedMoving, corruptedFixed, moving, fixed]`; the views lie where the other methods have theirs.
 * @param channels of the image
 */
export function makeCorruptedViews(channels: number, corruption: CorruptionOptions): MakeSample {
  return (context, key) => {
    const { moving, fixed } = sampleViews(context, key, UNCHANGED);
    const { views, seed, purpose } = context;
    const random = randomStream(seed, key.epoch, key.sample, purpose, 'corruption');
    const corrupted = [moving, fixed].map((view) =>
      corrupt(tensor([channels, ...views.crop], view), corruption, random),
    );
    return [...corrupted, moving, fixed];
  };
}
