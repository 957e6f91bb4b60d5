/** The layout of a classification: a folder of images, and a table of their classes. */
import { basename, join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { isFile } from '../../stats.js';
import { readClassTable, readJson } from '../tables.js';
import { filesById } from './files-by-id.js';
import { type Found, goneNotes, withPatients } from './found.js';

/**
 * `images/ID.*`, and the class of each in `labels.json` (`{"ID": class}`) or `labels.csv` (`ID,class` a line); the ID
 * may have the extension of its file.
 */
export function classificationFolder(folder: string): Found {
  const path = join(folder, 'labels.json');
  const labels = readJson(path) ?? readClassTable(join(folder, 'labels.csv'));
  if (!labels) {
    throw new InputError(
      'data',
      `${path}: expected the classes of the images, found neither this file nor labels.csv`,
      'Example: {"scan-1": 0, "scan-2": 1}',
    );
  }
  const used = new Set<string>();
  const classOf = (id: string, image: string) => {
    const key = Object.hasOwn(labels, id) ? id : basename(image);
    const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
    used.add(key);
    if (Number.isInteger(label) && (label as number) >= 0) return label as number;
    const found = label === undefined ? 'none' : JSON.stringify(label);
    throw new InputError(
      'data',
      `${folder}: expected a class of 0, 1, 2, … for the image "${id}", found ${found}`,
      'Every image in images/ has its line in labels.json or labels.csv.',
    );
  };
  const { cases, notes } = withPatients(folder, [...filesById(join(folder, 'images'), { series: true })], classOf);
  const gone = Object.keys(labels).filter((key) => !used.has(key));
  const table = isFile(path) ? path : join(folder, 'labels.csv');
  return { cases, notes: [...notes, ...goneNotes(`${table} names`, gone)] };
}
