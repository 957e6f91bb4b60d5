/**
 * Masked image modelling (He et al. 2022) for a convolutional U-Net, as the nnssl and OpenMind benchmark (Wald et al.
 * 2024) has it: most patches of an image are set to zero, and a 1×1 convolution of the full-resolution features shall
 * give the image as it was, by the mean squared difference over the hidden pixels alone.
 */
import { z } from 'zod';
import { add, concat, div, maximum, mul, reduceSum, slice, square, sub, type Value } from '../../graph/index.js';
import { type Parameters, pointwise, pointwiseSpecs, unet } from '../../nn/index.js';
import { count } from '../../train/config/sections.js';
import type { Criterion } from '../../train/criterion.js';
import type { Values } from '../../train/objective.js';
import { BACKBONE, type BackboneOptions, backboneSpecs } from '../backbone.js';
import { MeanLoss } from '../mean-loss.js';
import { defineMethod, type Method, sumOf } from '../method.js';
import { networkOptions } from '../network-options.js';
import { noFields } from '../no-fields.js';
import { restoredPanel } from '../restored-panel.js';
import type { PatchMaskOptions } from './mask.js';
import { makeMaskedViews } from './sample.js';

export interface MaeOptions extends BackboneOptions, PatchMaskOptions {}

const HEAD = 'mae.head';
const loss: Criterion = { key: 'loss', name: 'masked squared error', short: 'MSE', digits: 4, better: 'lower' };

const settings = z.strictObject({
  ratio: z.number().gt(0).lt(1).default(0.75).describe('the share of the patches that are hidden'),
  patch: count.default(16).describe('the side of a patch in pixels, a divisor of every extent of views.crop'),
});

export const mae = defineMethod({
  settings,
  create: (config, own) => maeMethod({ ...networkOptions(config), ...own }),
  check(config, { patch }) {
    const { crop } = config.views;
    const cells = crop.reduce((product, extent) => product * (extent / patch), 1);
    if (crop.every((extent) => extent % patch === 0) && cells > 1) return noFields(config);
    return {
      key: ['mae', 'patch'],
      expected: 'a divisor of every extent of views.crop, so that there are two patches',
    };
  },
});

export function maeMethod(options: MaeOptions): Method {
  const { dims, inputs: imageChannels, channels } = options;
  /** Both views as one batch, the fixed ones first, with their masks. */
  const pairs = ({ moving, fixed, movingMask, fixedMask }: Values) => ({
    images: concat([fixed!, moving!], 0),
    masks: concat([fixedMask!, movingMask!], 0),
  });
  const restored = (parameters: Parameters, images: Value) =>
    pointwise(parameters, HEAD, unet(parameters, BACKBONE, images).at(-1)!);
  /** The squared differences of hidden pixels, and 0 elsewhere. */
  const squares = (found: Value, images: Value, masks: Value) => mul(square(sub(found, images)), masks);
  const shown = (images: Value, masks: Value) => mul(images, sub(1, masks));
  return {
    title: 'Masked image modelling',
    specs: [...backboneSpecs(options), ...pointwiseSpecs(HEAD, channels.at(-1)!, imageChannels, dims)],
    metrics: { train: [loss], parts: [], criterion: loss },
    makeSample: makeMaskedViews(options),
    sampleShapes(extents) {
      const [view, mask] = [
        [imageChannels, ...extents],
        [1, ...extents],
      ];
      return { moving: view, fixed: view, movingMask: mask, fixedMask: mask };
    },
    totals: {
      hidden: ({ movingMask, fixedMask }) => imageChannels * (sumOf(movingMask!) + sumOf(fixedMask!)),
    },
    losses(parameters, inputs) {
      const { images, masks } = pairs(inputs);
      const found = restored(parameters, shown(images, masks));
      const mean = div(reduceSum(squares(found, images, masks)), inputs.hidden!);
      return { objective: mean, sums: { loss: mean } };
    },
    results: (sums) => ({ loss: sums.loss! }),
    lookInputs: ['moving', 'fixed', 'movingMask', 'fixedMask'],
    look(parameters, inputs) {
      const { moving, fixed, movingMask, fixedMask } = inputs;
      const batch = fixed!.shape[0]!;
      const { images, masks } = pairs(inputs);
      const found = restored(parameters, shown(images, masks));
      const [restoredFixed, restoredMoving] = [0, 1].map((part) =>
        slice(found, [0], [part * batch], [(part + 1) * batch]),
      ) as [Value, Value];
      const own = fixed!.shape.map((_, axis) => axis).slice(1);
      const sum = (image: Value, truth: Value, mask: Value) => reduceSum(squares(image, truth, mask), own);
      const hidden = maximum(mul(add(reduceSum(fixedMask!, own), reduceSum(movingMask!, own)), imageChannels), 1);
      const total = add(sum(restoredFixed, fixed!, fixedMask!), sum(restoredMoving, moving!, movingMask!));
      return {
        // The features of the view as it is, which is what the other methods' features are of.
        fixedFeatures: unet(parameters, BACKBONE, fixed!).at(-1)!,
        shownMoving: shown(moving!, movingMask!),
        shownFixed: shown(fixed!, fixedMask!),
        restoredMoving,
        restoredFixed,
        loss: div(total, hidden),
      };
    },
    judge: () => new MeanLoss(),
    panel: (inputs, found) =>
      restoredPanel(inputs, { title: 'shown', moving: found.shownMoving!, fixed: found.shownFixed! }, found),
  };
}
