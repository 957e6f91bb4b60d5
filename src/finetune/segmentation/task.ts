/**
 * Segmentation as a task: a class for every pixel, or where classes overlap a set of them; cross-entropy and soft Dice.
 */
import { add, mul, type Value } from '../../graph/index.js';
import { weightOf, weightOfSets } from '../class-weights.js';
import type { FinetuneConfig } from '../config.js';
import { binaryCrossEntropy, crossEntropy, diceLoss, type Truth, truthOfIndices, truthOfSets } from '../losses.js';
import { standardSpecs } from '../standard-head.js';
import type { TaskDefinition, TaskNetwork } from '../task.js';
import { lookAtSegmentation } from './look.js';
import {
  exclusiveProbabilities,
  overlappingProbabilities,
  segmentationFeatures,
  segmentationHead,
  segmentationLogits,
  sigmoid,
} from './network.js';

export const segmentation: TaskDefinition = {
  criterion: { key: 'score', name: 'Dice', short: 'Dice', digits: 3, better: 'higher' },
  network: segmentationTask,
  look: lookAtSegmentation,
};

/** What differs between classes that exclude each other and classes that overlap. */
interface Kind {
  /** Channels of the logits. */
  readonly outputs: number;
  /** The first of them that is no background. */
  readonly first: 0 | 1;
  weigh(targets: Float32Array): number;
  truthOf(target: Value): Truth;
  entropy(logits: Value, truth: Truth, total: Value): Value;
  /** Of the channels of the logits. */
  activation(logits: Value): Value;
  /** Of all classes, the background first. */
  probabilities(logits: Value): Value;
}

function exclusive(classes: number, weights: readonly number[]): Kind {
  return {
    outputs: classes,
    first: 1,
    weigh: (targets) => weightOf(targets, weights),
    truthOf: (target) => truthOfIndices(target, classes),
    entropy: (logits, truth, total) => crossEntropy(logits, truth.classes, weights, total),
    activation: exclusiveProbabilities,
    probabilities: exclusiveProbabilities,
  };
}

function overlapping(classes: number, weights: readonly number[]): Kind {
  return {
    outputs: classes - 1,
    first: 0,
    weigh: (targets) => weightOfSets(targets, weights),
    truthOf: (target) => truthOfSets(target, classes),
    entropy: (logits, truth, total) => binaryCrossEntropy(logits, truth, weights.slice(1), total),
    activation: sigmoid,
    probabilities: overlappingProbabilities,
  };
}

export function segmentationTask(config: FinetuneConfig, weights: readonly number[]): TaskNetwork {
  const { data, views, model, loss, batch } = config;
  const features = model.channels[8]!;
  const kind = (data.multiLabel ? overlapping : exclusive)(data.classes.length, weights);
  return {
    head: [...segmentationHead(features, kind.outputs, views.crop.length), ...standardSpecs(config, features)],
    targetShape: views.crop,
    features: segmentationFeatures,
    samples: 4,
    probabilities: (parameters, image) => kind.probabilities(segmentationLogits(parameters, image)),
    weigh: kind.weigh,
    loss(parameters, image, target, total) {
      const logits = segmentationLogits(parameters, image);
      const truth = kind.truthOf(target);
      const entropy = kind.entropy(logits, truth, total);
      const dice = diceLoss(kind.activation(logits), truth, batch.size, kind.first);
      return {
        loss: add(mul(entropy, loss.crossEntropy), mul(dice, loss.dice)),
        parts: { crossEntropy: entropy, diceLoss: dice },
      };
    },
  };
}
