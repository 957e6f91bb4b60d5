/** What a fine-tuning run reports while it goes on: the records of `metrics.jsonl`, and the facts known before the first step. */
import type { Device } from '../engine/index.js';
import type { InitialWeights } from '../pretrain/init-from.js';
import type { FinetuneConfig } from './config.js';

/** `loss`, its parts and `gradientNorm` beside the named values. */
export type TrainRecord = Readonly<Record<string, number | string>> & {
  readonly kind: 'train';
  readonly step: number;
  readonly loss: number;
  readonly seconds: number;
};

export type ValidationRecord = Readonly<Record<string, number | string>> & {
  readonly kind: 'validation';
  readonly step: number;
  readonly score: number;
};

export interface FinetuneFacts {
  readonly config: FinetuneConfig;
  readonly device: Device;
  readonly parameters: number;
  /** Training cases that are used, of so many. */
  readonly labelled: number;
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Images that did not find room in memory, and are read from the run's folder. */
  readonly onDisk: number;
}

export interface FinetuneEvents {
  readonly onInitialWeights?: (weights: InitialWeights) => void;
  /** While images and labels are read. */
  readonly onRead?: (done: number, total: number) => void;
  readonly onStart?: (facts: FinetuneFacts) => void;
  readonly onStep?: (record: TrainRecord, steps: number) => void;
  readonly onValidation?: (record: ValidationRecord, best: boolean) => void;
  /** Asked after every step; `true` ends the run with a checkpoint. */
  readonly shouldStop?: () => boolean;
}
