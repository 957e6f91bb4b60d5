/**
 * What a method of pretraining is: parameters, samples, losses, what a look at the validation samples computes, and how
 * its numbers are called. Everything else of a run (data, backbone, optimiser, loop, checkpoints, report) is shared, so
 * that methods differ in nothing but this.
 */
import type { z } from 'zod';
import type { Shape, Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from '../nn/index.js';
import type { Picture } from '../report/index.js';
import type { Criterion, Metric } from '../train/criterion.js';
import type { BatchArrays, Losses, Result, Tensors, Values } from '../train/objective.js';
import type { BaseConfig } from './base-config.js';
import type { MakeSample } from './sample.js';

export interface MethodMetrics {
  /** What every step is shown with. */
  readonly train: readonly Metric[];
  /** The parts of the loss that have a curve of their own. */
  readonly parts: readonly Metric[];
  /** What a look at the validation samples is judged by. */
  readonly criterion: Criterion;
  /** A value of the criterion to compare with, of the same unit. */
  readonly reference?: Metric;
}

/** Goes through the validation samples. */
export interface Judgement {
  /** @param computed the outputs of the look for this sample, without the batch axis */
  add(sample: Tensors, computed: Tensors): void;
  /** The criterion, with its reference where there is one. */
  result(): Readonly<Record<string, number>>;
}

export interface Method {
  /** As it is called in a title. */
  readonly title: string;
  /** The parameters of the network in training: the backbone, then what the method has of its own. */
  readonly specs: readonly ParameterSpec[];
  readonly metrics: MethodMetrics;

  /** Makes the arrays of a sample. It runs in the loader's threads: what it needs comes with the context. */
  readonly makeSample: MakeSample;
  /** The arrays of a sample in the order in which they are made, for views of these extents. */
  sampleShapes(extents: Shape): Readonly<Record<string, Shape>>;

  /**
   * Numbers of a whole batch of views of some extents, which every micro-batch is given, so that gradients add up to
   * that of the batch.
   */
  readonly totals: Readonly<Record<string, (batch: BatchArrays, extents: Shape) => number>>;
  /** The losses of a micro-batch. `inputs` has the arrays as `[N, ...shape]`, and the totals as `[1]`. */
  losses(parameters: Parameters, inputs: Values): Losses;
  /** The metrics of a batch, with `loss`, from sums over its micro-batches. */
  results(sums: Readonly<Record<string, number>>, totals: Readonly<Record<string, number>>): Result;

  /** The arrays that a look at validation samples takes. */
  readonly lookInputs: readonly string[];
  /**
   * What a look computes: `fixedFeatures` `[N, C, ...S]`, the full-resolution features of the fixed view, `predicted`
   * `[N, nd, ...S]`, the last of the flows where there are any, and more.
   */
  look(parameters: Parameters, inputs: Values): Values;
  judge(): Judgement;
  /**
   * The displacement fields of two images `[N, C, ...S]`, from coarse to fine: each but the last is in pixels of its
   * own grid, the last `[N, nd, ...S]` is the answer. Absent where a method predicts none.
   */
  readonly flows?: (parameters: Parameters, moving: Value, fixed: Value) => readonly Value[];
  /** A picture of a validation sample. */
  panel(sample: Tensors, computed: Tensors): Picture;
}

/** The parts of a method that a step is made of. */
export type Learned = Pick<Method, 'specs' | 'makeSample' | 'sampleShapes' | 'totals' | 'losses' | 'results'>;

/** A method as the registry lists it: its settings, and the method that they make. */
export interface MethodDefinition<Settings extends z.ZodType | null> {
  /** Its section of a configuration, under its own name; null where it has none. */
  readonly settings: Settings;
  /** Names in the authors' state dict that are no parameters. */
  readonly buffers?: readonly string[];
  /** The settings that the shapes of a state dict's tensors by name tell, beyond those of the backbone. */
  deduce?(shapeOf: (name: string) => Shape | undefined): string[];
  create(config: BaseConfig, own: Settings extends z.ZodType ? z.output<Settings> : undefined): Method;
  /** What its settings forbid: the key, and what is expected there; null where all is well. */
  check?(
    config: BaseConfig,
    own: Settings extends z.ZodType ? z.output<Settings> : undefined,
  ): { readonly key: readonly string[]; readonly expected: string } | null;
}

/** Gives a definition its types. */
export function defineMethod<Settings extends z.ZodType | null>(
  definition: MethodDefinition<Settings>,
): MethodDefinition<Settings> {
  return definition;
}

/** The sum of a mask. */
export function sumOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
