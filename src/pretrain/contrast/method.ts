/**
 * Pixel-wise binary contrast: InfoNCE between corresponding pixels on a grid, through a projection of its own. A pixel
 * is either the positive or a negative; how far apart two pixels lie plays no part. This is what COVER replaces by a
 * regression.
 */

import { z } from 'zod';
import { sizeOf } from '../../core/tensor.js';
import { div, maximum, reduceSum, reshape, type Value, type WarpConvention, warp } from '../../graph/index.js';
import { type Parameters, pointwise, pointwiseSpecs } from '../../nn/index.js';
import { count } from '../../train/config/sections.js';
import type { Criterion } from '../../train/criterion.js';
import type { Values } from '../../train/objective.js';
import { agreement } from '../agreement.js';
import { agreementPanel } from '../agreement-panel.js';
import { type BackboneOptions, backboneSpecs, pairFeatures } from '../backbone.js';
import { MeanLoss } from '../mean-loss.js';
import { defineMethod, type Method } from '../method.js';
import { networkOptions } from '../network-options.js';
import { noFields } from '../no-fields.js';
import { makeViews } from '../sample.js';
import { viewShapes } from '../view-shapes.js';
import { infoNce, strided, stridedCount } from './loss.js';

export interface ContrastOptions extends BackboneOptions {
  readonly warp: WarpConvention;
  /** Every this many pixels along each axis one is compared; a divisor of the view's extents. */
  readonly stride: number;
  /** What cosines are divided by. */
  readonly temperature: number;
  /** Channels of the projection. */
  readonly projection: number;
}

const HEAD = 'contrast.head';
const loss: Criterion = { key: 'loss', name: 'InfoNCE', short: 'InfoNCE', digits: 3, better: 'lower' };

const settings = z.strictObject({
  stride: count.default(8).describe('every this many pixels along each axis one is compared'),
  temperature: z.number().positive().default(0.1).describe('what cosines are divided by'),
  projection: count.default(32).describe('channels of the projection'),
});

export const contrast = defineMethod({
  settings,
  create: (config, own) => contrastMethod({ ...networkOptions(config), ...own }),
  check(config, { stride }) {
    if (config.views.crop.every((extent) => extent % stride === 0)) return noFields(config);
    return { key: ['contrast', 'stride'], expected: 'a divisor of every extent of views.crop' };
  },
});

export function contrastMethod(options: ContrastOptions): Method {
  const { dims, channels, projection, stride, temperature } = options;
  /** The projections of the pixels on the grid, `[N, D, P]`. */
  const projected = (parameters: Parameters, features: Value) =>
    rows(pointwise(parameters, HEAD, strided(features, stride)));
  const forward = (parameters: Parameters, { moving, fixed, field, mask }: Values) => {
    const pair = pairFeatures(parameters, moving!, fixed!);
    const [fixedFeatures, movingFeatures] = [pair.fixedFeatures.at(-1)!, pair.movingFeatures.at(-1)!];
    const warped = warp(movingFeatures, field!, options.warp);
    const weights = rows(strided(mask!, stride));
    const surprise = infoNce(projected(parameters, fixedFeatures), projected(parameters, warped), weights, temperature);
    return { fixedFeatures, movingFeatures, weights, surprise };
  };
  return {
    title: 'Pixel-wise contrast',
    specs: [...backboneSpecs(options), ...pointwiseSpecs(HEAD, channels.at(-1)!, projection, dims)],
    metrics: { train: [loss], parts: [], criterion: loss },
    makeSample: makeViews,
    sampleShapes: (extents) => viewShapes(options, extents),
    totals: { anchors: ({ mask }, extents) => 2 * stridedCount(mask!, extents, stride) },
    losses(parameters, inputs) {
      const mean = div(reduceSum(forward(parameters, inputs).surprise), maximum(inputs.anchors!, 1));
      return { objective: mean, sums: { loss: mean } };
    },
    results: (sums) => ({ loss: sums.loss! }),
    lookInputs: ['moving', 'fixed', 'field', 'mask'],
    look(parameters, inputs) {
      const { fixedFeatures, movingFeatures, weights, surprise } = forward(parameters, inputs);
      const anchors = maximum(reduceSum(weights, [1, 2]), 1);
      return {
        fixedFeatures,
        agreement: agreement(fixedFeatures, movingFeatures, inputs.field!, options),
        loss: div(div(surprise, anchors), 2),
      };
    },
    judge: () => new MeanLoss(),
    panel: agreementPanel,
  };
}

/** `[N, C, ...S]` as `[N, C, P]`. */
function rows(map: Value): Value {
  const [batch, channels, ...extents] = map.shape as [number, number, ...number[]];
  return reshape(map, [batch, channels, sizeOf(extents)]);
}
