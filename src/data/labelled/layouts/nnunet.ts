/** The raw layout of nnU-Net, of one channel. */
import { join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { isFolder } from '../../stats.js';
import type { LabelledCase } from '../labelled.js';
import { filesById } from './files-by-id.js';
import { byId, type Found } from './found.js';
import { refuseOrphans } from './label-folder.js';

/** `imagesTr/ID_0000.*` and `labelsTr/ID.*`; `imagesTs` with `labelsTs` are the test cases where both are there. */
export function nnunetFolder(folder: string): Found {
  const notes: string[] = [];
  const part = (images: string, labels: string): LabelledCase[] => {
    if (!isFolder(join(folder, images))) return [];
    if (!isFolder(join(folder, labels))) {
      notes.push(`${join(folder, images)} has no labels beside it (${labels}) and is not used`);
      return [];
    }
    const masks = filesById(join(folder, labels));
    const cases = [...filesById(join(folder, images))].map(([name, image]) => {
      const [, id = '', channel] = /^(.*)_(\d{4})$/.exec(name) ?? [];
      if (channel !== '0000') {
        throw new InputError(
          'data',
          `${image}: expected one file ID_0000.* for each case, found ${channel ? `channel ${channel}` : 'another name'}`,
          'Images of several files are not supported; keep one of them.',
        );
      }
      const label = masks.get(id);
      if (label) return { id, image, label, patient: id };
      throw new InputError(
        'data',
        `${image}: expected a label ${join(folder, labels, id)}.*, found none`,
        'Add or remove it.',
      );
    });
    const ids = new Set(cases.map(({ id }) => id));
    refuseOrphans(masks, ids, (id) => `${join(folder, images, id)}_0000.*`);
    return cases;
  };
  const [train, test] = [part('imagesTr', 'labelsTr'), part('imagesTs', 'labelsTs')];
  const parts = test.length ? { parts: { test: test.map(({ id }) => id) } } : {};
  return { cases: [...train, ...test].sort(byId), ...parts, notes };
}
