/** The thread of `forecast.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from '../../../pretrain/config-index.js';
import { memoryNeed } from '../../../pretrain/memory.js';
import { methodOf } from '../../../pretrain/methods.js';
import { settingAt } from '../runs/settings.js';

export type ForecastAnswer =
  | { readonly problem: string }
  | {
      readonly needed: number;
      readonly free: number;
      readonly steps: number;
      /** Settings that two runs must share to take the same time for a step, as JSON. */
      readonly alike: readonly (readonly [key: string, value: string])[];
    };

const ALIKE = ['method', 'device', 'views.crop', 'batch.size', 'model.channels', 'model.heads', 'model.window'];

function answer(): ForecastAnswer {
  try {
    const config = loadConfig(workerData as Parameters<typeof loadConfig>[0]);
    const { size, micro } = config.batch;
    const need = memoryNeed(config, {
      method: methodOf(config),
      optimizer: config.optimizer,
      batch: size,
      micro: micro || size,
      crop: config.views.crop,
    });
    const alike = ALIKE.map((key) => [key, JSON.stringify(settingAt(config, key))] as const);
    return { ...need, steps: config.schedule.steps, alike };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

parentPort?.postMessage(answer());
