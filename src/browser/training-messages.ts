/** What a page and its training worker say to each other. */
import type { ErrorCode } from '../core/errors.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { Config } from '../pretrain/config.js';
import type { TrainingResult } from '../train/loop.js';
import type { RunSource } from '../train/start.js';

export type TrainingRequest = {
  /** The run's place in the private file system, such as `runs/xrays`. */
  readonly run: string;
  readonly ignoreMemory: boolean;
  /** The absolute address of the folder with the runtime's files. */
  readonly assets: string;
  /** The place of the images, where it is not that of the configuration. */
  readonly images?: string;
} & (
  | { readonly kind: 'pretrain'; readonly source: RunSource<Config> }
  | { readonly kind: 'finetune'; readonly source: RunSource<FinetuneConfig> }
);

export type ToWorker = TrainingRequest | 'stop';

/** The events of a training, by their names without `on`. */
export const eventNames = [
  'onMemory',
  'onInitialWeights',
  'onRecovery',
  'onData',
  'onStart',
  'onStep',
  'onValidation',
  'onForecast',
] as const;

export type FromWorker =
  | { readonly event: (typeof eventNames)[number]; readonly values: readonly unknown[] }
  | { readonly result: TrainingResult }
  | { readonly error: string; readonly code?: ErrorCode };
