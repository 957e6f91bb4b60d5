/**
 * A network in training: the gradient program, the update program and their state on the engine. A batch may be run as
 * micro-batches whose gradients add up to exactly that of the batch (method section 5).
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import type { Target } from '../graph/index.js';
import { parameterCount } from '../nn/index.js';
import { checkMicro, keepFeed, partOf } from '../train/micro-batches.js';
import type { OptimizerOptions } from '../train/optimizer.js';
import { vectorState, vectorUpdate } from '../train/parameter-inputs.js';
import { createUpdater } from '../train/updater.js';
import { gradientGraph, lookGraph } from './gradient-graph.js';
import type { BatchArrays, Method, Result, Values } from './method.js';

export interface TrainerOptions {
  readonly method: Method;
  readonly optimizer: OptimizerOptions;
  /** Samples of a batch. */
  readonly batch: number;
  /** Samples that are computed at once; a divisor of `batch`. */
  readonly micro: number;
  /** Extents of the views. */
  readonly crop: readonly number[];
}

/** What the method says of a batch, with its `loss`, and the norm of the gradient before clipping. */
export type StepResult = Result & { readonly gradientNorm: number };

export interface Trainer {
  /** Resolves when the program of the step is made; until then a state may be set. */
  ready(): Promise<void>;
  /**
   * One step at a learning rate. `step` counts from 1.
   * @throws InputError ('diverged') when the loss or the gradient is NaN or infinite; the state is then as before the step
   */
  step(batch: BatchArrays, rate: number, step: number): Promise<StepResult>;
  /** What the method computes of `micro` validation samples, from the arrays that it looks at. */
  look(arrays: BatchArrays): Promise<Record<string, Tensor>>;
  /** Parameters (`theta`) and moments, copied out. */
  state(): Promise<Map<string, Float32Array>>;
  setState(state: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** The graph of a step up to the gradient, for a micro-batch. */
export function trainingGraph({ method, batch, micro, crop }: TrainerOptions, target: Target): Values {
  return gradientGraph(method, micro, crop, { accumulate: batch > micro, target });
}

/**
 * Builds the programs; that of the step, a large one, is made while the caller goes on. The state must be set before the first
 * step.
 * @param graph that of `trainingGraph` for the engine's device, where it has been built already
 */
export async function createTrainer(
  engine: Engine,
  options: TrainerOptions,
  graph = trainingGraph(options, engine.target),
): Promise<Trainer> {
  const { method, optimizer, batch, micro, crop } = options;
  checkMicro(batch, micro);
  const target = engine.target;
  const accumulate = batch > micro;
  const theta = vectorState(target, 'theta', method.specs);
  const state = accumulate ? { ...theta, ...vectorState(target, 'gradient', method.specs) } : theta;
  const update = vectorUpdate(target, 'gradient', method.specs);
  const shapes = method.sampleShapes(crop);
  const updating = createUpdater(engine, optimizer, parameterCount(method.specs));
  updating.catch(() => {}); // It is thrown where it is awaited.
  const loading = loadGraph(engine, graph);
  loading.catch(() => {});
  const updater = await updating;
  let looker: number | undefined;
  return {
    async ready() {
      await loading;
    },
    async step(arrays, rate, step) {
      const gradient = await loading;
      const totals = Object.fromEntries(Object.entries(method.totals).map(([name, of]) => [name, of(arrays, crop)]));
      const totalFeeds = Object.fromEntries(
        Object.entries(totals).map(([name, value]) => [name, tensor([1], Float32Array.of(value))]),
      );
      const sums: Record<string, number> = {};
      for (let index = 0; index < batch / micro; index++) {
        const feeds: Record<string, Tensor> = { ...totalFeeds };
        for (const [name, shape] of Object.entries(shapes)) {
          feeds[name] = tensor([micro, ...shape], partOf(arrays[name]!, index, batch / micro));
        }
        const keep = accumulate ? keepFeed(index) : {};
        const result = await engine.run(gradient, { ...feeds, ...keep }, { state, update });
        for (const [name, { data }] of Object.entries(result)) sums[name] = (sums[name] ?? 0) + data[0]!;
      }
      const metrics = method.results(sums, totals);
      if (!Number.isFinite(metrics.loss)) throw new InputError('diverged', `step ${step}: the loss is ${metrics.loss}`);
      // The update writes over the state, so a gradient is judged before it.
      const gradientNorm = await updater.norm();
      if (!Number.isFinite(gradientNorm)) {
        throw new InputError('diverged', `step ${step}: the norm of the gradient is ${gradientNorm}`);
      }
      await updater.apply(gradientNorm, rate, step);
      return { ...metrics, gradientNorm };
    },
    async look(arrays) {
      looker ??= await loadGraph(engine, lookGraph(method, micro, crop, target));
      const feeds = Object.fromEntries(
        method.lookInputs.map((name) => [name, tensor([micro, ...shapes[name]!], arrays[name]!)]),
      );
      return engine.run(looker, feeds, { state: theta });
    },
    state: () => updater.state(),
    setState: (state) => updater.setState(state),
  };
}
