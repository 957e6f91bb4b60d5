/** The samples of masked image modelling: both views of one image as it is, each with a mask of its own. */
import { randomStream } from '../../core/random.js';
import { type MakeSample, sampleViews } from '../sample.js';
import { UNCHANGED } from '../unchanged.js';
import { drawPatchMask, type PatchMaskOptions } from './mask.js';

/** `[moving, fixed, movingMask, fixedMask]`; the views lie where the other methods have theirs. */
export function makeMaskedViews(options: PatchMaskOptions): MakeSample {
  return (context, key) => {
    const { moving, fixed } = sampleViews(context, key, UNCHANGED);
    const { views, seed, purpose } = context;
    const random = randomStream(seed, key.epoch, key.sample, purpose, 'patches');
    const masks = [moving, fixed].map(() => drawPatchMask(views.crop, options, random));
    return [moving, fixed, ...masks];
  };
}
