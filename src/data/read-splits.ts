/** The file of a folder that says how its cases are divided (`splits.ts`). */
import { join } from 'node:path';
import { type Splits, splitsIn } from './splits.js';
import { entriesIn } from './stats.js';
import { parseFile } from './text-file.js';

/**
 * The division that a folder names; undefined where it names none.
 * @param fold which of the folds of `splits_final.json`, from 0
 * @throws InputError ('data') for a key that is not known, a name in two lists, or two files; ('config') for a fold
 * that is not there
 * @example readSplits('chests')?.parts.test // ['p07', 'p12']
 */
export function readSplits(folder: string, fold = 0): Splits | undefined {
  const pathOf = (name: string) => join(folder, name);
  const names = entriesIn(folder).map(({ name }) => name);
  return splitsIn({ path: folder, names, pathOf, parse: (name) => parseFile(pathOf(name)) }, fold);
}
