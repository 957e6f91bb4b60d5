/**
 * An estimate of the memory that a training takes at its peak, made from the gradient graph before anything is
 * allocated. The constants were measured on runs of the default network on the CPU; docs/pretraining.md has estimates
 * beside measurements.
 */
import { InputError } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';
import { constantBytes, peakBytes, type Target } from '../graph/index.js';
import { parameterCount } from '../nn/index.js';
import { specsOfGroups } from './groups.js';
import { divisorsOf } from './micro-batches.js';
import type { Values } from './objective.js';
import { momentNames, updateGraph } from './optimizer.js';
import { type TrainerOptions, trainingGraph } from './trainer.js';
import { SEGMENT } from './updater.js';

export interface MemoryNeed {
  /** Bytes at the peak of the run. */
  readonly needed: number;
  /** Bytes that are free now. */
  readonly free: number;
}

/** A training as its need of memory sees it. */
export interface MemoryDemand {
  readonly options: TrainerOptions;
  /** Extents of what the network sees. */
  readonly crop: readonly number[];
  /** How graphs for the CPU of this machine are built. */
  readonly target: Target;
  /** Samples that are kept beside those of the batches. */
  readonly kept: number;
}

const MIB = 2 ** 20;
/** The process, the runtime, the loader's thread and their code. */
const PROCESS = 350 * MIB;
/**
 * What the runtime takes for the values that are alive, as a factor, by the number of axes: gaps between them and the
 * kernels' own buffers.
 */
const ALLOCATOR = { 2: 2.2, 3: 2.7 } as const;
/** Copies of the state at a checkpoint: the one out of the engine, and one that is not collected yet. */
const STATE_COPIES = 2;
/** Batches of samples that are under way between threads. */
const BATCHES = 4;

/**
 * The estimate beside what is free now. Settings that are far beyond it are refused before their graph is built.
 * @param graph that of `trainingGraph` for the CPU of this machine, where it has been built already
 * @throws InputError ('memory') when the training needs more than is free; the message names the largest micro-batch
 * that fits, or says that none does
 */
export function checkMemory(demand: MemoryDemand, free: number, graph?: () => Values): MemoryNeed {
  const need = memoryNeed(demand, free, graph);
  if (need.needed <= free) return need;
  const { batch, micro } = demand.options;
  const withMicro = (size: number) => ({ ...demand, options: { ...demand.options, micro: size } });
  const smaller = divisorsOf(batch).filter((size) => size < micro);
  const fitting = smaller.reverse().find((size) => memoryNeed(withMicro(size), free).needed <= free);
  const advice = fitting
    ? `Set batch.micro=${fitting}: the result is the same.`
    : 'Even batch.micro=1 does not fit: lower views.crop or model.channels.';
  throw new InputError(
    'memory',
    `expected ${inGigabytes(need.needed)} of free memory for micro-batches of ${micro}, found ${inGigabytes(free)}`,
    `${advice} --ignore-memory starts the run regardless.`,
  );
}

export function memoryNeed(demand: MemoryDemand, free: number, graph?: () => Values): MemoryNeed {
  const least = leastMemory(demand);
  return { needed: least > free ? least : Math.max(least, estimate(demand, graph)), free };
}

/** Bytes as text: `1.5 GB` (10⁹ bytes). */
export function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Bytes that are needed at least, told without a graph: the samples, and one map of the network's first channels. */
export function leastMemory({ options, crop, kept }: MemoryDemand): number {
  const { objective, batch } = options;
  return PROCESS + sampleBytes(objective) * (kept + BATCHES * batch) + firstMap(options, crop);
}

/**
 * Bytes of about the largest map of a step, told without a graph: two images, or pairs of them, at the full resolution
 * with three times the network's first channels, as where the decoder joins its last two levels.
 */
export function largestMap(options: TrainerOptions, crop: readonly number[]): number {
  return 2 * 3 * firstMap(options, crop);
}

/** Bytes of a map of the network's first channels, of one image for each sample. */
function firstMap({ objective, micro, precision }: TrainerOptions, crop: readonly number[]): number {
  const [first] = specsOfGroups(objective.groups);
  return (precision === 'mixed' ? 2 : 4) * micro * sizeOf(crop) * (first?.shape[0] ?? 1);
}

function estimate({ options, crop, target, kept }: MemoryDemand, graph = () => trainingGraph(options, target)): number {
  const { objective, optimizer, batch } = options;
  const count = parameterCount(specsOfGroups(objective.groups));
  const moments = momentNames(optimizer).length;
  const outputs = Object.values(graph());
  const gradient = ALLOCATOR[crop.length === 3 ? 3 : 2] * peakBytes(outputs) + constantBytes(outputs);
  const update = peakBytes(Object.values(updateGraph(optimizer, Math.min(count, SEGMENT))));
  // Parameters, moments and the gradient.
  const state = 4 * count * (2 + moments);
  const copies = STATE_COPIES * 4 * count * (1 + moments);
  return PROCESS + gradient + update + state + copies + sampleBytes(objective) * (kept + BATCHES * batch);
}

function sampleBytes({ sampleShapes }: TrainerOptions['objective']): number {
  return 4 * Object.values(sampleShapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
}
