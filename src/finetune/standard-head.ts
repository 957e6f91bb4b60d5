/**
 * What the head sees has mean 0 and deviation 1. The features of a pretrained network may hardly differ from pixel to
 * pixel (COVER's consistency loss flattens them), and a fresh head, which is drawn for values about 1, then takes long
 * to learn anything from them. Mean and deviation of each feature are measured once, on the first training samples, and
 * are parameters of the head from then on. In the graph they are folded into the head's weights, so they cost nothing.
 */
import type { Peers } from '../core/peers.js';
import { tensor } from '../core/tensor.js';
import type { BatchSource, SampleKey } from '../data/batch.js';
import { add, mul, reduceMean, reduceSum, reshape, sub, type Value } from '../graph/index.js';
import { type ParameterSpec, type Parameters, packParameters, unpackParameters } from '../nn/index.js';
import type { State } from '../train/groups.js';
import type { Objective, Values } from '../train/objective.js';
import type { Trainer } from '../train/trainer.js';
import type { FinetuneConfig } from './config.js';
import type { TaskNetwork } from './task.js';

const SCALE = 'head.norm.weight';
const SHIFT = 'head.norm.bias';

/** A feature that differs less than so many times as much as the one that differs most is noise: it is not raised. */
const LEAST = 0.01;

/** Their parameters, of a configuration that has them. @param features channels of what the head sees */
export function standardSpecs({ backbone }: Pick<FinetuneConfig, 'backbone'>, features: number): ParameterSpec[] {
  return backbone.standardise ? [SCALE, SHIFT].map((name) => ({ name, shape: [features] })) : [];
}

/**
 * The parameters with `head.weight` and `head.bias` for features as they are.
 * @param axis that of the features in `head.weight`
 * @param parameters without mean and deviation they stay as they are
 */
export function foldedHead(parameters: Parameters, axis: 0 | 1): Parameters {
  const [scale, shift] = [parameters.get(SCALE), parameters.get(SHIFT)];
  if (!scale || !shift) return parameters;
  const [weight, bias] = [parameters.get('head.weight')!, parameters.get('head.bias')!];
  const others = weight.shape.map((_, at) => at).filter((at) => at !== 1 - axis);
  const along = (value: Value) =>
    reshape(
      value,
      weight.shape.map((extent, at) => (at === axis ? extent : 1)),
    );
  const moved = reshape(reduceSum(mul(weight, along(shift)), others), bias.shape);
  return new Map([...parameters, ['head.weight', mul(weight, along(scale))], ['head.bias', add(bias, moved)]]);
}

/** What is measured of a sample: of each feature the mean and the mean square about it. */
interface Moments {
  readonly means: Float32Array;
  readonly squares: Float32Array;
}

/** The first sample of every case, then the second, up to `count`. */
export function firstSamples(count: number, cases: number): SampleKey[] {
  return Array.from({ length: count }, (_, index) => ({ epoch: Math.floor(index / cases), sample: index % cases }));
}

/**
 * A state whose head has mean and deviation as they are in samples. Of several processes rank 0 measures, so that all
 * have the same to the bit.
 * @param trainer has the state already, and has the new one afterwards
 * @param cases how many the source makes samples of, the image first
 */
export async function standardised(
  trainer: Pick<Trainer, 'examine' | 'setState'>,
  { objective, task, peers }: { objective: Objective; task: TaskNetwork; peers: Peers | null },
  state: State,
  { source, cases }: { source: Pick<BatchSource, 'batch'>; cases: number },
): Promise<State> {
  const specs = objective.groups.head!;
  const named = unpackParameters(state.get('head.theta')!, specs);
  if (peers === null || peers.rank === 0) {
    const shape = [1, ...objective.sampleShapes.image!];
    const moments: Moments[] = [];
    const feeds = feedsOf(shape, source, firstSamples(task.samples, cases));
    const build = (parameters: Parameters, { image }: Values) => momentsOf(task.features(parameters, image!));
    for await (const { means, squares } of trainer.examine(build, { image: shape }, feeds)) {
      moments.push({ means: means!.data, squares: squares!.data });
    }
    const { scale, shift } = affineOf(moments);
    named.set(SCALE, tensor([scale.length], scale)).set(SHIFT, tensor([shift.length], shift));
  }
  const own = packParameters(named, specs);
  const theta = peers ? floatsOf(await peers.broadcast(new Uint8Array(own.buffer))) : own;
  const measured = new Map([...state, ['head.theta', theta] as const]);
  await trainer.setState(measured);
  return measured;
}

async function* feedsOf(shape: readonly number[], source: Pick<BatchSource, 'batch'>, keys: readonly SampleKey[]) {
  for (const key of keys) {
    const [image] = await source.batch([key]);
    yield { image: tensor(shape, image!) };
  }
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}

/** @param x `[1, F, ...]` */
function momentsOf(x: Value): { means: Value; squares: Value } {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const means = reduceMean(x, axes);
  const apart = sub(x, means);
  return { means, squares: reduceMean(mul(apart, apart), axes) };
}

/** What brings the features of samples of one size to mean 0 and deviation 1: `scale · x + shift`. */
export function affineOf(samples: readonly Moments[]): { scale: Float32Array; shift: Float32Array } {
  const count = samples[0]!.means.length;
  const over = (of: (moments: Moments) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const means = Array.from({ length: count }, (_, feature) => over((one) => one.means[feature]!));
  const deviations = means.map((mean, feature) =>
    Math.sqrt(over((one) => one.squares[feature]! + (one.means[feature]! - mean) ** 2)),
  );
  const least = LEAST * Math.max(...deviations);
  const scale = Float32Array.from(deviations, (deviation) => 1 / (Math.max(deviation, least) || 1));
  return { scale, shift: Float32Array.from(means, (mean, feature) => -mean * scale[feature]!) };
}
