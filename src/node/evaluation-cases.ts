/**
 * Which cases an evaluation scores. A folder that the network was not trained on is scored whole, whatever its own
 * division; the folder of its training on the test part, as the run's record names it. What was in the training is told
 * by content, because the same images may lie under other names in another folder.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { isVolumeName } from '../data/file-names.js';
import {
  type LabelledCase,
  type Layout,
  type PartName,
  partNames,
  readLayout,
  recipeOf,
} from '../data/labelled/index.js';
import type { Split } from '../finetune/cases.js';
import { contentHash } from '../finetune/content-hash.js';
import { type DataRecord, dataRecordIn } from '../finetune/data-record.js';
import { recordedCases } from '../finetune/recorded-cases.js';
import { RunFolder } from '../train/run-folder.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import { casesOfSplit } from './finetune.js';
import { FolderStore } from './folder-store.js';
import { layoutOf } from './layout.js';

export interface EvaluationOptions {
  /** A folder of labelled data; the one of the training by default. */
  readonly data?: string | undefined;
  /** A part of it. By default all of a folder, of the one of the training the test part. */
  readonly split?: Split | undefined;
}

export interface EvaluationCases {
  readonly cases: readonly LabelledCase[];
  readonly folder: string;
  readonly split: Split;
  /** Whether it is the folder that the network was trained on. */
  readonly ofTraining: boolean;
  /** Names of the classes in the folder, where they are others than those of the training. */
  readonly otherClasses: readonly string[] | null;
  /** What the network was trained on; null where the weights were taken out of their run. */
  readonly record: DataRecord | null;
}

/**
 * @throws InputError ('data') for a part that the folder does not have, a case of the run's record that is gone, images
 * for a network of volumes or the reverse, or classes that stand in another order than in the training
 * @example const { cases } = await evaluationCases(loadFinetuned('runs/lungs'), { data: 'other-hospital' });
 */
export async function evaluationCases(
  model: FinetunedModel,
  { data, split }: EvaluationOptions = {},
): Promise<EvaluationCases> {
  const { config } = model;
  const record = await recordOf(model);
  if (data === undefined || samePlace(data, config.data.source)) {
    const part = split ?? 'test';
    const cases = record
      ? recordedCases(layoutOf(config), config.data.source, record, part)
      : casesOfSplit(config, part);
    return { cases, folder: config.data.source, split: part, ofTraining: true, otherClasses: null, record };
  }
  const layout = layoutAt(model, data);
  checkKind(data, layout, model);
  const otherClasses = compareClasses(data, layout.classes, config.data.classes);
  const cases = split === undefined || split === 'all' ? layout.cases : listed(layout, data, split);
  return { cases, folder: data, split: split ?? 'all', ofTraining: false, otherClasses, record };
}

/**
 * The part of the run's training that an image was in, by its content; null for an image that is new to the network.
 */
export async function partOfTraining(
  record: DataRecord,
  image: Parameters<typeof contentHash>[0],
): Promise<'train' | 'validation' | null> {
  const hash = await contentHash(image);
  if (record.images?.labelled.includes(hash)) return 'train';
  return record.images?.validation.includes(hash) ? 'validation' : null;
}

/** The record of the run that a checkpoint lies in. */
async function recordOf({ source }: FinetunedModel): Promise<DataRecord | null> {
  const folder = dirname(source);
  if (basename(folder) !== 'checkpoints') return null;
  return dataRecordIn(await new RunFolder(new FolderStore(dirname(folder))).record('data'));
}

function samePlace(a: string, b: string): boolean {
  if (!existsSync(a) || !existsSync(b)) return a === b;
  return realpathSync(a) === realpathSync(b);
}

/** Another folder may have the layout of the named dataset of the training, or one of its own. */
function layoutAt({ config }: FinetunedModel, folder: string): Layout {
  if (config.data.preset !== '') {
    try {
      return layoutOf({ ...config, data: { ...config.data, source: folder } });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return readLayout(folder, config.task);
}

/** Volumes are for a network of volumes, images for one of images. */
function checkKind(folder: string, { cases }: Layout, { config, source }: FinetunedModel): void {
  const volumes = recipeOf(config).window.length === 3;
  const others = cases.filter(({ image, series }) => (series || isVolumeName(image)) !== volumes);
  if (others.length === 0) return;
  const [wanted, found] = volumes ? ['volume', 'image'] : ['image', 'volume'];
  throw new InputError(
    'data',
    `${folder}: expected ${wanted}s, for which ${source} was trained, found ${counted(others.length, found)} among ${counted(cases.length, 'case')}`,
    `Take a network that was trained on ${found}s.`,
  );
}

/** The part that a folder's own lists name. */
function listed({ cases, parts = {} }: Layout, folder: string, split: PartName): readonly LabelledCase[] {
  const ids = parts[split];
  const missing = ids?.find((id) => !cases.some((one) => one.id === id));
  if (missing !== undefined) {
    throw new InputError(
      'data',
      `${folder}: expected a labelled image "${missing}" of the part ${split}, found none`,
      'Add it or take it off the list of splits.json.',
    );
  }
  if (ids && ids.length > 0) return cases.filter(({ id }) => ids.includes(id));
  const named = partNames.flatMap((name) => (parts[name]?.length ? [`${name} ${parts[name].length}`] : []));
  throw new InputError(
    'data',
    `${folder}: expected cases in the part ${split}, found none`,
    named.length > 0
      ? `Its lists have: ${named.join(', ')}. Without --split the whole folder is scored.`
      : 'The folder is not divided. Without --split all of it is scored.',
  );
}

/** @returns the names where they differ from those of the training, index by index */
function compareClasses(folder: string, own: readonly string[], trained: readonly string[]): readonly string[] | null {
  if (own.length === 0 || own.join() === trained.join()) return null;
  const moved = own.find((name, index) => trained.includes(name) && trained.indexOf(name) !== index);
  if (moved === undefined) return own;
  const text = (names: readonly string[]) => names.map((name, index) => `${index} ${name}`).join(', ');
  throw new InputError(
    'data',
    `${folder}: expected the classes as in the training (${text(trained)}), found ${text(own)}`,
    `"${moved}" would be scored as another class: renumber the labels and dataset.json.`,
  );
}
