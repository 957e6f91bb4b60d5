/**
 * A network in training: the gradient program, the update program and their state on the engine. A batch may be run as
 * micro-batches whose gradients add up to exactly that of the batch (method section 5).
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { type Engine, targetOf } from '../engine/index.js';
import { parameterCount } from '../nn/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import { type CoverOptions, coverSpecs, gradientGraph, predictGraph } from './cover/step.js';
import { checkMicro, keepFeed, partOf } from './micro-batches.js';
import type { OptimizerOptions } from './optimizer.js';
import { createUpdater } from './updater.js';

export interface TrainerOptions {
  readonly cover: CoverOptions;
  readonly optimizer: OptimizerOptions;
  /** Samples of a batch. */
  readonly batch: number;
  /** Samples that are computed at once; a divisor of `batch`. */
  readonly micro: number;
  /** Extents of the views. */
  readonly crop: readonly number[];
}

/** One batch: `moving` and `fixed` `[B, C, ...S]`, `field` `[B, nd, ...S]`, `mask` `[B, 1, ...S]`, as flat rows. */
export interface BatchArrays {
  readonly moving: Float32Array;
  readonly fixed: Float32Array;
  readonly field: Float32Array;
  readonly mask: Float32Array;
}

export interface StepResult {
  readonly loss: number;
  readonly vectorLoss: number;
  readonly consistencyLoss: number;
  /** In pixels. */
  readonly endpointError: number;
  /** Before clipping. */
  readonly gradientNorm: number;
}

export interface Prediction {
  readonly predicted: Tensor;
  readonly fixedFeatures: Tensor;
  readonly movingFeatures: Tensor;
}

export interface Trainer {
  /**
   * One step at a learning rate. `step` counts from 1.
   * @throws InputError ('diverged') when the loss or the gradient is NaN or infinite; the state is then as before the step
   */
  step(batch: BatchArrays, rate: number, step: number): Promise<StepResult>;
  /** The predicted field and the full-resolution features of `micro` pairs. */
  predict(moving: Float32Array, fixed: Float32Array): Promise<Prediction>;
  /** Parameters (`theta`) and moments, copied out. */
  state(): Promise<Map<string, Float32Array>>;
  setState(state: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** Builds the programs. The state must be set before the first step. */
export async function createTrainer(engine: Engine, options: TrainerOptions): Promise<Trainer> {
  const { cover, optimizer, batch, micro, crop } = options;
  checkMicro(batch, micro);
  const target = targetOf(engine.device);
  const count = parameterCount(coverSpecs(cover));
  const accumulate = batch > micro;
  const gradient = await engine.load(encodeOnnx(gradientGraph(cover, micro, crop, { accumulate, target }).outputs));
  const updater = await createUpdater(engine, optimizer, count);
  let predictor: number | undefined;
  const part = (data: Float32Array, index: number, channels: number): Tensor =>
    tensor([micro, channels, ...crop], partOf(data, index, batch / micro));
  return {
    async step(arrays, rate, step) {
      let valid = 0;
      for (const value of arrays.mask) valid += value;
      const sums = { vector: 0, cosine: 0, error: 0 };
      for (let index = 0; index < batch / micro; index++) {
        const feeds = {
          moving: part(arrays.moving, index, cover.inputs),
          fixed: part(arrays.fixed, index, cover.inputs),
          field: part(arrays.field, index, cover.dims),
          mask: part(arrays.mask, index, 1),
          validPixels: tensor([1], Float32Array.of(valid)),
        };
        const state = accumulate ? { theta: 'theta', gradient: 'gradient' } : { theta: 'theta' };
        const keep = accumulate ? keepFeed(index) : {};
        const update = { gradientNext: 'gradient' };
        const result = await engine.run(gradient, { ...feeds, ...keep }, { state, update });
        sums.vector += result.vectorLoss!.data[0]!;
        sums.cosine += result.meanCosine!.data[0]!;
        sums.error += result.endpointError!.data[0]!;
      }
      const consistencyLoss = valid > 0 ? 1 - sums.cosine : 0;
      const loss = sums.vector + consistencyLoss;
      if (!Number.isFinite(loss)) throw new InputError('diverged', `step ${step}: the loss is ${loss}`);
      // The update writes over the state, so a gradient is judged before it.
      const gradientNorm = await updater.norm();
      if (!Number.isFinite(gradientNorm)) {
        throw new InputError('diverged', `step ${step}: the norm of the gradient is ${gradientNorm}`);
      }
      await updater.apply(gradientNorm, rate, step);
      return { loss, vectorLoss: sums.vector, consistencyLoss, endpointError: sums.error, gradientNorm };
    },
    async predict(moving, fixed) {
      predictor ??= await engine.load(encodeOnnx(predictGraph(cover, micro, crop, target).outputs));
      const shape = [micro, cover.inputs, ...crop];
      const feeds = { moving: tensor(shape, moving), fixed: tensor(shape, fixed) };
      return (await engine.run(predictor, feeds, { state: { theta: 'theta' } })) as unknown as Prediction;
    },
    state: () => updater.state(),
    setState: (state) => updater.setState(state),
  };
}
