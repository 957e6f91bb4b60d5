/**
 * An estimate of the memory that a run takes at its peak, made from the gradient graph before anything is allocated. The
 * constants were measured on runs of the default network on the CPU; docs/pretraining.md has estimates beside measurements.
 */

import { InputError } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';
import { targetOf } from '../engine/node/index.js';
import { constantBytes, peakBytes } from '../graph/index.js';
import { parameterCount } from '../nn/index.js';
import { freeMemory } from '../system/free-memory.js';
import { momentNames, updateGraph } from '../train/optimizer.js';
import { SEGMENT } from '../train/updater.js';
import type { Config } from './config-index.js';
import type { Values } from './method.js';
import { type TrainerOptions, trainingGraph } from './trainer.js';

export interface MemoryNeed {
  /** Bytes at the peak of the run. */
  readonly needed: number;
  /** Bytes that are free now. */
  readonly free: number;
}

const MIB = 2 ** 20;
/** Node, ONNX Runtime, the loader's thread and their code. */
const PROCESS = 370 * MIB;
/**
 * What the runtime takes for the values that are alive, as a factor, by the number of axes: gaps between them and the kernels'
 * own buffers.
 */
const ALLOCATOR = { 2: 2, 3: 1.75 } as const;
/** Copies of the state on its way to a checkpoint: out of the engine, and between threads. */
const STATE_COPIES = 2;

/**
 * The estimate of a run with these settings, beside what is free now.
 * @param graph that of `trainingGraph` for the CPU of this machine, where it has been built already
 */
export function memoryNeed(config: Config, options: TrainerOptions, graph?: Values, free = freeMemory()): MemoryNeed {
  return { needed: estimate(config, options, graph), free };
}

/**
 * @throws InputError ('memory') when the run needs more than is free; the message names the largest micro-batch that fits,
 * or says that none does
 */
export function checkMemory({ needed, free }: MemoryNeed, config: Config, options: TrainerOptions): void {
  if (needed <= free) return;
  const { batch, micro } = options;
  const smaller = Array.from({ length: micro - 1 }, (_, index) => micro - 1 - index).filter((k) => batch % k === 0);
  const fitting = smaller.find((k) => estimate(config, { ...options, micro: k }) <= free);
  const advice = fitting
    ? `Set batch.micro=${fitting}: the result is the same.`
    : 'Even batch.micro=1 does not fit: lower views.crop or model.channels.';
  throw new InputError(
    'memory',
    `expected ${inGigabytes(needed)} of free memory for micro-batches of ${micro}, found ${inGigabytes(free)}`,
    `${advice} --ignore-memory starts the run regardless.`,
  );
}

/** Bytes as text: `1.5 GB` (10⁹ bytes). */
export function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function estimate(config: Config, options: TrainerOptions, graph = trainingGraph(options, targetOf('cpu'))): number {
  const { method, optimizer, batch, crop } = options;
  const count = parameterCount(method.specs);
  const moments = momentNames(optimizer).length;
  const outputs = Object.values(graph);
  const gradient = ALLOCATOR[crop.length as 2 | 3] * peakBytes(outputs) + constantBytes(outputs);
  const update = peakBytes(Object.values(updateGraph(optimizer, Math.min(count, SEGMENT))));
  // Parameters, moments and the gradient.
  const state = 4 * count * (2 + moments);
  const copies = STATE_COPIES * 4 * count * (1 + moments);
  const values = Object.values(method.sampleShapes(crop)).map(sizeOf);
  const sample = 4 * values.reduce((sum, length) => sum + length, 0);
  const views = sample * (config.data.validationImages + 4 * batch);
  return PROCESS + gradient + update + state + copies + views;
}
