/** COVER as a method of pretraining: `L = L_con + L_vec` (docs/method.md §5), judged by the endpoint error. */
import { sizeOf, tensor } from '../../core/tensor.js';
import { sub } from '../../graph/index.js';
import { pairPanel } from '../../report/index.js';
import type { Metric } from '../../train/criterion.js';
import { warpLinear } from '../../views/index.js';
import { agreement, maskedMean, NORM_BOUND } from '../agreement.js';
import { defineMethod, type Method, type MethodMetrics, sumOf } from '../method.js';
import { networkOptions } from '../network-options.js';
import { makeViews } from '../sample.js';
import { viewShapes } from '../view-shapes.js';
import { endpointError, vectorLoss } from './losses.js';
import { type CoverOptions, coverForward, coverSpecs } from './step.js';

const vector = { key: 'vectorLoss', name: 'vector', short: 'vec', digits: 2 };
const consistency = { key: 'consistencyLoss', name: 'consistency', short: 'con', digits: 3 };
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

export const cover = defineMethod({ settings: null, create: (config) => coverMethod(networkOptions(config)) });

/** @param bound the lower bound of a feature's norm */
export function coverMethod(options: CoverOptions, { bound = NORM_BOUND } = {}): Method {
  return {
    title: 'COVER',
    specs: coverSpecs(options),
    metrics: options.dims === 3 ? inVoxels(coverMetrics) : coverMetrics,
    makeSample: makeViews,
    sampleShapes: (extents) => viewShapes(options, extents),
    totals: { validPixels: ({ mask }) => sumOf(mask!) },
    losses(parameters, { moving, fixed, field, mask, validPixels }) {
      const { predicted, fixedFeatures, movingFeatures } = coverForward(parameters, moving!, fixed!, options);
      const vectors = vectorLoss(predicted, field!, mask!, validPixels!);
      const cosines = agreement(fixedFeatures.at(-1)!, movingFeatures.at(-1)!, field!, options, bound);
      const meanCosine = maskedMean(cosines, mask!, validPixels!);
      return {
        objective: sub(vectors, meanCosine),
        sums: {
          vectorLoss: vectors,
          meanCosine,
          endpointError: endpointError(predicted, field!, mask!, validPixels!),
        },
      };
    },
    results(sums, { validPixels }) {
      const [vectorLoss, consistencyLoss] = [sums.vectorLoss!, validPixels! > 0 ? 1 - sums.meanCosine! : 0];
      return { loss: vectorLoss + consistencyLoss, vectorLoss, consistencyLoss, endpointError: sums.endpointError! };
    },
    lookInputs: ['moving', 'fixed'],
    look(parameters, { moving, fixed }) {
      const { predicted, fixedFeatures, movingFeatures } = coverForward(parameters, moving!, fixed!, options);
      return { predicted, fixedFeatures: fixedFeatures.at(-1)!, movingFeatures: movingFeatures.at(-1)! };
    },
    judge: () => new EndpointErrors(),
    fieldOutput: 'predicted',
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

/** The mean length of `psi' − psi` over all valid pixels, in pixels, beside that of `psi' = 0`. */
class EndpointErrors {
  #error = 0;
  #zero = 0;
  #valid = 0;

  add({ field, mask }: Parameters<Method['panel']>[0], { predicted }: Parameters<Method['panel']>[1]): void {
    const pixels = sizeOf(mask!.shape);
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (mask!.data[pixel] === 0) continue;
      let [error, zero] = [0, 0];
      for (let axis = pixel; axis < field!.data.length; axis += pixels) {
        error += (predicted!.data[axis]! - field!.data[axis]!) ** 2;
        zero += field!.data[axis]! ** 2;
      }
      this.#error += Math.sqrt(error);
      this.#zero += Math.sqrt(zero);
      this.#valid++;
    }
  }

  result() {
    const valid = Math.max(1, this.#valid);
    return { endpointError: this.#error / valid, zeroEndpointError: this.#zero / valid };
  }
}
