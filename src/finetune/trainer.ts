/**
 * A network in fine-tuning: programs and their state on the engine. Backbone and head are two groups of parameters with
 * moments and learning rates of their own; the gradient is clipped by the norm over those that learn.
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import { parameterCount } from '../nn/index.js';
import { checkMicro, keepFeed, partOf } from '../train/micro-batches.js';
import type { OptimizerOptions } from '../train/optimizer.js';
import { vectorState, vectorUpdate } from '../train/parameter-inputs.js';
import { createUpdater, type Updater } from '../train/updater.js';
import {
  finetuneGraph,
  type GroupName,
  type Groups,
  gradientName,
  groupNames,
  probabilityGraph,
} from './gradient-graph.js';
import type { TaskNetwork } from './task.js';

export interface TrainerOptions {
  readonly groups: Groups;
  readonly task: TaskNetwork;
  readonly optimizer: OptimizerOptions;
  readonly batch: number;
  /** Samples that are computed at once; a divisor of `batch`. */
  readonly micro: number;
  readonly inputs: number;
  readonly crop: readonly number[];
}

/** How a group learns in a step: its rate, and how many steps it has learned, this one included. */
export interface GroupStep {
  readonly rate: number;
  readonly step: number;
}

/** The groups that learn in a step; a group that is absent stays as it is, to the bit. */
export type Learning = Readonly<Partial<Record<GroupName, GroupStep>>>;

/** `loss`, its parts, and `gradientNorm` (before clipping). */
export type StepResult = Readonly<Record<string, number>>;

/** By group and part, such as `head.theta` and `head.firstMoment`. */
export type TrainerState = ReadonlyMap<string, Float32Array>;

export interface Trainer {
  /**
   * One step.
   * @param images `[batch, C, ...crop]`
   * @param targets class indices, `[batch, ...crop]` or `[batch]`
   * @throws InputError ('diverged') when the loss or the gradient is not finite; the state is then as before the step
   */
  step(images: Float32Array, targets: Float32Array, learning: Learning): Promise<StepResult>;
  /** Probabilities of one image `[C, ...S]`, extents divisible by 16: `[K, ...S]` or `[K]`. */
  probabilities(image: Tensor): Promise<Tensor>;
  state(): Promise<Map<string, Float32Array>>;
  /** Sets parameters and moments; a moment that is absent is zero. */
  setState(state: TrainerState): Promise<void>;
}

/** Makes the programs. The state must be set before the first step. */
export async function createTrainer(engine: Engine, options: TrainerOptions): Promise<Trainer> {
  const { groups, task, optimizer, batch, micro, inputs, crop } = options;
  checkMicro(batch, micro);
  const target = engine.target;
  const accumulate = batch > micro;
  const parameterState = {
    ...vectorState(target, 'backbone', groups.backbone, 'backbone.theta'),
    ...vectorState(target, 'head', groups.head, 'head.theta'),
  };
  const updaters = {} as Record<GroupName, Updater>;
  for (const name of groupNames) {
    updaters[name] = await createUpdater(engine, optimizer, parameterCount(groups[name]), `${name}.`);
  }
  const programs = new Map<string, number>();
  const programFor = async (key: string, outputs: () => ReturnType<typeof finetuneGraph>) => {
    const program = programs.get(key) ?? (await loadGraph(engine, outputs()));
    programs.set(key, program);
    return program;
  };

  return {
    async step(images, targets, learning) {
      const names = groupNames.filter((name) => learning[name]);
      const program = await programFor(`gradient of ${names.join()}`, () =>
        finetuneGraph(groups, task, { learning: names, batch: micro, inputs, crop, accumulate, target }),
      );
      const ofGradients = (refer: typeof vectorState) =>
        Object.assign({}, ...names.map((name) => refer(target, gradientName(name), groups[name])));
      const update = ofGradients(vectorUpdate);
      const state = accumulate ? { ...parameterState, ...ofGradients(vectorState) } : parameterState;
      const total = tensor([1], Float32Array.of(task.weigh(targets)));
      const sums: Record<string, number> = {};
      for (let index = 0; index < batch / micro; index++) {
        const feeds = {
          image: tensor([micro, inputs, ...crop], partOf(images, index, batch / micro)),
          target: tensor([micro, 1, ...task.targetShape], partOf(targets, index, batch / micro)),
          total,
          ...(accumulate ? keepFeed(index) : {}),
        };
        const result = await engine.run(program, feeds, { state, update });
        for (const [name, { data }] of Object.entries(result)) sums[name] = (sums[name] ?? 0) + data[0];
      }
      if (!Number.isFinite(sums.loss)) throw new InputError('diverged', `the loss is ${sums.loss}`);
      // An update writes over the state, so all gradients are judged before the first.
      const norms: number[] = [];
      for (const name of names) norms.push(await updaters[name].norm());
      const gradientNorm = Math.hypot(...norms);
      if (!Number.isFinite(gradientNorm)) {
        throw new InputError('diverged', `the norm of the gradient is ${gradientNorm}`);
      }
      for (const name of names) await updaters[name].apply(gradientNorm, learning[name]!.rate, learning[name]!.step);
      return { ...sums, gradientNorm };
    },
    async probabilities({ shape, data }) {
      const input = [1, ...shape];
      const program = await programFor(`probabilities of ${shape.join('x')}`, () =>
        probabilityGraph(groups, task, input, target),
      );
      const { probabilities } = await engine.run(program, { image: tensor(input, data) }, { state: parameterState });
      return tensor(probabilities.shape.slice(1), probabilities.data);
    },
    async state() {
      const state = new Map<string, Float32Array>();
      for (const name of groupNames) {
        for (const [part, data] of await updaters[name].state()) state.set(`${name}.${part}`, data);
      }
      return state;
    },
    async setState(state) {
      for (const name of groupNames) {
        const own = [...state].filter(([part]) => part.startsWith(`${name}.`));
        await updaters[name].setState(new Map(own.map(([part, data]) => [part.slice(name.length + 1), data])));
      }
    },
  };
}
