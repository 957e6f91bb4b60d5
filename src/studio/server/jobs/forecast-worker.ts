/** The thread of `forecast.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { targetOf } from '../../../engine/node/index.js';
import { loadConfig } from '../../../node/config-file.js';
import { methodOf, objectiveOf } from '../../../pretrain/methods.js';
import { freeMemory } from '../../../system/free-memory.js';
import { microOf } from '../../../train/config/sections.js';
import { memoryNeed } from '../../../train/memory.js';
import { ALIKE, settingAt } from '../../answers/summary.js';

export type ForecastAnswer =
  | { readonly problem: string }
  | {
      readonly needed: number;
      readonly free: number;
      readonly steps: number;
      /** Settings that two runs must share to take the same time for a step, as JSON. */
      readonly alike: readonly (readonly [key: string, value: string])[];
    };

function answer(): ForecastAnswer {
  try {
    const config = loadConfig(workerData as Parameters<typeof loadConfig>[0]);
    const { crop } = config.views;
    const objective = objectiveOf(methodOf(config), crop);
    const { optimizer, batch, precision } = config;
    const options = { objective, optimizer, batch: batch.size, micro: microOf(config), precision };
    const demand = { options, crop, target: targetOf('cpu'), kept: config.data.validationImages };
    const need = memoryNeed(demand, freeMemory());
    const alike = ALIKE.map((key) => [key, JSON.stringify(settingAt(config, key))] as const);
    return { ...need, steps: config.schedule.steps, alike };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

parentPort?.postMessage(answer());
