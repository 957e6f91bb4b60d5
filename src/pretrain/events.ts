/** What a run reports while it goes on: the records of `metrics.jsonl`, and the facts that are known before the first step. */
import type { DataKind, FileReport, Fit, PassedOver } from '../data/index.js';
import type { Device } from '../engine/index.js';
import type { MetricLine } from '../train/metrics.js';
import type { InitialWeights } from './init-from.js';
import type { MemoryNeed } from './memory.js';
import type { MethodMetrics, MethodName } from './method.js';

/** With the metrics of the method under their keys. */
export type TrainRecord = MetricLine & {
  readonly kind: 'train';
  readonly step: number;
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Share of the step's time that was spent waiting for data, 0 … 1. */
  readonly dataWaitShare: number;
  readonly device: Device;
};

/** With the criterion of the method under its key, and its reference. */
export type ValidationRecord = MetricLine & {
  readonly kind: 'validation';
  readonly step: number;
  readonly featureDeviation: number;
  readonly effectiveRank: number;
};

/** A finished run was given a longer schedule. */
export interface ExtensionRecord {
  readonly kind: 'extension';
  /** The step at which the run had ended. */
  readonly step: number;
  /** The new last step. */
  readonly steps: number;
}

export interface RunFacts {
  readonly method: MethodName;
  /** What the records of the method hold. */
  readonly metrics: MethodMetrics;
  readonly device: Device;
  /** For the device `auto`: why each device before it was passed over. */
  readonly passedOver: readonly string[];
  readonly parameters: number;
  readonly kind: DataKind;
  /** Images or volumes in use. */
  readonly images: number;
  readonly validation: number;
  /** Files that are not fit for training, with reasons. */
  readonly leftOut: readonly FileReport[];
  /** Files in the folder of the data that are no images of it: labels, results, hidden files. */
  readonly notImages: readonly PassedOver[];
  /** Files in use that are smaller along an axis than what views are cut from: they are enlarged or padded. */
  readonly smaller: number;
  readonly fit: Fit;
  /** What views are cut from: `views.margin` times the crop. */
  readonly imageShape: readonly number[];
  /** The last step of the run. */
  readonly steps: number;
  /** The step at which views have their whole strength; 0 without a curriculum. */
  readonly curriculumSteps: number;
}

export interface RunEvents {
  /** The memory that the run needs beside what is free, before anything large is allocated. */
  readonly onMemory?: (need: MemoryNeed) => void;
  /** Where `initFrom` is given: what became of every parameter. */
  readonly onInitialWeights?: (weights: InitialWeights) => void;
  readonly onStart?: (facts: RunFacts) => void;
  /** While images are examined and decoded for the first time. */
  readonly onCache?: (done: number, total: number) => void;
  readonly onStep?: (record: TrainRecord, steps: number) => void;
  readonly onValidation?: (record: ValidationRecord) => void;
  /** Asked after every step; `true` ends the run with a checkpoint. */
  readonly shouldStop?: () => boolean;
}
