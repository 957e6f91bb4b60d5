/**
 * From what was drawn to a fine-tuning run: a dataset of the labelled cases alone, and the arguments of `cover
 * finetune`.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { writeFileAtomic } from '../../../system/files.js';
import { asLabels } from '../../answers/prediction.js';
import { SCRATCH } from '../../answers/pretraining.js';
import { divided } from '../../answers/project.js';
import { existingPath } from '../paths.js';
import { readDrawn } from './drawn.js';
import { groundOf, maskPath, writeMask } from './masks.js';
import { drawnIds, imagesOf, type Places, projectFolder, readRecord, writeRecord } from './store.js';

export interface Training {
  /** The id of the new run. */
  readonly run: string;
  readonly args: readonly string[];
}

export interface TrainingWish {
  readonly steps: number;
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
  { steps, settings }: TrainingWish,
): Promise<Training> {
  const record = readRecord(places, name);
  const folder = projectFolder(places, name);
  const images = imagesOf(places, record);
  const { ids, splits } = divided(record, drawnIds(places, name), images);
  const labels = new Map<string, string>();
  for (const id of ids) labels.set(id, await writeLabel(places, name, id, images.get(id)!));
  removeOthers(join(folder, 'labels'), new Set(labels.values()));
  const entry = (id: string) => ({ image: relative(folder, images.get(id)!), label: `labels/${labels.get(id)!}` });
  const description = {
    classes: Object.fromEntries(record.classes.map((className, index) => [index, className])),
    training: ids.map(entry),
  };
  writeFileAtomic(join(folder, 'dataset.json'), `${JSON.stringify(description, null, 2)}\n`);
  writeFileAtomic(join(folder, 'splits.json'), `${JSON.stringify(splits, null, 2)}\n`);
  const run = nextRun(runs, name);
  const from = record.from === SCRATCH ? SCRATCH : existingPath(runs, record.from);
  writeRecord(places, name, { ...record, runs: [run, ...record.runs] });
  const wanted = [`schedule.steps=${steps}`, ...settings].flatMap((setting) => ['--set', setting]);
  return { run, args: ['finetune', folder, '-o', join(runs, run), '--from', from, ...wanted] };
}

/** The label map of a case as a training takes it; the name of its file. */
async function writeLabel(places: Places, name: string, id: string, image: string): Promise<string> {
  const path = maskPath(join(projectFolder(places, name), 'labels'), id, image);
  const { data } = (await readDrawn(places, name, id, image))!;
  await writeMask(path, asLabels(data, readRecord(places, name).restIsBackground), await groundOf(places, image));
  return basename(path);
}

function removeOthers(folder: string, names: ReadonlySet<string>): void {
  for (const file of readdirSync(folder)) if (!names.has(file)) rmSync(join(folder, file));
}

function nextRun(runs: string, name: string): string {
  for (let round = 1; ; round++) if (!existsSync(join(runs, `${name}-${round}`))) return `${name}-${round}`;
}
