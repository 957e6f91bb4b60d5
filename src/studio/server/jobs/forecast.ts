/**
 * What a pretraining will take: memory as it estimates itself before it starts, time as the last run of the same kind
 * took.
 */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../../core/errors.js';
import { settingAt } from '../../answers/summary.js';
import type { Forecast } from '../../shared/protocol.js';
import { findRuns } from '../runs/find.js';
import { readRunSettings } from '../runs/settings.js';
import { lastRecords } from '../runs/tail.js';
import type { ForecastAnswer } from './forecast-worker.js';

/**
 * @param runs the folder of all runs, among which one of the same network, views and batch is looked for
 * @throws InputError ('config') for settings that a run would refuse
 */
export async function forecast(
  runs: string,
  wish: { readonly preset: string; readonly settings: readonly string[] },
): Promise<Forecast> {
  const answer = await askWorker(wish);
  if ('problem' in answer) throw new InputError('config', answer.problem);
  const { needed, free, steps, alike } = answer;
  for (const id of findRuns(runs).reverse()) {
    const { settings } = readRunSettings(join(runs, id));
    if (alike.some(([key, value]) => JSON.stringify(settingAt(settings, key)) !== value)) continue;
    const seconds = lastRecords(join(runs, id, 'metrics.jsonl'), ['train']).get('train')?.seconds;
    if (typeof seconds === 'number') return { needed, free, seconds: seconds * steps, like: id };
  }
  return { needed, free, seconds: null, like: '' };
}

/** The estimate builds the gradient graph, a second of work that would hold up every other answer. */
function askWorker(wish: unknown): Promise<ForecastAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./forecast-worker.js', import.meta.url), { workerData: wish });
    worker.once('message', (answer: ForecastAnswer) => {
      resolve(answer);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}
