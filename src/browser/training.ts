/** Trainings in a page: each in a worker of its own, so that the page stays responsive. */
import { InputError } from '../core/errors.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { FinetuneEvents } from '../finetune/run.js';
import type { Config } from '../pretrain/config.js';
import type { RunEvents } from '../pretrain/run.js';
import type { TrainingResult } from '../train/loop.js';
import type { RunSource } from '../train/start.js';
import type { PageOptions } from './host.js';
import type { FromWorker, ToWorker, TrainingRequest } from './training-messages.js';

export interface PageTrainingOptions extends PageOptions {
  /** Start even where the memory that is needed exceeds what a page can have. */
  readonly ignoreMemory?: boolean;
}

export interface PageTraining {
  /** Ends the run after the present step, with a checkpoint. */
  stop(): void;
  /** @throws InputError as under Node, and what a handler of events throws; `{ resume: true }` continues the run */
  readonly result: Promise<TrainingResult>;
}

/**
 * Starts, continues or extends a pretraining in the private file system.
 * @param run its place there, such as `runs/xrays`; `data.source` names the place of its images, such as `data/xrays`
 * @param events without `shouldStop`, for which there is `stop`
 * @example
 * const config = readConfig({ settings: ['data.source=data/xrays', 'views.crop=[64, 64]'] });
 * const training = pretrain('runs/xrays', { config }, { onStep: ({ step, loss }) => console.log(step, loss) });
 * await training.result;
 */
export function pretrain(
  run: string,
  source: RunSource<Config>,
  events: Omit<RunEvents, 'shouldStop'> = {},
  options: PageTrainingOptions = {},
): PageTraining {
  return start({ kind: 'pretrain', run, source, ...common(options) }, events);
}

/**
 * Starts, continues or extends a fine-tuning in the private file system.
 * @param run its place there; `data.source` names the place of its images and labels, `model.from` a run or a file of
 * weights
 * @param events without `shouldStop`, for which there is `stop`
 * @example
 * const settings = ['data.source=data/lungs', 'model.from=runs/xrays', 'data.testShare=0'];
 * await finetune('runs/lungs', { config: readFinetuneConfig({ settings }) }).result;
 */
export function finetune(
  run: string,
  source: RunSource<FinetuneConfig>,
  events: Omit<FinetuneEvents, 'shouldStop'> = {},
  options: PageTrainingOptions = {},
): PageTraining {
  return start({ kind: 'finetune', run, source, ...common(options) }, events);
}

function common({ assets = 'ort/', ignoreMemory = false, ...rest }: PageTrainingOptions) {
  return { assets: new URL(assets, self.location.href).href, ignoreMemory, ...rest };
}

function start(request: TrainingRequest, events: object): PageTraining {
  const worker = new Worker(new URL('./training-worker.js', import.meta.url), { type: 'module' });
  const send = (message: ToWorker) => worker.postMessage(message);
  const handlers = events as Readonly<Record<string, ((...values: readonly unknown[]) => void) | undefined>>;
  const result = new Promise<TrainingResult>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if ('result' in data) resolve(data.result);
      else if ('error' in data) reject(data.code ? new InputError(data.code, data.error) : new Error(data.error));
      else {
        try {
          handlers[data.event]?.(...data.values);
        } catch (error) {
          // As under Node: what a handler throws ends the training.
          reject(error);
        }
      }
    });
    worker.addEventListener('error', ({ message }) =>
      reject(new InputError('engine', `the training has ended: ${message || 'its code could not be loaded'}`)),
    );
  }).finally(() => worker.terminate());
  send(request);
  return { stop: () => send('stop'), result };
}
