/**
 * What a task adds to the backbone: its head, its loss, how a batch's labels are counted, and how held-out cases are
 * judged. A task is a folder; `tasks.ts` lists them.
 */
import type { Tensor } from '../core/tensor.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import type { Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from '../nn/index.js';
import type { Criterion } from '../train/criterion.js';
import type { RunFolder } from '../train/run-folder.js';
import type { FinetuneConfig } from './config.js';

export interface TaskNetwork {
  /** The parameters of the head; their names start with `head.`. */
  readonly head: readonly ParameterSpec[];
  /** What the head sees of images `[N, C, ...S]`: `[N, F, ...]`. */
  features(parameters: Parameters, image: Value): Value;
  /** Training samples that tell mean and deviation of each feature. */
  readonly samples: number;
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

/** Probabilities of an image or window `[C, ...S]`: `[K, ...S]`, or `[K]`. */
export type Predict = (image: Tensor) => Promise<Tensor>;

/** Cases that are held out, with their names. */
export interface HeldOut {
  readonly samples: SampleSet;
  readonly names: readonly string[];
}

/** What a look at held-out cases tells. */
export interface TaskLook {
  /** Higher is better; the best checkpoint is chosen by it. */
  readonly score: number;
  /** Further numbers for the log, by name. */
  readonly values: Readonly<Record<string, number>>;
  /** Draws some of the cases into the run. */
  draw(run: RunFolder): Promise<void>;
}

/** A task as the registry lists it. */
export interface TaskDefinition {
  /** What its score is called. */
  readonly criterion: Criterion & { readonly key: 'score' };
  /** The network of a complete configuration. @param weights one for each class */
  network(config: FinetuneConfig, weights: readonly number[]): TaskNetwork;
  look(held: HeldOut, predict: Predict, config: FinetuneConfig): Promise<TaskLook>;
}
