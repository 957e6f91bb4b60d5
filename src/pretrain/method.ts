/**
 * What a method of pretraining is: parameters, samples, losses, what a look at the validation samples computes, and how its
 * numbers are called. Everything else of a run (data, backbone, optimiser, loop, checkpoints, report) is shared, so that
 * methods differ in nothing but this. A method is a folder; `methods.ts` lists them.
 */
import type { Tensor } from '../core/tensor.js';
import type { Shape, Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from '../nn/index.js';
import type { Picture } from '../report/index.js';

export const methodNames = ['cover', 'consistency', 'contrast', 'restoration'] as const;
export type MethodName = (typeof methodNames)[number];

/** A number that a method reports. */
export interface Metric {
  /** Its name in `metrics.jsonl`. */
  readonly key: string;
  /** Its name in the report. */
  readonly name: string;
  /** Its name in the line of progress. */
  readonly short: string;
  /** Digits behind the point. */
  readonly digits: number;
  /** None where absent. */
  readonly unit?: string;
}

export interface MethodMetrics {
  /** What every step is shown with. */
  readonly train: readonly Metric[];
  /** The parts of the loss that have a curve of their own. */
  readonly parts: readonly Metric[];
  /** What a look at the validation samples is judged by: the least is the best. */
  readonly criterion: Metric;
  /** A value of the criterion to compare with, of the same unit. */
  readonly reference?: Metric;
}

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

/** Goes through the validation samples. */
export interface Judgement {
  /** @param computed the outputs of the look for this sample, without the batch axis */
  add(sample: Tensors, computed: Tensors): void;
  /** The criterion, with its reference where there is one. */
  result(): Readonly<Record<string, number>>;
}

export interface Method {
  readonly name: MethodName;
  /** As it is called in a title. */
  readonly title: string;
  /** The parameters of `theta`: the backbone, then what the method has of its own. */
  readonly specs: readonly ParameterSpec[];
  readonly metrics: MethodMetrics;

  /** The module whose `makeSample` makes the samples, in loader threads. */
  readonly sampleModule: URL;
  /** What it is given beside what all methods are given. */
  readonly sampleSettings: Readonly<Record<string, unknown>>;
  /** The arrays of a sample in the order in which they are made, for views of these extents. */
  sampleShapes(extents: Shape): Readonly<Record<string, Shape>>;

  /** Numbers of a whole batch of views of some extents, which every micro-batch is given, so that gradients add up to that of the batch. */
  readonly totals: Readonly<Record<string, (batch: BatchArrays, extents: Shape) => number>>;
  /** The losses of a micro-batch. `inputs` has the arrays as `[N, ...shape]`, and the totals as `[1]`. */
  losses(parameters: Parameters, inputs: Values): Losses;
  /** The metrics of a batch, with `loss`, from sums over its micro-batches. */
  results(sums: Readonly<Record<string, number>>, totals: Readonly<Record<string, number>>): Result;

  /** The arrays that a look at validation samples takes. */
  readonly lookInputs: readonly string[];
  /** What a look computes: `fixedFeatures` `[N, C, ...S]`, the full-resolution features of the fixed view, and more. */
  look(parameters: Parameters, inputs: Values): Values;
  judge(): Judgement;
  /** The output of a look that is a displacement field `[N, nd, ...S]`; null where the method has none. */
  readonly fieldOutput: string | null;
  /** A picture of a validation sample. */
  panel(sample: Tensors, computed: Tensors): Picture;
}

export type Result = Readonly<Record<string, number>> & { readonly loss: number };

/** The sum of a mask. */
export function sumOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
