/**
 * What a training minimises: the arrays of a batch, the losses of a micro-batch of it, and what is reported. A method
 * of pretraining and a task of fine-tuning are turned into one; graph, trainer and loop know nothing else of either.
 */
import type { Tensor } from '../core/tensor.js';
import type { Shape, Value } from '../graph/index.js';
import type { Parameters } from '../nn/index.js';
import type { ParameterGroups } from './groups.js';

/** The arrays of a batch by name, the samples one after the other. */
export type BatchArrays = Readonly<Record<string, Float32Array>>;

/** The arrays of one sample, or what was computed of it, by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

export type Values = Readonly<Record<string, Value>>;

export interface Losses {
  /** What is minimised, one element. */
  readonly objective: Value;
  /** Numbers of one element that add up over micro-batches. */
  readonly sums: Values;
}

/** Numbers of a batch by name. */
export type Result = Readonly<Record<string, number>> & { readonly loss: number };

export interface Objective {
  readonly groups: ParameterGroups;
  /** The shapes of a sample's arrays, in the order in which they are made. */
  readonly sampleShapes: Readonly<Record<string, Shape>>;
  /** Numbers of a whole batch, which every micro-batch is given, so that gradients add up to that of the batch. */
  readonly totals: Readonly<Record<string, (batch: BatchArrays) => number>>;
  /** The losses of a micro-batch. `inputs` has the arrays as `[N, ...shape]`, and the totals as `[1]`. */
  losses(parameters: Parameters, inputs: Values): Losses;
  /** What is reported of a batch, with its `loss`, from sums over its micro-batches. */
  results(sums: Readonly<Record<string, number>>, totals: Readonly<Record<string, number>>): Result;
}

/** The arrays that a loader gives, by their names. */
export function namedArrays(arrays: readonly Float32Array[], { sampleShapes }: Pick<Objective, 'sampleShapes'>) {
  return Object.fromEntries(Object.keys(sampleShapes).map((name, index) => [name, arrays[index]!])) as BatchArrays;
}
