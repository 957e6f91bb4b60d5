/** The files that a user names for a network: files themselves, and folders for all images or volumes below them. */
import { InputError } from '../core/errors.js';
import { countData, type DataKind, filesIn, type Kinds, kindOfFile, stemOf } from '../data/index.js';
import { isFolder } from '../data/stats.js';

export interface InputFile {
  readonly path: string;
  /** Without folder and extension; no two files share one. */
  readonly name: string;
  readonly kind: DataKind;
}

/** About how many files there are, by their names. */
export function countFiles(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (isFolder(path) ? countData(path) : 1), 0);
}

/**
 * @param kinds what the network takes; of a folder the first that it holds. A folder with a DICOM series is one volume
 * @throws InputError ('data') for a folder without such files or a file of the other kind, ('file') where two files
 * would be written under one name
 */
export function inputFiles(paths: readonly string[], kinds: Kinds): InputFile[] {
  const files = paths.flatMap((path) => (isFolder(path) ? filesIn(path, kinds) : [path]));
  const taken = new Map<string, string>();
  return files.map((path) => {
    const kind = kindOfFile(path, kinds);
    const name = stemOf(path);
    const other = taken.get(name);
    if (other !== undefined) {
      throw new InputError('file', `${path} and ${other} would both be written as ${name}`, 'Use two folders.');
    }
    taken.set(name, path);
    return { path, name, kind };
  });
}
