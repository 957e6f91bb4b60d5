/**
 * Pixel-wise binary contrast: InfoNCE between corresponding pixels on a grid, through a projection of its own. A pixel is either
 * the positive or a negative; how far apart two pixels lie plays no part. This is what COVER replaces by a regression.
 */
import { div, maximum, reduceSum, reshape, type Value, type WarpConvention, warp } from '../../graph/index.js';
import { type Parameters, pointwise, pointwiseSpecs } from '../../nn/index.js';
import { agreementPanel } from '../agreement-panel.js';
import { type BackboneOptions, backboneSpecs, pairFeatures } from '../backbone.js';
import { agreement } from '../cover/losses.js';
import { viewShapes } from '../cover/view-shapes.js';
import { MeanLoss } from '../mean-loss.js';
import type { Method, Metric, Values } from '../method.js';
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
const loss: Metric = { key: 'loss', name: 'InfoNCE', short: 'InfoNCE', digits: 3 };

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
    name: 'contrast',
    title: 'Pixel-wise contrast',
    specs: [...backboneSpecs(options), ...pointwiseSpecs(HEAD, channels.at(-1)!, projection, dims)],
    metrics: { train: [loss], parts: [], criterion: loss },
    sampleModule: new URL('../cover/sample.js', import.meta.url),
    sampleSettings: {},
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
    fieldOutput: null,
    panel: agreementPanel,
  };
}

/** `[N, C, ...S]` as `[N, C, P]`. */
function rows(map: Value): Value {
  const [batch, channels, ...extents] = map.shape as [number, number, ...number[]];
  return reshape(map, [batch, channels, extents.reduce((product, extent) => product * extent, 1)]);
}
