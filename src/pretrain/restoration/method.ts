/**
 * Restoration of corrupted images (Models Genesis, Zhou et al. 2019, 2021): the backbone sees a corrupted view, and a
 * 1×1 convolution of its full-resolution features shall give the view as it was, by the mean squared difference.
 */
import { z } from 'zod';
import { add, concat, div, reduceMean, reduceSum, slice, square, sub, type Value } from '../../graph/index.js';
import { type Parameters, pointwise, pointwiseSpecs, unet } from '../../nn/index.js';
import { share } from '../../train/config/sections.js';
import type { Criterion } from '../../train/criterion.js';
import { BACKBONE, type BackboneOptions, backboneSpecs } from '../backbone.js';
import { MeanLoss } from '../mean-loss.js';
import { defineMethod, type Method } from '../method.js';
import { networkOptions } from '../network-options.js';
import { noFields } from '../no-fields.js';
import { restoredPanel } from '../restored-panel.js';
import type { CorruptionOptions } from './corrupt.js';
import { makeCorruptedViews } from './sample.js';

export interface RestorationOptions extends BackboneOptions {
  readonly corruption: CorruptionOptions;
}

const HEAD = 'restoration.head';
const loss: Criterion = { key: 'loss', name: 'mean squared error', short: 'MSE', digits: 4, better: 'lower' };

const settings = z.strictObject({
  shuffle: share.default(0.5).describe('the chance that pixels are shuffled within small windows'),
  nonlinear: share.default(0.9).describe('the chance that intensities go through a curve'),
  paint: share.default(0.9).describe('the chance that parts are painted over'),
  outpaint: share.default(0.8).describe('the chance that it is the outside that is painted over'),
});

export const restoration = defineMethod({
  settings,
  create: (config, corruption) => restorationMethod({ ...networkOptions(config), corruption }),
  check: noFields,
});

export function restorationMethod(options: RestorationOptions): Method {
  const { dims, inputs: imageChannels, channels, corruption } = options;
  const restored = (parameters: Parameters, features: Value) => pointwise(parameters, HEAD, features);
  return {
    title: 'Restoration',
    specs: [...backboneSpecs(options), ...pointwiseSpecs(HEAD, channels.at(-1)!, imageChannels, dims)],
    metrics: { train: [loss], parts: [], criterion: loss },
    makeSample: makeCorruptedViews(imageChannels, corruption),
    sampleShapes(extents) {
      const view = [imageChannels, ...extents];
      return { corruptedMoving: view, corruptedFixed: view, moving: view, fixed: view };
    },
    totals: { values: ({ moving, fixed }) => moving!.length + fixed!.length },
    losses(parameters, { corruptedMoving, corruptedFixed, moving, fixed, values }) {
      const features = unet(parameters, BACKBONE, concat([corruptedFixed!, corruptedMoving!], 0)).at(-1)!;
      const difference = sub(restored(parameters, features), concat([fixed!, moving!], 0));
      const mean = div(reduceSum(square(difference)), values!);
      return { objective: mean, sums: { loss: mean } };
    },
    results: (sums) => ({ loss: sums.loss! }),
    lookInputs: ['corruptedMoving', 'corruptedFixed', 'moving', 'fixed'],
    look(parameters, { corruptedMoving, corruptedFixed, moving, fixed }) {
      const batch = fixed!.shape[0]!;
      const views = concat([corruptedFixed!, corruptedMoving!, fixed!], 0);
      const features = unet(parameters, BACKBONE, views).at(-1)!;
      const images = restored(parameters, slice(features, [0], [0], [2 * batch]));
      const [restoredFixed, restoredMoving] = [0, 1].map((part) =>
        slice(images, [0], [part * batch], [(part + 1) * batch]),
      ) as [Value, Value];
      /** The mean over one sample's view, `[N, 1, ...]`. */
      const squares = (image: Value, truth: Value) =>
        reduceMean(square(sub(image, truth)), truth.shape.map((_, axis) => axis).slice(1));
      return {
        // The features of the view as it is, which is what the other methods' features are of.
        fixedFeatures: slice(features, [0], [2 * batch], [3 * batch]),
        restoredFixed,
        restoredMoving,
        loss: div(add(squares(restoredFixed, fixed!), squares(restoredMoving, moving!)), 2),
      };
    },
    judge: () => new MeanLoss(),
    panel: (inputs, found) => {
      const { corruptedMoving, corruptedFixed } = inputs;
      return restoredPanel(inputs, { title: 'corrupted', moving: corruptedMoving!, fixed: corruptedFixed! }, found);
    },
  };
}
