/**
 * The sections of a configuration that every training has: their keys, types, ranges, defaults, and what each means.
 */
import { z } from 'zod';
import { devices } from '../../engine/engine.js';
import { type OptimizerName, optimizerNames } from '../optimizer.js';
import { precisions } from '../precision.js';
import { scheduleNames } from '../schedule.js';

export const count = z.int().positive();
export const share = z.number().min(0).max(1);
export const range = z.tuple([z.number(), z.number()]);

/** Of a moment: with 1 it would never change. */
const decay = z.number().min(0).lt(1);

/** What every training is asked first. */
export const machineKeys = {
  seed: z.int().nonnegative().default(0).describe('fixes every draw: a CPU run is the same to the bit'),
  device: z.enum(devices).default('cpu').describe('where it computes; auto takes the fastest that works'),
  precision: z
    .enum(precisions)
    .default('full')
    .describe('of a training step: mixed computes maps in float16, where webgpu or cuda has it'),
  threads: z
    .int()
    .nonnegative()
    .default(0)
    .describe('threads within an operator; 0 is OMP_NUM_THREADS or one per core'),
};

export function optimizerSection(defaults: { name: OptimizerName; rate: number; weightDecay: number }) {
  return z
    .strictObject({
      name: z.enum(optimizerNames).default(defaults.name).describe('the optimiser'),
      rate: z.number().positive().default(defaults.rate).describe('the peak learning rate'),
      weightDecay: z
        .number()
        .min(0)
        .default(defaults.weightDecay)
        .describe('L2 in the gradient; of adamw: the share by which parameters shrink, times the rate'),
      betas: z.tuple([decay, decay]).default([0.9, 0.999]).describe("Adam's decay of the first and second moment"),
      epsilon: z.number().positive().default(1e-8).describe("what is added to Adam's denominator"),
      momentum: z.number().min(0).max(1).default(0.9).describe('of sgd: the share of the last direction that stays'),
      nesterov: z.boolean().default(false).describe('of sgd: the gradient counts beyond the direction that stays'),
      clip: z.number().positive().nullable().default(1).describe('the largest norm of the gradient; null: none'),
    })
    .prefault({});
}

export function scheduleSection(defaults: { steps: number; warmup: number }) {
  return z
    .strictObject({
      name: z.enum(scheduleNames).default('cosine').describe('what follows the warm-up'),
      steps: count.default(defaults.steps).describe('the last step'),
      warmup: z.int().nonnegative().default(defaults.warmup).describe('steps over which the rate grows from 0'),
    })
    .prefault({});
}

export const batchSection = z
  .strictObject({
    size: count.default(4).describe('samples of a step'),
    micro: z
      .int()
      .nonnegative()
      .default(0)
      .describe('samples that are computed at once, a divisor of the size; 0: all. The gradient is the same'),
  })
  .prefault({});

/** The keys of the section `run`. */
export function runKeys(defaults: { validateEvery: number; keepCheckpoints: number }) {
  return {
    validateEvery: count.default(defaults.validateEvery).describe('steps between looks at the validation samples'),
    checkpointEvery: count.default(100).describe('steps between checkpoints'),
    keepCheckpoints: count.default(defaults.keepCheckpoints).describe('how many of the latest checkpoints are kept'),
    logEvery: count.default(1).describe('steps between lines of metrics.jsonl'),
  };
}

/** What loop, checkpoints and trainer read of a configuration. */
export interface TrainingConfig {
  readonly seed: number;
  readonly optimizer: z.output<ReturnType<typeof optimizerSection>>;
  readonly schedule: z.output<ReturnType<typeof scheduleSection>>;
  readonly batch: z.output<typeof batchSection>;
  readonly run: {
    readonly validateEvery: number;
    readonly checkpointEvery: number;
    readonly keepCheckpoints: number;
    readonly logEvery: number;
  };
}

/** Samples that are computed at once. */
export function microOf({ batch }: Pick<TrainingConfig, 'batch'>): number {
  return batch.micro || batch.size;
}
