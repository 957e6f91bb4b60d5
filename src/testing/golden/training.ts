/** Golden handlers of whole training steps. */
import { type Tensor, tensor } from '../../core/tensor.js';
import { type Engine, loadGraph } from '../../engine/index.js';
import type { Target } from '../../graph/index.js';
import { type Parameters, packParameters, parameterCount, unpackParameters } from '../../nn/index.js';
import { coverMethod } from '../../pretrain/cover/method.js';
import { type CoverOptions, coverSpecs } from '../../pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../../pretrain/methods.js';
import { computeGraph, gradientGraph, gradientName } from '../../train/gradient-graph.js';
import type { Values } from '../../train/objective.js';
import { vectorState, vectorUpdate } from '../../train/parameter-inputs.js';
import { createUpdater } from '../../train/updater.js';
import type { GoldenCase, GoldenCheck, GoldenHandler, GoldenResult } from './case.js';
import { optimizerOptions } from './optimizers.js';
import { generatedParameters } from './parameter-generator.js';
import { maskOf } from './views.js';

type Params = Readonly<Record<CoverKey | 'parameter_generator' | 'parameter_names' | 'steps', never>>;
type CoverKey = 'amp' | 'chan' | 'dimensions' | 'n_channels' | 'num_heads' | 'variant';
type Allowed = Readonly<
  Record<'final_params' | 'grad_first4_err_over_l2' | 'grad_l2_rel' | 'grad_sum_err_over_l2', never>
>;

/** Where a case runs, and how its operators are built. */
export interface Place {
  readonly engine: Engine;
  readonly target: Target;
}

export function coverOptions(params: Readonly<Record<string, unknown>>): CoverOptions {
  const p = params as Params;
  return {
    dims: p.dimensions === '3D' ? 3 : 2,
    inputs: p.n_channels,
    channels: p.chan,
    heads: p.num_heads,
    window: p.amp,
    warp: p.variant,
  };
}

const scalar = (value: number): Tensor => tensor([1], Float32Array.of(value));

export function trainingHandlers(engine: Engine, target: Target): Record<string, GoldenHandler> {
  const on: Place = { engine, target };
  const train: GoldenHandler = (golden) => trainCase(on, golden);
  return {
    cover2d_train: train,
    cover3d_train: train,
    cover2d_fullsize: (golden) => fullSizeCase(on, golden),
  };
}

function views(golden: GoldenCase): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {
    moving: golden.tensors.get('in.im_M')!,
    fixed: golden.tensors.get('in.im_F')!,
  };
  const field = golden.tensors.get('in.flow_gt');
  if (field) {
    const mask = maskOf(field);
    feeds.field = field;
    feeds.mask = mask;
    feeds.validPixels = scalar(mask.data.reduce((sum, value) => sum + value, 0));
  }
  return feeds;
}

/** The field and the features of a case's views. */
export async function predict(
  { engine, target }: Place,
  golden: GoldenCase,
  options: CoverOptions,
  theta: Float32Array,
) {
  const { moving, fixed } = views(golden) as { moving: Tensor; fixed: Tensor };
  const method = coverMethod(options);
  const shapes = { moving: moving.shape, fixed: fixed.shape };
  const look = (parameters: Parameters, inputs: Values) => method.look(parameters, inputs);
  const graph = computeGraph({ [GROUP]: method.specs }, look, shapes, target);
  const program = await loadGraph(engine, graph);
  await engine.setState('theta', tensor([theta.length], theta));
  const state = vectorState(target, GROUP, coverSpecs(options), 'theta');
  return engine.run(program, { moving, fixed }, { state });
}

async function trainCase(on: Place, golden: GoldenCase): Promise<GoldenResult> {
  const { engine, target } = on;
  const options = coverOptions(golden.params);
  const { rate, ...optimizer } = optimizerOptions(golden.params);
  const specs = coverSpecs(options);
  const count = parameterCount(specs);
  const named = (prefix: string) =>
    new Map(
      [...golden.tensors].filter(([name]) => name.startsWith(prefix)).map(([n, t]) => [n.slice(prefix.length), t]),
    );
  const initial = packParameters(named('param.'), specs);
  const feeds = views(golden);
  const batch = feeds.moving!.shape[0]!;
  const method = coverMethod(options, { bound: 1e-12 });
  const graph = gradientGraph(objectiveOf(method, feeds.moving!.shape.slice(2)), { batch, target });
  const gradientProgram = await loadGraph(engine, graph);
  const updater = await createUpdater(engine, optimizer, count);
  await updater.setState(new Map([['theta', initial]]));
  const steps = (golden.params as Params).steps as number;
  const tensors: Record<string, Tensor> = {};
  const forward = await predict(on, golden, options, initial);
  tensors['out.flow_pred'] = forward.predicted!;
  tensors['out.f_F'] = forward.fixedFeatures!;
  tensors['out.f_M'] = forward.movingFeatures!;
  tensors['out.mask'] = feeds.mask!;
  const [loss, vector, consistency, norms]: number[][] = [[], [], [], []];
  for (let step = 0; step <= steps; step++) {
    const result = await engine.run(gradientProgram, feeds, {
      state: vectorState(target, GROUP, specs, 'theta'),
      update: vectorUpdate(target, gradientName(GROUP), specs, 'gradient'),
    });
    vector!.push(result.vectorLoss!.data[0]!);
    consistency!.push(1 - result.meanCosine!.data[0]!);
    loss!.push(vector!.at(-1)! + consistency!.at(-1)!);
    if (step === 0) {
      const gradient = await engine.getState('gradient');
      for (const [name, value] of unpackParameters(gradient.data, specs)) tensors[`grad.param.${name}`] = value;
    }
    if (step === steps) break;
    const norm = await updater.norm();
    norms!.push(norm);
    await updater.apply(norm, rate, step + 1);
  }
  const row = (values: number[]) => tensor([values.length], Float32Array.from(values));
  tensors['out.loss_per_step'] = row(loss!);
  tensors['out.loss_vec_per_step'] = row(vector!);
  tensors['out.loss_con_per_step'] = row(consistency!);
  tensors['out.grad_norm_per_step'] = row(norms!);
  const final = (await engine.getState('theta')).data;
  const expected = packParameters(named('final.param.'), specs);
  return { tensors, checks: finalChecks(initial, final, expected, golden.tolerance as Allowed) };
}

function finalChecks(
  initial: Float32Array,
  final: Float32Array,
  expected: Float32Array,
  tolerance: Allowed,
): GoldenCheck[] {
  const rule = tolerance.final_params as { rel_l2_of_delta: number; max_abs: number };
  let [difference, delta, largest] = [0, 0, 0];
  for (let index = 0; index < final.length; index++) {
    const error = final[index]! - expected[index]!;
    difference += error ** 2;
    delta += (expected[index]! - initial[index]!) ** 2;
    largest = Math.max(largest, Math.abs(error));
  }
  return [
    {
      what: 'final parameters, relative L2 of the change',
      error: Math.sqrt(difference / delta),
      allowed: rule.rel_l2_of_delta,
    },
    { what: 'final parameters, largest difference', error: largest, allowed: rule.max_abs },
  ];
}

async function fullSizeCase(on: Place, golden: GoldenCase): Promise<GoldenResult> {
  const { engine, target } = on;
  const options = coverOptions(golden.params);
  const specs = coverSpecs(options);
  const generator = (golden.params as Params).parameter_generator as { readonly salt?: number } | undefined;
  const theta = generatedParameters(specs, generator?.salt);
  const feeds = views(golden);
  const method = coverMethod(options, { bound: 1e-12 });
  const graph = gradientGraph(objectiveOf(method, feeds.moving!.shape.slice(2)), { batch: 1, target });
  const program = await loadGraph(engine, graph);
  const count = parameterCount(specs);
  await engine.setState('theta', tensor([count], theta));
  await engine.clearState('gradient', [count]);
  const result = await engine.run(program, feeds, {
    state: vectorState(target, GROUP, specs, 'theta'),
    update: vectorUpdate(target, gradientName(GROUP), specs, 'gradient'),
  });
  const forward = await predict(on, golden, options, theta);
  const vector = result.vectorLoss!.data[0]!;
  const consistency = 1 - result.meanCosine!.data[0]!;
  const one = (value: number) => tensor([], Float32Array.of(value));
  const tolerance = golden.tolerance as Allowed;
  const gradients = unpackParameters((await engine.getState('gradient')).data, specs);
  const stored = (name: string) => golden.tensors.get(`out.${name}`)!.data;
  const checks: GoldenCheck[] = [];
  const names = (golden.params as Params).parameter_names as readonly string[];
  const missing = specs.filter(({ name }) => !names.includes(name)).length;
  checks.push({ what: 'parameters that are not compared', error: missing, allowed: 0 });
  const rows = { l2: new Float32Array(names.length), sum: new Float32Array(names.length) };
  const first = new Float32Array(4 * names.length);
  let squares = 0;
  names.forEach((name, row) => {
    const { data } = gradients.get(name)!;
    let [sum, square] = [0, 0];
    for (const value of data) {
      sum += value;
      square += value * value;
    }
    squares += square;
    rows.l2[row] = Math.sqrt(square);
    rows.sum[row] = sum;
    first.set(data.subarray(0, 4), 4 * row);
    const norm = stored('grad_l2')[row]!;
    // Biases in front of a normalisation with one channel per group have a gradient of rounding noise alone.
    const scale = Math.max(norm, 1e-6);
    checks.push({
      what: `${name} norm`,
      error: Math.abs(Math.sqrt(square) - norm) / scale,
      allowed: tolerance.grad_l2_rel,
    });
    checks.push({
      what: `${name} sum`,
      error: Math.abs(sum - stored('grad_sum')[row]!) / scale,
      allowed: tolerance.grad_sum_err_over_l2,
    });
    for (let k = 0; k < Math.min(4, data.length); k++) {
      const error = Math.abs(data[k]! - stored('grad_first4')[row * 4 + k]!) / scale;
      checks.push({ what: `${name}[${k}]`, error, allowed: tolerance.grad_first4_err_over_l2 });
    }
  });
  return {
    tensors: {
      'out.flow_pred': forward.predicted!,
      'out.mask': feeds.mask!,
      'out.loss_vec': one(vector),
      'out.loss_con': one(consistency),
      'out.loss': one(vector + consistency),
      'out.grad_total_norm': one(Math.sqrt(squares)),
      'out.grad_l2': tensor([names.length], rows.l2),
      'out.grad_sum': tensor([names.length], rows.sum),
      'out.grad_first4': tensor([names.length, 4], first),
    },
    checks,
    checked: ['out.grad_l2', 'out.grad_sum', 'out.grad_first4'],
  };
}
