/**
 * COVER as a method of pretraining: `L = L_con + L_vec` (docs/method.md §5), weighted and with a term against flat
 * features where the settings say so; judged by the endpoint error.
 */
import { sizeOf, tensor } from '../../core/tensor.js';
import { add, div, mul, type Shape, sub, type Value } from '../../graph/index.js';
import { pairPanel } from '../../report/index.js';
import type { Metric } from '../../train/criterion.js';
import type { BatchArrays } from '../../train/objective.js';
import { warpLinear } from '../../views/index.js';
import { agreement, maskedMean, NORM_BOUND } from '../agreement.js';
import { pairFeatures } from '../backbone.js';
import { defineMethod, type Method, type MethodMetrics, sumOf } from '../method.js';
import { networkOptions } from '../network-options.js';
import { makeViews } from '../sample.js';
import { viewShapes } from '../view-shapes.js';
import { EndpointErrors } from './endpoint-errors.js';
import { endpointError, vectorLoss } from './losses.js';
import { spreadTerms } from './spread.js';
import { buffers, projectionSettings } from './state-dict.js';
import { type CoverOptions, type CoverWeights, coverForward, coverSpecs } from './step.js';
import { pyramidFlows } from './vpa.js';

const vector = { key: 'vectorLoss', name: 'vector', short: 'vec', digits: 2 };
const consistency = { key: 'consistencyLoss', name: 'consistency', short: 'con', digits: 3 };
const variance = { key: 'varianceLoss', name: 'variance', short: 'var', digits: 3 };
const covariance = { key: 'covarianceLoss', name: 'covariance', short: 'cov', digits: 3 };
const criterion = {
  key: 'endpointError',
  name: 'endpoint error',
  short: 'EPE',
  digits: 2,
  unit: 'px',
  better: 'lower',
} as const;

export const coverMetrics: MethodMetrics = {
  train: [vector, consistency, criterion],
  parts: [vector, consistency],
  criterion,
  reference: { key: 'zeroEndpointError', name: 'zero field', short: 'zero field', digits: 2, unit: 'px' },
};

/** The same of volumes, whose displacements are measured in voxels. */
function inVoxels({ criterion: judged, reference, train, parts }: MethodMetrics): MethodMetrics {
  const named = <One extends Metric>(metric: One): One => (metric.unit ? { ...metric, unit: 'voxels' } : metric);
  return {
    train: train.map(named),
    parts,
    criterion: named(judged),
    ...(reference ? { reference: named(reference) } : {}),
  };
}

export const cover = defineMethod({
  settings: null,
  buffers,
  deduce: projectionSettings,
  create: (config) => coverMethod(networkOptions(config)),
  check({ losses }) {
    if (Object.values(losses.weights).some((weight) => weight > 0)) return null;
    return { key: ['losses', 'weights'], expected: 'at least one weight above 0' };
  },
});

/** The paper's. */
const WEIGHTS: CoverWeights = { vector: 1, consistency: 1, variance: 0, covariance: 0 };

/** @param bound the lower bound of a feature's norm */
export function coverMethod(options: CoverOptions, { bound = NORM_BOUND } = {}): Method {
  const { weights = WEIGHTS } = options;
  const spreads = weights.variance > 0 || weights.covariance > 0;
  const { parts, train, ...judged } = coverMetrics;
  const more = spreads ? [variance, covariance] : [];
  const metrics = { ...judged, train: [...train, ...more], parts: [...parts, ...more] };
  return {
    title: 'COVER',
    specs: coverSpecs(options),
    metrics: options.dims === 3 ? inVoxels(metrics) : metrics,
    makeSample: makeViews,
    sampleShapes: (extents) => viewShapes(options, extents),
    totals: {
      validPixels: ({ mask }) => sumOf(mask!),
      ...(spreads && { views: ({ mask }: BatchArrays, extents: Shape) => mask!.length / sizeOf(extents) }),
    },
    losses(parameters, { moving, fixed, field, mask, validPixels, views }) {
      const { predicted, fixedFeatures, movingFeatures } = coverForward(parameters, moving!, fixed!, options);
      const vectors = vectorLoss(predicted, field!, mask!, validPixels!);
      const cosines = agreement(fixedFeatures.at(-1)!, movingFeatures.at(-1)!, field!, options, bound);
      const meanCosine = maskedMean(cosines, mask!, validPixels!);
      const spread = views && meanSpread(fixedFeatures.at(-1)!, mask!, views, bound);
      return {
        objective: weighted([
          [vectors, weights.vector],
          [meanCosine, -weights.consistency],
          ...(spread
            ? ([
                [spread.varianceLoss, weights.variance],
                [spread.covarianceLoss, weights.covariance],
              ] as const)
            : []),
        ]),
        sums: {
          vectorLoss: vectors,
          meanCosine,
          endpointError: endpointError(predicted, field!, mask!, validPixels!),
          ...spread,
        },
      };
    },
    results({ meanCosine, ...sums }, { validPixels }) {
      const [vectorLoss, consistencyLoss] = [sums.vectorLoss!, validPixels! > 0 ? 1 - meanCosine! : 0];
      const { varianceLoss = 0, covarianceLoss = 0 } = sums;
      const agreed = weights.vector * vectorLoss + weights.consistency * consistencyLoss;
      const loss = agreed + weights.variance * varianceLoss + weights.covariance * covarianceLoss;
      return { loss, vectorLoss, consistencyLoss, endpointError: sums.endpointError!, ...sums };
    },
    lookInputs: ['moving', 'fixed'],
    look(parameters, { moving, fixed }) {
      const { predicted, fixedFeatures, movingFeatures } = coverForward(parameters, moving!, fixed!, options);
      return { predicted, fixedFeatures: fixedFeatures.at(-1)!, movingFeatures: movingFeatures.at(-1)! };
    },
    judge: () => new EndpointErrors(),
    flows(parameters, moving, fixed) {
      const { fixedFeatures, movingFeatures } = pairFeatures(parameters, moving, fixed);
      return pyramidFlows(parameters, fixedFeatures, movingFeatures, options);
    },
    panel({ moving, fixed, field, mask }, { predicted, fixedFeatures }) {
      return pairPanel({
        moving: moving!,
        fixed: fixed!,
        warped: tensor(moving!.shape, warpLinear(moving!, predicted!.data)),
        trueField: field!,
        predictedField: predicted!,
        mask: mask!,
        features: fixedFeatures!,
      });
    },
  };
}

/** The terms against flat features as means over the views of a batch. */
function meanSpread(features: Value, mask: Value, views: Value, bound: number) {
  const { variance, covariance } = spreadTerms(features, mask, bound);
  return { varianceLoss: div(variance, views), covarianceLoss: div(covariance, views) };
}

/** The sum of values times their factors, of which one at least is not 0; a factor of 0 leaves its value out. */
function weighted(terms: readonly (readonly [value: Value, factor: number])[]): Value {
  const scaled = (value: Value, factor: number) => (factor === 1 ? value : mul(value, factor));
  const [[first, factor], ...others] = terms.filter(([, own]) => own !== 0) as [
    (typeof terms)[number],
    ...typeof terms,
  ];
  return others.reduce(
    (sum, [value, own]) => (own < 0 ? sub(sum, scaled(value, -own)) : add(sum, scaled(value, own))),
    scaled(first, factor),
  );
}
