/**
 * Weights that are not what the settings of their pretraining describe: those of a run with steps of its schedule left,
 * and those of step 0, which stay the best where no look at held-out images improves on the first. They can be used.
 */
import { basename, dirname, join } from 'node:path';
import { InputError } from '../core/errors.js';
import { entriesIn, isFolder } from '../data/stats.js';
import { configSchema } from '../pretrain/config.js';
import { wholeNumber } from '../train/checkpoint.js';
import { BEST, checkpointName, checkpointNames } from '../train/checkpoint-choice.js';
import { storedConfig } from '../train/stored-settings.js';
import { loadSafetensors } from '../weights/files.js';
import { modelFile } from './model-file.js';

const CHECKPOINTS = 'checkpoints';

export interface UnfinishedPretraining {
  /** The folder of the run. */
  readonly run: string;
  /** The step of its latest checkpoint. */
  readonly step: number;
  /** Those of its schedule. */
  readonly steps: number;
  /** Whether the weights that are named are the best ones, and of step 0, though the run went on. */
  readonly untrained: boolean;
}

/**
 * The pretraining run behind weights, where it is not finished or they are untrained; else null. How far a run is, its
 * latest checkpoint says: the best one of a finished run may be an early one. Null also for a file outside of a run,
 * which tells nothing of the run that it comes from, and for a fine-tuning, which may end well before its last step.
 * @param path a run folder, or a checkpoint in one
 */
export function unfinishedPretraining(path: string): UnfinishedPretraining | null {
  const run = runOf(path);
  const metadata = run === null ? null : latestMetadata(join(run, CHECKPOINTS));
  if (run === null || metadata === null || metadata.task !== undefined) return null;
  const step = wholeNumber(metadata.step);
  const steps = configSchema.safeParse(storedConfig(metadata.config)).data?.schedule.steps;
  if (step === null || steps === undefined) return null;
  const untrained = step > 0 && isBestOfStart(path);
  return step >= steps && !untrained ? null : { run, step, steps, untrained };
}

/** What such weights are, and what to do, a line each. */
export function unfinishedText(found: UnfinishedPretraining): string {
  const { run, step, steps, untrained } = found;
  if (!untrained) {
    return [
      `${run}: expected a finished pretraining, found one at step ${step} of ${steps}`,
      `  Finish it first: cover pretrain -o ${run} --resume`,
    ].join('\n');
  }
  return [
    `${run}: expected trained weights, found those of step 0, before the training`,
    `  No look at held-out images up to step ${step} of ${steps} was better.`,
    `  Train longer: ${longerCommand(found)}`,
    `  or name the last weights: ${lastWeights(found)}`,
  ].join('\n');
}

/** The command that goes on with a run. */
export function longerCommand({ run, step, steps }: UnfinishedPretraining): string {
  return `cover pretrain -o ${run} ${step < steps ? '--resume' : `--extend ${2 * steps}`}`;
}

export function lastWeights({ run, step }: UnfinishedPretraining): string {
  return join(run, CHECKPOINTS, checkpointName(step));
}

/** Whether a path stands for best weights that are those of step 0; not for others of step 0, which are asked for. */
function isBestOfStart(path: string): boolean {
  const file = modelFile(path);
  return basename(file) === BEST && wholeNumber(metadataOf(file)?.step) === 0;
}

/** The folder of the run that a path stands for or lies in. */
export function runOf(path: string): string | null {
  if (isFolder(path)) return path;
  const folder = dirname(path);
  return basename(folder) === CHECKPOINTS ? dirname(folder) : null;
}

/** Of the latest checkpoint that can be read; null where there is none. */
function latestMetadata(folder: string): Readonly<Record<string, string>> | null {
  const names = isFolder(folder) ? entriesIn(folder).map(({ name }) => name) : [];
  const newest = [...checkpointNames(names).reverse(), ...names.filter((name) => name === BEST)];
  for (const name of newest) {
    const metadata = metadataOf(join(folder, name));
    if (metadata) return metadata;
  }
  return null;
}

/** Null of a file that cannot be read. */
function metadataOf(file: string): Readonly<Record<string, string>> | null {
  try {
    return loadSafetensors(file).metadata;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return null;
  }
}
