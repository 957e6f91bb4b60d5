/** What a task adds to the backbone: its head, its loss, and how a batch's labels are counted. A task is one object. */
import type { Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from '../nn/index.js';
import { classificationTask } from './classification/task.js';
import type { FinetuneConfig } from './config.js';
import { segmentationTask } from './segmentation/task.js';

export interface TaskNetwork {
  /** The parameters of the head; their names start with `head.`. */
  readonly head: readonly ParameterSpec[];
  /** The extents of one target, without the batch and channel axes. */
  readonly targetShape: readonly number[];
  /** The loss of a micro-batch as a part of the batch's. `total` is the sum of `weigh` over the batch. */
  loss(parameters: Parameters, image: Value, target: Value, total: Value): TaskLoss;
  /** Probabilities of the classes for images `[N, C, ...S]`: `[N, K, ...S]` or `[N, K]`. */
  probabilities(parameters: Parameters, image: Value): Value;
  /** The sum of the classes' weights over a batch's targets. */
  weigh(targets: Float32Array): number;
}

/** Values of one element that add up over micro-batches. */
export interface TaskLoss {
  readonly loss: Value;
  /** The parts of the loss, for the log. */
  readonly parts: Readonly<Record<string, Value>>;
}

/** The network of a complete configuration. @param weights one for each class */
export function taskNetwork(config: FinetuneConfig, weights: readonly number[]): TaskNetwork {
  return config.task === 'segmentation' ? segmentationTask(config, weights) : classificationTask(config, weights);
}
