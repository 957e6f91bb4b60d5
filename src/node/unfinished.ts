/**
 * Pretrainings that have steps of their schedule left. Their weights can be used, but they are not what the settings of
 * the run describe.
 */
import { basename, dirname, join } from 'node:path';
import { InputError } from '../core/errors.js';
import { entriesIn, isFolder } from '../data/stats.js';
import { configSchema } from '../pretrain/config.js';
import { wholeNumber } from '../train/checkpoint.js';
import { BEST, checkpointNames } from '../train/checkpoint-choice.js';
import { storedConfig } from '../train/stored-settings.js';
import { loadSafetensors } from '../weights/files.js';

const CHECKPOINTS = 'checkpoints';

export interface UnfinishedPretraining {
  /** The folder of the run. */
  readonly run: string;
  /** The step of its latest checkpoint. */
  readonly step: number;
  /** Those of its schedule. */
  readonly steps: number;
}

/**
 * The pretraining run behind weights, where it is not finished; else null. How far a run is, its latest checkpoint
 * says: the best one of a finished run may be an early one. Null also for a file outside of a run, which tells nothing
 * of the run that it comes from, and for a fine-tuning, which may end well before its last step.
 * @param path a run folder, or a checkpoint in one
 */
export function unfinishedPretraining(path: string): UnfinishedPretraining | null {
  const run = runOf(path);
  const metadata = run === null ? null : latestMetadata(join(run, CHECKPOINTS));
  if (run === null || metadata === null || metadata.task !== undefined) return null;
  const step = wholeNumber(metadata.step);
  const steps = configSchema.safeParse(storedConfig(metadata.config)).data?.schedule.steps;
  return step === null || steps === undefined || step >= steps ? null : { run, step, steps };
}

/** What such a run is, and how it is finished, a line each. */
export function unfinishedText({ run, step, steps }: UnfinishedPretraining): string {
  return [
    `${run}: expected a finished pretraining, found one at step ${step} of ${steps}`,
    `  Finish it first: cover pretrain -o ${run} --resume`,
  ].join('\n');
}

function runOf(path: string): string | null {
  if (isFolder(path)) return path;
  const folder = dirname(path);
  return basename(folder) === CHECKPOINTS ? dirname(folder) : null;
}

/** Of the latest checkpoint that can be read; null where there is none. */
function latestMetadata(folder: string): Readonly<Record<string, string>> | null {
  const names = isFolder(folder) ? entriesIn(folder).map(({ name }) => name) : [];
  const newest = [...checkpointNames(names).reverse(), ...names.filter((name) => name === BEST)];
  for (const name of newest) {
    try {
      return loadSafetensors(join(folder, name)).metadata;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return null;
}
