/**
 * Consistency alone, the base of the paper's ablation: the features of corresponding pixels shall agree,
 * `L = L_con` (docs/method.md §5). No vectors, no pyramid, and no parameters beside the backbone.
 */
import { div, maximum, mul, neg, reduceSum, sub } from '../../graph/index.js';
import type { Criterion } from '../../train/criterion.js';
import { type AgreementOptions, agreement, maskedMean } from '../agreement.js';
import { agreementPanel } from '../agreement-panel.js';
import { type BackboneOptions, backboneSpecs, pairFeatures } from '../backbone.js';
import { MeanLoss } from '../mean-loss.js';
import { defineMethod, type Method, sumOf } from '../method.js';
import { networkOptions } from '../network-options.js';
import { noFields } from '../no-fields.js';
import { makeViews } from '../sample.js';
import { viewShapes } from '../view-shapes.js';

export type ConsistencyOptions = BackboneOptions & AgreementOptions;

const loss: Criterion = { key: 'loss', name: 'consistency loss', short: 'con', digits: 4, better: 'lower' };

export const consistency = defineMethod({
  settings: null,
  create: (config) => consistencyMethod(networkOptions(config)),
  check: noFields,
});

export function consistencyMethod(options: ConsistencyOptions): Method {
  return {
    title: 'Consistency',
    specs: backboneSpecs(options),
    metrics: { train: [loss], parts: [], criterion: loss },
    makeSample: makeViews,
    sampleShapes: (extents) => viewShapes(options, extents),
    totals: { validPixels: ({ mask }) => sumOf(mask!) },
    losses(parameters, { moving, fixed, field, mask, validPixels }) {
      const { fixedFeatures, movingFeatures } = pairFeatures(parameters, moving!, fixed!);
      const cosines = agreement(fixedFeatures.at(-1)!, movingFeatures.at(-1)!, field!, options);
      const meanCosine = maskedMean(cosines, mask!, validPixels!);
      return { objective: neg(meanCosine), sums: { meanCosine } };
    },
    results: ({ meanCosine }, { validPixels }) => ({ loss: validPixels! > 0 ? 1 - meanCosine! : 0 }),
    lookInputs: ['moving', 'fixed', 'field', 'mask'],
    look(parameters, { moving, fixed, field, mask }) {
      const { fixedFeatures, movingFeatures } = pairFeatures(parameters, moving!, fixed!);
      const features = fixedFeatures.at(-1)!;
      const cosines = agreement(features, movingFeatures.at(-1)!, field!, options);
      const own = cosines.shape.map((_, axis) => axis).slice(1);
      const mean = div(reduceSum(mul(cosines, mask!), own), maximum(reduceSum(mask!, own), 1));
      return { fixedFeatures: features, agreement: cosines, loss: sub(1, mean) };
    },
    judge: () => new MeanLoss(),
    panel: agreementPanel,
  };
}
