import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakBytes } from '../graph/index.js';
import { readConfig } from '../pretrain/config.js';
import { methodOf, objectiveOf } from '../pretrain/methods.js';
import { defaultOptimizer } from './optimizer.js';
import { trainingGraph } from './trainer.js';

test('a micro-batch needs the memory of a batch of its size', () => {
  const crop = [64, 64];
  const method = methodOf(readConfig({ settings: [`views.crop=[${crop}]`, 'model.window=1'] }));
  const options = { objective: objectiveOf(method, crop), optimizer: defaultOptimizer };
  const peakOf = (batch: number) =>
    peakBytes(Object.values(trainingGraph({ ...options, batch, micro: 1 }, 'cpu'))) / 2 ** 20;
  const [alone, part] = [peakOf(1), peakOf(4)];
  assert.ok(part < 1.1 * alone, `${part} MiB as a part, ${alone} alone`);
});
