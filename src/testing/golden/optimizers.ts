/** Golden handlers of optimisers and clipping. */
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { packParameters, unpackParameters } from '../../nn/index.js';
import { defaultOptimizer, momentNames, type OptimizerOptions } from '../../train/optimizer.js';
import { createUpdater } from '../../train/updater.js';
import type { GoldenCase, GoldenHandler, GoldenResult } from './case.js';

type Params = Readonly<
  Record<'betas' | 'eps' | 'lr' | 'max_norm' | 'momentum' | 'name' | 'nesterov' | 'optimizer' | 'weight_decay', never>
>;

export function optimizerHandlers(engine: Engine): Record<string, GoldenHandler> {
  return {
    optimizer: (golden) => optimizerCase(engine, golden),
    clip_grad_norm: (golden) => clipCase(engine, golden),
  };
}

/** The optimiser that a case's parameters describe. */
export function optimizerOptions(
  params: Readonly<Record<string, unknown>>,
): OptimizerOptions & { readonly rate: number } {
  const o = (params as Params).optimizer as Params;
  return {
    ...defaultOptimizer,
    name: o.name,
    rate: o.lr,
    weightDecay: o.weight_decay,
    betas: o.betas ?? defaultOptimizer.betas,
    epsilon: o.eps ?? defaultOptimizer.epsilon,
    momentum: o.momentum ?? defaultOptimizer.momentum,
    nesterov: o.nesterov ?? false,
    clip: (params as Params).max_norm ?? null,
  };
}

async function optimizerCase(engine: Engine, golden: GoldenCase): Promise<GoldenResult> {
  const { rate, ...options } = optimizerOptions(golden.params);
  const gradientRows = golden.tensors.get('in.grads')!;
  const [steps, count] = gradientRows.shape as [number, number];
  const moments = momentNames(options);
  const updater = await createUpdater(engine, options, count);
  await updater.setState(new Map([['theta', golden.tensors.get('in.p0')!.data]]));
  const trajectory = new Float32Array(steps * count);
  const norms: number[] = [];
  for (let step = 0; step < steps; step++) {
    await engine.setState('gradient', tensor([count], gradientRows.data.slice(step * count, (step + 1) * count)));
    const norm = await updater.norm();
    await updater.apply(norm, rate, step + 1);
    norms.push(norm);
    trajectory.set((await engine.getState('theta')).data, step * count);
  }
  const tensors: Record<string, Tensor> = {
    'out.trajectory': tensor([steps, count], trajectory),
    'out.grad_norms': tensor([steps], Float32Array.from(norms)),
  };
  const stored = { firstMoment: 'exp_avg', secondMoment: 'exp_avg_sq', momentum: 'momentum_buffer' };
  for (const name of moments) {
    tensors[`out.state.${stored[name as keyof typeof stored]}`] = await engine.getState(name);
  }
  return { tensors };
}

/** Clipping shows in one SGD step of rate 1 from zero: the parameters become minus the clipped gradient. */
async function clipCase(engine: Engine, golden: GoldenCase): Promise<GoldenResult> {
  const names = [...golden.tensors.keys()].filter((name) => name.startsWith('in.'));
  const specs = names.map((name) => ({ name, shape: golden.tensors.get(name)!.shape }));
  const gradient = packParameters(golden.tensors, specs);
  const options: OptimizerOptions = {
    ...defaultOptimizer,
    name: 'sgd',
    momentum: 0,
    weightDecay: 0,
    clip: (golden.params as Params).max_norm,
  };
  const count = gradient.length;
  const updater = await createUpdater(engine, options, count);
  await updater.setState(new Map());
  await engine.setState('gradient', tensor([count], gradient));
  const norm = await updater.norm();
  await updater.apply(norm, 1, 1);
  const tensors: Record<string, Tensor> = { 'out.norm': tensor([], Float32Array.of(norm)) };
  const clipped = (await engine.getState('theta')).data.map((value) => -value);
  for (const [name, value] of unpackParameters(clipped, specs)) tensors[name.replace('in.', 'out.')] = value;
  return { tensors };
}
