/**
 * Where a run starts. Three words, three meanings: resume continues the same run, extend gives a finished run a longer
 * schedule, and initial weights begin another run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { initialParameters, type ParameterSpec } from '../nn/index.js';
import { removeTemporaryFiles } from '../system/files.js';
import { appendMetric, metricsPath, trimMetrics } from '../train/metrics.js';
import {
  type Best,
  type Checkpoint,
  copyBest,
  latestCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.js';
import type { Config } from './config-index.js';
import type { ExtensionRecord } from './events.js';
import { type InitialWeights, initialWeightsFrom } from './init-from.js';

export type RunSource =
  /** A new run; `initFrom` names a run folder or a file of weights. */
  | { readonly config: Config; readonly initFrom?: string }
  /** The run in the folder, from its last checkpoint. */
  | { readonly resume: true }
  /** The finished run in the folder, on to this last step. */
  | { readonly extend: number };

type State = ReadonlyMap<string, Float32Array>;

export interface Start {
  readonly config: Config;
  /** The step of the checkpoint that the run goes on from; null for a new run. */
  readonly step: number | null;
  readonly best: Best | null;
  /** `theta` and, for a run that goes on, the moments. Initial weights are drawn in the call: a long one. */
  state(): State;
  readonly initialWeights?: InitialWeights;
}

/**
 * Finds where a run starts; writes nothing.
 * @throws InputError when a new run's folder holds one already, or a run to go on with is missing or not in the right state
 */
export function findStart(
  folder: string,
  source: RunSource,
  specsOf: (config: Config) => readonly ParameterSpec[],
): Start {
  if ('resume' in source) return goingOn(loadCheckpoint(latestCheckpoint(folder), specsOf));
  if ('extend' in source) return extended(folder, source.extend, specsOf);
  const { config, initFrom } = source;
  if (existsSync(metricsPath(folder))) {
    throw new InputError(
      'file',
      `${folder}: there is a run in this folder`,
      'Use --resume to continue it, --extend to train it longer, or name another folder.',
    );
  }
  const specs = specsOf(config);
  if (initFrom === undefined) {
    return { config, step: null, best: null, state: () => new Map([['theta', initialParameters(specs, config.seed)]]) };
  }
  const initialWeights = initialWeightsFrom(initFrom, specs, config.seed);
  return { config, step: null, best: null, state: () => new Map([['theta', initialWeights.theta]]), initialWeights };
}

function goingOn({ state, ...checkpoint }: Checkpoint): Start {
  return { ...checkpoint, state: () => state };
}

function extended(folder: string, steps: number, specsOf: (config: Config) => readonly ParameterSpec[]): Start {
  const checkpoint = loadCheckpoint(latestCheckpoint(folder), specsOf);
  const { step, config } = checkpoint;
  const present = config.schedule.steps;
  if (step < present) {
    throw new InputError(
      'checkpoint',
      `${folder}: expected a finished run, found one at step ${step} of ${present}`,
      'Use --resume to finish it first.',
    );
  }
  if (!Number.isInteger(steps) || steps <= present) {
    throw new InputError(
      'config',
      `--extend ${steps}: expected a whole number of steps above the present ${present}`,
      `Name the new total, for example --extend ${2 * present}.`,
    );
  }
  return goingOn({ ...checkpoint, config: { ...config, schedule: { ...config.schedule, steps } } });
}

/**
 * Brings the folder of a run that goes on to the state of its checkpoint. An extended run's checkpoint is written again with
 * the longer schedule, so that from here on it is resumed like any other.
 */
export function prepareFolder(
  folder: string,
  { config, step, best, state }: Start,
  source: RunSource,
  specs: readonly ParameterSpec[],
): void {
  if (step === null) return;
  const checkpoints = join(folder, 'checkpoints');
  removeTemporaryFiles(checkpoints);
  trimMetrics(folder, step);
  if ('extend' in source) {
    saveCheckpoint(checkpoints, { step, config, best, state: state() }, specs, config.run.keepCheckpoints);
    const extension: ExtensionRecord = { kind: 'extension', step, steps: config.schedule.steps };
    appendMetric(folder, extension);
  } else copyBest(checkpoints, { step, best });
}
