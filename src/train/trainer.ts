/**
 * A network in training: the gradient programs, the update programs and their state on the engine. Each group of
 * parameters has moments and a learning rate of its own; the gradient is clipped by the norm over all that learn. A
 * batch may be run as micro-batches whose gradients add up to exactly that of the batch (docs/method.md, losses).
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import type { Shape, Target } from '../graph/index.js';
import { parameterCount } from '../nn/index.js';
import { type Build, computeGraph, gradientGraph, gradientName } from './gradient-graph.js';
import { type Learning, partName, type State } from './groups.js';
import { checkMicro, keepFeed, partOf } from './micro-batches.js';
import type { BatchArrays, Objective, Result, Values } from './objective.js';
import type { OptimizerOptions } from './optimizer.js';
import { vectorState, vectorUpdate } from './parameter-inputs.js';
import { LOSS_SCALE, lossScaling, type Precision, SCALING } from './precision.js';
import { allParts, checkShares, sumOver } from './together.js';
import { createUpdater, type Updater } from './updater.js';

export interface TrainerOptions {
  readonly objective: Objective;
  readonly optimizer: OptimizerOptions;
  /** Samples of a batch. */
  readonly batch: number;
  /** Samples that are computed at once; a divisor of `batch`. */
  readonly micro: number;
  /** Full where absent. */
  readonly precision?: Precision;
  /** The groups that learn in the first step, whose program is made ahead; all where absent. */
  readonly first?: readonly string[];
  /** Whether several processes share the batch: then they add up its micro-batches, which else the graph does. */
  readonly shared?: boolean;
}

/**
 * What the objective says of a batch, with its `loss`, and the norm of the gradient before clipping. In mixed precision
 * also the `lossScale` of the step and the `skippedSteps` so far; the norm of a step that was left out is not finite.
 */
export type StepResult = Result & { readonly gradientNorm: number };

export interface Trainer {
  /** Resolves when the program of the first step is made; until then a state may be set. */
  ready(): Promise<void>;
  /**
   * One step.
   * @param batch the arrays of the samples that fall to this process; their memory may pass to the engine, and they are
   * empty then
   * @throws InputError ('diverged') when the loss or the gradient is NaN or infinite; the state is then as before the
   * step. In mixed precision a gradient that is not finite lowers the scale of the loss instead, until that is 1.
   */
  step(batch: BatchArrays, learning: Learning): Promise<StepResult>;
  /**
   * Runs what `build` builds from the parameters and inputs of these shapes. Equal names stand for the same builder.
   */
  compute(name: string, build: Build, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  /** The same for each of the feeds, all of these shapes, by a program that is freed then. */
  examine(
    build: Build,
    shapes: Readonly<Record<string, Shape>>,
    feeds: AsyncIterable<Readonly<Record<string, Tensor>>>,
  ): AsyncGenerator<Record<string, Tensor>>;
  /** Parameters (`<group>.theta`) and moments, copied out, and in mixed precision the state of the loss's scale. */
  state(): Promise<Map<string, Float32Array>>;
  /** Sets parameters and moments; a moment that is absent is zero. */
  setState(state: State): Promise<void>;
}

/** The graph of a step up to the gradient, for a micro-batch. */
export function trainingGraph(options: TrainerOptions, target: Target): Values {
  const { objective, micro, first, precision } = options;
  return gradientGraph(objective, {
    batch: micro,
    accumulate: accumulates(options),
    target,
    ...(precision ? { precision } : {}),
    ...(first ? { learning: first } : {}),
  });
}

/** Whether the graph adds a micro-batch's gradient to those before it. */
function accumulates({ batch, micro, shared = false }: TrainerOptions): boolean {
  return batch > micro && !shared;
}

/**
 * Makes the programs; that of the first step, a large one, is made while the caller goes on. The state must be set
 * before it.
 * @param graph that of `trainingGraph` for the engine's device, where it has been built already
 */
export async function createTrainer(engine: Engine, options: TrainerOptions, graph?: Values): Promise<Trainer> {
  const { objective, optimizer, batch, micro } = options;
  const { groups, sampleShapes } = objective;
  checkMicro(batch, micro);
  const { target } = engine;
  const accumulate = accumulates(options);
  const peers = options.shared ? engine.peers : null;
  const rounds = batch / micro / (peers?.size ?? 1);
  if (peers) checkShares(batch / micro, peers.size, batch);
  const allGroups = Object.keys(groups);
  const first = options.first ?? allGroups;
  const theta = Object.assign(
    {},
    ...allGroups.map((name) => vectorState(target, name, groups[name]!, partName(name, 'theta'))),
  );
  const making = Promise.all(
    allGroups.map((name) => createUpdater(engine, optimizer, parameterCount(groups[name]!), `${name}.`)),
  );
  making.catch(() => {}); // It is thrown where it is awaited.
  const gradients = new Map<string, Promise<number>>();
  const gradientFor = (learning: readonly string[]) => {
    const key = learning.join();
    let program = gradients.get(key);
    if (!program) {
      const outputs = () => trainingGraph({ ...options, first: learning }, target);
      program = loadGraph(engine, key === first.join() && graph ? graph : outputs());
      program.catch(() => {});
      gradients.set(key, program);
    }
    return program;
  };
  const loading = gradientFor(first);
  const updaters = new Map((await making).map((updater, index) => [allGroups[index]!, updater]));
  const programs = new Map<string, number>();
  const scaling = options.precision === 'mixed' ? lossScaling(allGroups) : null;

  return {
    async ready() {
      await loading;
    },
    async step(arrays, learning) {
      const names = allGroups.filter((name) => learning[name]);
      const program = await gradientFor(names);
      const ofGradients = (refer: typeof vectorState) =>
        Object.assign({}, ...names.map((name) => refer(target, gradientName(name), groups[name]!)));
      const run = {
        state: accumulate ? { ...theta, ...ofGradients(vectorState) } : theta,
        update: ofGradients(vectorUpdate),
        handOver: true,
      };
      const totals = await totalsOf(arrays);
      const found: Record<string, number>[] = [];
      for (let round = 0; round < rounds; round++) {
        const scalars = scalarFeeds(scaling ? { ...totals, [LOSS_SCALE]: scaling.scale } : totals);
        const feeds = { ...scalars, ...microFeeds(arrays, round), ...(accumulate ? keepFeed(round) : {}) };
        const result = await engine.run(program, feeds, run);
        found.push(Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, data[0]!])));
        for (const name of peers ? names : []) {
          await peers!.sum(gradientName(name), { first: round === 0, last: round === rounds - 1 });
        }
      }
      const sums: Record<string, number> = {};
      for (const part of peers ? await allParts(peers, found) : found) {
        for (const [name, value] of Object.entries(part)) sums[name] = (sums[name] ?? 0) + value;
      }
      const results = objective.results(sums, totals);
      if (!Number.isFinite(results.loss)) throw new InputError('diverged', `the loss is ${results.loss}`);
      const learners = names.map((name) => ({ name, updater: updaters.get(name)!, ...learning[name]! }));
      const gradientNorm = await normOf(learners.map(({ updater }) => updater));
      const scale = scaling && { lossScale: scaling.scale };
      if (Number.isFinite(gradientNorm)) {
        // Steps that were left out do not count where moments are corrected for their beginning.
        for (const { name, updater, rate, step } of learners) {
          await updater.apply(gradientNorm, rate, step - (scaling?.skippedOf(name) ?? 0));
        }
        scaling?.good();
      } else if (scaling) scaling.skip(names);
      else throw new InputError('diverged', `the norm of the gradient is ${gradientNorm}`);
      return { ...results, gradientNorm, ...(scaling && { ...scale, skippedSteps: scaling.skipped }) };
    },
    async compute(name, build, feeds) {
      const shapes = Object.fromEntries(Object.entries(feeds).map(([input, { shape }]) => [input, shape]));
      const key = `${name} ${JSON.stringify(shapes)}`;
      const program = programs.get(key) ?? (await loadGraph(engine, computeGraph(groups, build, shapes, target)));
      programs.set(key, program);
      return engine.run(program, feeds, { state: theta });
    },
    async *examine(build, shapes, feeds) {
      const program = await loadGraph(engine, computeGraph(groups, build, shapes, target));
      for await (const one of feeds) yield engine.run(program, one, { state: theta });
      await engine.unload(program);
    },
    async state() {
      const state = new Map<string, Float32Array>();
      for (const [name, updater] of updaters) {
        for (const [part, data] of await updater.state()) state.set(partName(name, part), data);
      }
      if (scaling) state.set(SCALING, scaling.state());
      return state;
    },
    async setState(state) {
      scaling?.setState(state.get(SCALING));
      for (const [name, updater] of updaters) {
        const own = [...state].filter(([part]) => part.startsWith(`${name}.`));
        await updater.setState(new Map(own.map(([part, data]) => [part.slice(name.length + 1), data])));
      }
    },
  };

  /** Of the whole batch. */
  async function totalsOf(arrays: BatchArrays): Promise<Record<string, number>> {
    const own = Object.fromEntries(Object.entries(objective.totals).map(([name, of]) => [name, of(arrays)]));
    return peers ? sumOver(peers, own) : own;
  }

  function microFeeds(arrays: BatchArrays, index: number): Record<string, Tensor> {
    const feeds = Object.entries(sampleShapes).map(([name, shape]) => {
      return [name, tensor([micro, ...shape], partOf(arrays[name]!, index, rounds))] as const;
    });
    return Object.fromEntries(feeds);
  }
}

/** The norm over the gradients of all groups. An update writes over the state, so it is judged before the first. */
async function normOf(updaters: readonly Updater[]): Promise<number> {
  const norms: number[] = [];
  for (const updater of updaters) norms.push(await updater.norm());
  return Math.hypot(...norms);
}

function scalarFeeds(values: Readonly<Record<string, number>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor([1], Float32Array.of(value))]));
}
