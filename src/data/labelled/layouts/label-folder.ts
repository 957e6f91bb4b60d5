/** A folder of labels: class indices, or a mask for each class. */
import { join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { checkSetSize } from '../../../core/label-sets.js';
import { entriesIn, isFolder } from '../../stats.js';
import type { Layout } from '../labelled.js';
import { firstFile, type LabelFiles } from '../labels.js';
import { filesById, isDataFile } from './files-by-id.js';

/** The labels of a folder by id. */
export interface LabelFolder extends Partial<Pick<Layout, 'classes' | 'multiLabel'>> {
  readonly files: ReadonlyMap<string, LabelFiles>;
}

/**
 * `ID.*`, class indices; or `CLASS/ID.*`, a mask for each class, which may overlap. The names of the folders are those
 * of the classes, in the order of the alphabet.
 * @throws InputError ('data') when there is no label, an id lacks a mask, or there are too many classes
 */
export function labelFolder(folder: string): LabelFolder {
  const entries = isFolder(folder) ? entriesIn(folder) : [];
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const classes = visible.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (classes.length === 0 || visible.some(({ name }) => isDataFile(join(folder, name))))
    return { files: filesById(folder) };
  classes.sort();
  checkSetSize(folder, classes);
  const masks = classes.map((name) => filesById(join(folder, name)));
  const ids = new Set(masks.flatMap((files) => [...files.keys()]));
  const files = new Map<string, LabelFiles>();
  for (const id of [...ids].sort()) {
    files.set(
      id,
      masks.map((ofClass, index) => ofClass.get(id) ?? missingMask(join(folder, classes[index]!), id)),
    );
  }
  return { files, classes: ['background', ...classes], multiLabel: true };
}

function missingMask(folder: string, id: string): never {
  throw new InputError(
    'data',
    `${join(folder, id)}.*: expected a mask of every class for "${id}", found none of this one`,
    'Where the class is not in the image, store a mask of zeros.',
  );
}

/** @throws InputError ('data') naming the first label whose image is not there */
export function refuseOrphans(
  labels: ReadonlyMap<string, LabelFiles>,
  images: ReadonlySet<string>,
  nameOf: (id: string) => string,
): void {
  const orphans = [...labels].filter(([id]) => !images.has(id));
  const [first] = orphans;
  if (!first) return;
  const [id, label] = first;
  throw new InputError(
    'data',
    `${firstFile(label)}: this label has no image ${nameOf(id)}${othersText(orphans.length)}`,
    'Add or remove it.',
  );
}

/** For the first of many of the same fault. */
export function othersText(count: number): string {
  return count > 1 ? `, and ${count - 1} more like it` : '';
}
