/** From what was drawn to a fine-tuning run: its dataset, and the arguments of `cover finetune`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SCRATCH } from '../../answers/pretraining.js';
import { existingPath } from '../paths.js';
import { writeDataset } from './dataset.js';
import { type Places, projectFolder, readRecord, writeRecord } from './store.js';

export interface Training {
  /** The id of the new run. */
  readonly run: string;
  readonly args: readonly string[];
}

export interface TrainingWish {
  readonly steps: number;
  /** Whether labels that were transferred are trained on, too. */
  readonly transferred: boolean;
  readonly settings: readonly string[];
}

/**
 * Writes the dataset and names the next run.
 * @param runs the folder of all runs
 * @throws Conflict ('data') where no labelled case is left to train on
 */
export async function prepareTraining(
  places: Places,
  runs: string,
  name: string,
  { steps, transferred, settings }: TrainingWish,
): Promise<Training> {
  const folder = projectFolder(places, name);
  await writeDataset(places, name, folder, transferred);
  const record = readRecord(places, name);
  const run = nextRun(runs, name);
  const from = record.from === SCRATCH ? SCRATCH : existingPath(runs, record.from);
  writeRecord(places, name, { ...record, runs: [run, ...record.runs] });
  const wanted = [`schedule.steps=${steps}`, ...settings].flatMap((setting) => ['--set', setting]);
  return { run, args: ['finetune', folder, '-o', join(runs, run), '--from', from, ...wanted] };
}

function nextRun(runs: string, name: string): string {
  for (let round = 1; ; round++) if (!existsSync(join(runs, `${name}-${round}`))) return `${name}-${round}`;
}
