/** The file of a folder that says how its cases are divided (`splits.ts`). */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { foldOf, partLists, type Splits } from './splits.js';
import { entriesIn, isEntry } from './stats.js';
import { parseFile } from './text-file.js';

const NAMED = 'splits.json';
const FOLDS = 'splits_final.json';
/** Names that someone gives to a file of the parts, and that no reader takes. */
const SIMILAR = /^(data[ _-]?)?splits?([ _-].*)?\.(json|ya?ml|csv|tsv|txt|pkl)$/i;

/**
 * The division that a folder names; undefined where it names none.
 * @param fold which of the folds of `splits_final.json`, from 0
 * @throws InputError ('data') for a key that is not known, a name in two lists, or two files; ('config') for a fold
 * that is not there
 * @example readSplits('chests')?.parts.test // ['p07', 'p12']
 */
export function readSplits(folder: string, fold = 0): Splits | undefined {
  const [named, folds] = [join(folder, NAMED), join(folder, FOLDS)];
  if (isEntry(named) && isEntry(folds)) {
    throw new InputError(
      'data',
      `${folder}: expected one division, found ${NAMED} and ${FOLDS}`,
      'Take one of them out of the folder.',
    );
  }
  if (isEntry(folds)) return { path: folds, parts: foldOf(folds, parseFile(folds), fold) };
  if (fold !== 0) {
    throw new InputError(
      'config',
      `data.fold: expected 0 where ${folder} has no ${FOLDS}, found ${fold}`,
      'Folds are those of nnU-Net: put its splits_final.json into the folder, or leave data.fold out.',
    );
  }
  if (isEntry(named)) return { path: named, parts: partLists(named, parseFile(named)) };
  const similar = entriesIn(folder).find(({ name }) => SIMILAR.test(name));
  if (!similar) return undefined;
  throw new InputError(
    'data',
    `${join(folder, similar.name)}: expected the file of the parts to be named ${NAMED} or ${FOLDS}, found "${similar.name}"`,
    'Rename it, or take it out of the folder: what it holds out would be trained on.',
  );
}
