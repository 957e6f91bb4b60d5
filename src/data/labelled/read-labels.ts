/** Reading label maps from files: whole class indices in one channel, or a mask for each class. */

import { setsFrom } from '../../core/label-sets.js';
import { readImage, readVolume } from '../../image/files.js';
import { toCanonical } from '../../image/index.js';
import { isVolumeName } from '../file-names.js';
import type { LabelledCase } from './labelled.js';
import {
  checkPlace,
  type LabelFiles,
  type Labels,
  type LabelValues,
  labelsOfImage,
  labelsOfVolume,
  mappedLabels,
  type Place,
} from './labels.js';

/**
 * Reads the class indices of one image or volume; of a mask for each class the sets.
 * @param values the class of each stored value; without it the values are the classes
 * @throws InputError ('image') when a file cannot be read, ('data') when it has colours or values that are no class, or
 * masks of one image lie apart
 */
export async function readLabels(files: LabelFiles, values?: LabelValues): Promise<Labels> {
  if (typeof files === 'string') return readIndices(files, values);
  const masks: Labels[] = [];
  for (const path of files) {
    const mask = await readIndices(path);
    checkPlace(path, mask, masks[0] ?? mask);
    masks.push(mask);
  }
  return { ...masks[0]!, data: setsFrom(masks.map(({ data }) => data)), sets: true };
}

/** Those of a case that has label files. */
export function labelsOfCase({ label, values }: LabelledCase): Promise<Labels> {
  return readLabels(label as LabelFiles, values);
}

/**
 * Reads the class indices that belong to an image or a volume.
 * @throws InputError as `readLabels` and `checkPlace` do
 */
export async function readLabelsOn(path: string, image: Place): Promise<Labels> {
  const labels = await readLabels(path);
  checkPlace(path, labels, image);
  return labels;
}

async function readIndices(path: string, values?: LabelValues): Promise<Labels> {
  const labels = isVolumeName(path)
    ? labelsOfVolume(path, toCanonical(await readVolume(path)))
    : labelsOfImage(path, await readImage(path));
  return values ? { ...labels, data: mappedLabels(path, labels.data, values) } : labels;
}
