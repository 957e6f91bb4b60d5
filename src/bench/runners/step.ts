/** COVER's training step on random views. */
import { startEngine } from '../../engine/node/index.js';
import { initialParameters } from '../../nn/index.js';
import { readConfig } from '../../pretrain/config.js';
import { GROUP, methodOf, objectiveOf } from '../../pretrain/methods.js';
import { defaultOptimizer } from '../../train/optimizer.js';
import { createTrainer } from '../../train/trainer.js';
import { type BenchCase, extentsOf } from '../cases.js';
import { normal, uniform } from './uniform.js';

export async function stepRunner(one: BenchCase): Promise<() => Promise<void>> {
  const { dims, size, batch, micro } = one;
  const pixels = size ** dims;
  const crop = extentsOf(one);
  const method = methodOf(readConfig({ settings: [`views.crop=${JSON.stringify(crop)}`, 'model.window=2'] }));
  const engine = await startEngine({ device: 'cpu' });
  const trainer = await createTrainer(engine, {
    objective: objectiveOf(method, crop),
    optimizer: defaultOptimizer,
    batch,
    micro,
  });
  await trainer.setState(new Map([[`${GROUP}.theta`, initialParameters(method.specs, 0)]]));
  const arrays = {
    moving: uniform(batch * pixels),
    fixed: uniform(batch * pixels),
    field: normal(batch * dims * pixels, 3),
    mask: new Float32Array(batch * pixels).fill(1),
  };
  let count = 0;
  return async () => {
    count++;
    await trainer.step(structuredClone(arrays), { [GROUP]: { rate: 1e-5, step: count } });
  };
}
