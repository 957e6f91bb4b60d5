/** The files that a user names for a network: files themselves, and folders for all images or volumes below them. */
import { InputError } from '../core/errors.js';
import { filesIn, isVolumeName, stemOf, volumeForImage } from '../data/index.js';
import { isFolder } from '../data/stats.js';

export interface InputFile {
  readonly path: string;
  /** Without folder and extension; no two files share one. */
  readonly name: string;
}

/**
 * @param dims axes of the network; a folder with a DICOM series is one volume for a network of three
 * @throws InputError ('data') for a folder without such files or a file of the other kind, ('file') where two files
 * would be written under one name
 */
export function inputFiles(paths: readonly string[], dims: number): InputFile[] {
  const kind = dims === 3 ? 'volumes' : 'images';
  const files = paths.flatMap((path) => {
    return isFolder(path) ? filesIn(path, kind) : [path];
  });
  const taken = new Map<string, string>();
  return files.map((path) => {
    if (isVolumeName(path) && dims === 2) throw volumeForImage(path);
    const name = stemOf(path);
    const other = taken.get(name);
    if (other !== undefined) {
      throw new InputError('file', `${path} and ${other} would both be written as ${name}`, 'Use two folders.');
    }
    taken.set(name, path);
    return { path, name };
  });
}
