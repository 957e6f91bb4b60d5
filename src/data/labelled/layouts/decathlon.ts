/** The layout of the Medical Segmentation Decathlon: a list of pairs. */
import { basename, dirname, join, resolve } from 'node:path';
import { counted } from '../../../core/counted.js';
import { InputError } from '../../../core/errors.js';
import { firstFew } from '../../../core/lists.js';
import { stemOf } from '../../index.js';
import { entriesIn, isFolder, statsOf } from '../../stats.js';
import type { LabelledCase } from '../labelled.js';
import type { JsonObject } from '../tables.js';
import { isDataFile } from './files-by-id.js';
import { byId, type Found } from './found.js';

/** `dataset.json` with `training: [{image, label}]`, paths relative to the folder. */
export function decathlonFolder(folder: string, training: readonly JsonObject[]): Found {
  const pairs = training.map(({ image, label }) => ({
    image: join(folder, String(image)),
    label: join(folder, String(label)),
  }));
  const cases = pairs.map((paths): LabelledCase => {
    for (const path of Object.values(paths)) {
      if (statsOf(path)) continue;
      throw new InputError(
        'data',
        `${folder}/dataset.json: expected a file at every path, found none at ${path}`,
        'Paths are relative to the folder of dataset.json.',
      );
    }
    const series = isFolder(paths.image);
    const id = series ? basename(paths.image) : stemOf(paths.image);
    return { id, ...paths, patient: id, ...(series ? { series } : {}) };
  });
  return { cases: cases.sort(byId), notes: unlistedNotes(pairs) };
}

/** Images beside those that a list names. */
function unlistedNotes(pairs: readonly Readonly<Record<'image' | 'label', string>>[]): string[] {
  const named = new Set(pairs.flatMap(({ image, label }) => [resolve(image), resolve(label)]));
  const folders = new Set(pairs.map(({ image }) => dirname(resolve(image))));
  return [...folders].sort().flatMap((folder) => {
    const paths = entriesIn(folder).map(({ name }) => join(folder, name));
    const files = paths.filter((path) => !named.has(path) && isDataFile(path));
    if (files.length === 0) return [];
    const images = counted(files.length, 'image');
    return [`${folder} has ${images} that dataset.json does not list: ${firstFew(files.map(stemOf))}`];
  });
}
