/** COVER's training step on random views. */
import { startEngine } from '../../engine/node/index.js';
import { defaultChannels, initialParameters } from '../../nn/index.js';
import { coverMethod } from '../../pretrain/cover/method.js';
import { type CoverOptions, coverSpecs } from '../../pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../../pretrain/methods.js';
import { defaultOptimizer } from '../../train/optimizer.js';
import { createTrainer } from '../../train/trainer.js';
import { type BenchCase, extentsOf } from '../cases.js';
import { normal, uniform } from './uniform.js';

export async function stepRunner(one: BenchCase): Promise<() => Promise<void>> {
  const { dims, size, batch, micro } = one;
  const pixels = size ** dims;
  const cover: CoverOptions = {
    dims,
    inputs: 1,
    channels: defaultChannels,
    heads: [4, 4, 4, 1, 1],
    window: 2,
    warp: 'aligned',
  };
  const engine = await startEngine({ device: 'cpu' });
  const trainer = await createTrainer(engine, {
    objective: objectiveOf(coverMethod(cover), extentsOf(one)),
    optimizer: defaultOptimizer,
    batch,
    micro,
  });
  await trainer.setState(new Map([[`${GROUP}.theta`, initialParameters(coverSpecs(cover), 0)]]));
  const arrays = {
    moving: uniform(batch * pixels),
    fixed: uniform(batch * pixels),
    field: normal(batch * dims * pixels, 3),
    mask: new Float32Array(batch * pixels).fill(1),
  };
  let count = 0;
  return async () => {
    count++;
    await trainer.step(arrays, { [GROUP]: { rate: 1e-5, step: count } });
  };
}
