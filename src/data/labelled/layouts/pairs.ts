/** The layout of two folders: an image and its label share their name. */
import { join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { filesById } from './files-by-id.js';
import { type Found, withPatients } from './found.js';
import { labelFolder, othersText, refuseOrphans } from './label-folder.js';

/** `images/ID.*` and `labels/ID.*`, or `labels/CLASS/ID.*`; perhaps with `splits.json` and `cases.json`. */
export function pairsFolder(folder: string): Found {
  const images = filesById(join(folder, 'images'), { series: true });
  const { files, ...kind } = labelFolder(join(folder, 'labels'));
  refuseOrphans(files, new Set(images.keys()), (id) => `${join(folder, 'images', id)}.*`);
  const bare = [...images.keys()].filter((id) => !files.has(id));
  if (bare.length > 0) {
    throw new InputError(
      'data',
      `${join(folder, 'images', bare[0]!)}.*: expected a label ${join(folder, 'labels', bare[0]!)}.*, found none${othersText(bare.length)}`,
      'Images and labels share their names; take images without a label out of the folder.',
    );
  }
  return { ...withPatients(folder, [...images], (id) => files.get(id)!), ...kind };
}
