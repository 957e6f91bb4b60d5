/** What a training reports while it goes on: the records of `metrics.jsonl`, and what a user is told. */
import type { Device } from '../engine/index.js';
import type { Forecast } from './forecast.js';
import type { InitialWeights } from './initial-weights.js';
import type { MemoryNeed } from './memory.js';
import type { MetricLine } from './run-folder.js';

/** With the numbers of the objective under their keys. */
export type TrainRecord = MetricLine & {
  readonly kind: 'train';
  readonly step: number;
  readonly loss: number;
  /** Before clipping; not finite, and null in the file, where mixed precision has left the step out. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Share of the step's time that was spent waiting for data, 0 … 1. */
  readonly dataWaitShare: number;
  readonly device: Device;
};

/** With the criterion under its key, and whatever else the look found. */
export type ValidationRecord = MetricLine & { readonly kind: 'validation'; readonly step: number };

/** A finished run was given a longer schedule. */
export interface ExtensionRecord {
  readonly kind: 'extension';
  /** The step at which the run had ended. */
  readonly step: number;
  /** The new last step. */
  readonly steps: number;
}

/** A checkpoint that could not be used, and where it lies now. */
export interface DamagedCheckpoint {
  readonly path: string;
  readonly reason: string;
}

/** What the run goes on from, where a user should know of it. */
export interface Recovery {
  /** Checkpoints that were put aside, the newest first. */
  readonly damaged: readonly DamagedCheckpoint[];
  /** The step that the run goes on from; null where it begins anew. */
  readonly step: number | null;
  /**
   * Settings of `config.yaml` that are not those of the checkpoint, as `key: in the file, in the run`; the run's hold.
   */
  readonly changed: readonly string[];
}

export interface TrainingEvents<Facts> {
  /** The memory that the run needs beside what is free, before anything large is allocated. */
  readonly onMemory?: (need: MemoryNeed) => void;
  /** Where weights come from elsewhere: what became of every parameter. */
  readonly onInitialWeights?: (weights: InitialWeights) => void;
  /** Where a run does not simply go on from its last checkpoint. */
  readonly onRecovery?: (recovery: Recovery) => void;
  /** While images are examined, decoded or read. */
  readonly onData?: (done: number, total: number) => void;
  readonly onStart?: (facts: Facts) => void;
  readonly onStep?: (record: TrainRecord, steps: number) => void;
  readonly onValidation?: (record: ValidationRecord, best: boolean) => void;
  /** How long it takes, once after ten steps. */
  readonly onForecast?: (forecast: Forecast) => void;
  /** Asked after every step; `true` ends the run with a checkpoint. */
  readonly shouldStop?: () => boolean;
}
