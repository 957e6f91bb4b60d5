/**
 * Classification as a task: a class for every image. The means over the deepest and the full-resolution features go
 * through a linear head (docs/method.md §8).
 */
import { add, concat, matmul, reduceMean, reshape, softmax, type Value } from '../../graph/index.js';
import { type ParameterSpec, type Parameters, unet } from '../../nn/index.js';
import { weightOf } from '../class-weights.js';
import type { FinetuneConfig } from '../config.js';
import { crossEntropy, oneHot } from '../losses.js';
import { foldedHead, standardSpecs } from '../standard-head.js';
import type { TaskDefinition, TaskNetwork } from '../task.js';
import { lookAtClassification } from './look.js';

export const classification: TaskDefinition = {
  criterion: { key: 'score', name: 'AUC', short: 'AUC', digits: 3, better: 'higher' },
  network: classificationTask,
  look: lookAtClassification,
};

/** The parameters of the head. @param features channels of the pooled features */
export function classificationHead(features: number, classes: number): ParameterSpec[] {
  return [
    { name: 'head.weight', shape: [features, classes] },
    { name: 'head.bias', shape: [classes] },
  ];
}

/** @param image `[N, C, ...S]`, extents divisible by 16; @returns the pooled features `[N, F]` */
export function classificationFeatures(parameters: Parameters, image: Value): Value {
  const features = unet(parameters, 'backbone.', image);
  const pooled = [features[0]!, features.at(-1)!].map((map) => {
    const spatial = map.shape.map((_, axis) => axis).slice(2);
    return reshape(reduceMean(map, spatial), map.shape.slice(0, 2));
  });
  return concat(pooled, 1);
}

/** @param image `[N, C, ...S]`, extents divisible by 16; @returns logits `[N, classes]` */
export function classificationLogits(parameters: Parameters, image: Value): Value {
  const head = foldedHead(parameters, 0);
  return add(matmul(classificationFeatures(parameters, image), head.get('head.weight')!), head.get('head.bias')!);
}

export function classificationTask(config: FinetuneConfig, weights: readonly number[]): TaskNetwork {
  const { data, model } = config;
  const classes = data.classes.length;
  const features = model.channels[4]! + model.channels[8]!;
  return {
    head: [...classificationHead(features, classes), ...standardSpecs(config, features)],
    targetShape: [],
    features: classificationFeatures,
    samples: 32,
    probabilities: (parameters, image) => softmax(classificationLogits(parameters, image), 1),
    weigh: (targets) => weightOf(targets, weights),
    loss(parameters, image, target, total) {
      const loss = crossEntropy(classificationLogits(parameters, image), oneHot(target, classes), weights, total);
      return { loss, parts: { crossEntropy: loss } };
    },
  };
}
