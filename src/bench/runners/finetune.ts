/** A step of fine-tuning the default network for segmentation, on random images and labels. */
import { startEngine } from '../../engine/node/index.js';
import { groupsOf } from '../../finetune/groups.js';
import { learningAt } from '../../finetune/learning.js';
import { finetuneObjective } from '../../finetune/objective.js';
import { initialParameters } from '../../nn/index.js';
import { createTrainer } from '../../train/trainer.js';
import type { BenchCase } from '../cases.js';
import { finetunedModel } from './finetuned.js';
import { uniform } from './uniform.js';

export async function finetuneRunner(one: BenchCase): Promise<() => Promise<void>> {
  const { dims, size, batch, micro } = one;
  const { config, task } = finetunedModel(one, 'segmentation', [`batch.size=${batch}`]);
  const engine = await startEngine({ device: 'cpu' });
  const trainer = await createTrainer(engine, {
    objective: finetuneObjective(config, task),
    optimizer: config.optimizer,
    batch,
    micro,
  });
  const groups = Object.entries(groupsOf(config));
  await trainer.setState(new Map(groups.map(([name, specs]) => [`${name}.theta`, initialParameters(specs, 0)])));
  const pixels = batch * size ** dims;
  const arrays = { image: uniform(pixels), target: uniform(pixels).map((value) => Math.floor(4 * value)) };
  let count = 0;
  return async () => {
    count++;
    await trainer.step(structuredClone(arrays), learningAt(config, count));
  };
}
