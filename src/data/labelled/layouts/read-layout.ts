/**
 * The layouts of labelled datasets, each known by what is in its folder: `images/` with `labels/` (or `labels.json` for
 * classification), the Medical Segmentation Decathlon's `dataset.json` with a list, and nnU-Net's raw folder.
 */
import { join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { readSplits } from '../../read-splits.js';
import { checkSplits } from '../../splits.js';
import { entriesIn, isFolder } from '../../stats.js';
import type { LabelledCase, Layout } from '../labelled.js';
import { classNames, type JsonObject, readJson } from '../tables.js';
import type { Task } from '../task.js';
import { classificationFolder } from './classification.js';
import { decathlonFolder } from './decathlon.js';
import { nnunetFolder } from './nnunet.js';
import { pairsFolder } from './pairs.js';

/**
 * Finds out the layout of a folder and lists its cases; no image is opened.
 * @param fold which fold of `splits_final.json`, from 0
 * @throws InputError ('data') when the folder has no known layout, an image has no label or a label no image, or the
 * file of the parts is not understood or names a case that is not there
 */
export function readLayout(folder: string, task: Task, fold = 0): Layout {
  if (!isFolder(folder)) {
    throw new InputError('data', `${folder}: expected a folder of labelled images, found none`, 'Check the path.');
  }
  entriesIn(folder); // A folder that may not be read is told as such.
  const descriptionPath = join(folder, 'dataset.json');
  const description = readJson(descriptionPath);
  const layout =
    task === 'classification'
      ? classificationFolder(folder)
      : isFolder(join(folder, 'imagesTr')) && !Array.isArray(description?.training)
        ? nnunetFolder(folder)
        : Array.isArray(description?.training)
          ? decathlonFolder(folder, description.training as JsonObject[])
          : pairsFolder(folder);
  const classes = classNames(descriptionPath, description?.classes ?? description?.labels);
  return { classes, ...layout, ...divisionOf(folder, layout.cases, fold) };
}

/**
 * The parts that a file in the folder lists; nothing where there is none.
 * @throws InputError ('data') when it is not understood or names a case that is not there
 */
export function divisionOf(
  folder: string,
  cases: readonly LabelledCase[],
  fold: number,
): Pick<Layout, 'parts' | 'dividedBy'> {
  const splits = readSplits(folder, fold);
  if (!splits) return {};
  checkSplits(splits, new Set(cases.map(({ id }) => id)), folder);
  return { parts: splits.parts, dividedBy: splits.path };
}
