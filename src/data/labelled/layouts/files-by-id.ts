/** Images and volumes of a folder by their names: the ids of the cases. */
import { basename, join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { IMAGE_EXTENSIONS, isImageName, isVolumeName, stemOf, VOLUME_EXTENSIONS } from '../../index.js';
import { isDicomFile } from '../../kinds.js';
import { isResultName } from '../../passed-over.js';
import { entriesIn, isFile, isFolder } from '../../stats.js';

/**
 * Images and volumes of a folder by their names without extension; DICOM files are among them.
 * @param options `series`: a folder in it that holds DICOM files is a volume by the name of the folder
 * @throws InputError ('data') where there is none, or two have one name
 */
export function filesById(folder: string, { series = false } = {}): Map<string, string> {
  if (!isFolder(folder)) {
    throw new InputError(
      'data',
      `${folder}: expected a folder, found none`,
      'A labelled dataset has images/ and labels/, or imagesTr/ and labelsTr/, or a dataset.json that lists files.',
    );
  }
  const files = new Map<string, string>();
  for (const { name } of entriesIn(folder).sort(byName)) {
    const path = join(folder, name);
    const whole = series && isSeriesFolder(path);
    if (!whole && !isDataFile(path)) continue;
    const id = whole ? name : stemOf(name);
    const other = files.get(id);
    if (other) throw new InputError('data', `${path}: the name "${id}" is there twice, see ${other}`);
    files.set(id, path);
  }
  if (files.size > 0) return files;
  throw new InputError(
    'data',
    `${folder}: expected images or volumes, found none`,
    `Accepted extensions: ${[...IMAGE_EXTENSIONS, ...VOLUME_EXTENSIONS].join(', ')}; and DICOM.`,
  );
}

/** An image or a volume: neither hidden nor a picture that `cover segment` wrote. */
export function isDataFile(path: string): boolean {
  const name = basename(path);
  if (name.startsWith('.') || isResultName(name)) return false;
  const named = isImageName(name) || isVolumeName(name);
  return (named || isDicomFile(path)) && isFile(path);
}

/** A folder of DICOM files, in itself and not in folders within. */
export function isSeriesFolder(path: string): boolean {
  if (basename(path).startsWith('.') || !isFolder(path)) return false;
  return entriesIn(path).some(({ name }) => !name.startsWith('.') && isDicomFile(join(path, name)));
}

/** By code units: the same order on every machine. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
