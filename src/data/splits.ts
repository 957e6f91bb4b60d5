/**
 * How a dataset is divided, read in one way for pretraining, fine-tuning and evaluation. `splits.json` lists the cases
 * of each part by their names without extension: `{"train": […], "val": […], "test": […]}`. nnU-Net's
 * `splits_final.json` is a list of folds `{"train": […], "val": […]}`, of which one is taken. What is not understood is
 * refused: a part that was passed over would be trained on.
 */
import { InputError } from '../core/errors.js';
import { firstFew } from '../core/lists.js';
import { describeContent, isTextList } from './parsed-content.js';

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

/** Names of each part that a file lists. */
export type PartLists = Readonly<Partial<Record<PartName, readonly string[]>>>;

export interface Splits {
  /** The file. */
  readonly path: string;
  readonly parts: PartLists;
}

/** The keys of a file of parts, and the part that each means. */
const KEYS: Readonly<Record<string, PartName>> = {
  train: 'train',
  val: 'validation',
  validation: 'validation',
  test: 'test',
};

/** The files of a folder that may say how it is divided. */
const NAMED = 'splits.json';
const FOLDS = 'splits_final.json';
export const SPLIT_FILES: readonly string[] = [NAMED, FOLDS];
/** Names that someone gives to a file of the parts, and that no reader takes. */
const SIMILAR = /^(data[ _-]?)?splits?([ _-].*)?\.(json|ya?ml|csv|tsv|txt|pkl)$/i;

/** A folder as its division is looked for in it. */
export interface DividedFolder {
  /** Its path, for messages. */
  readonly path: string;
  /** What lies directly in it. */
  readonly names: readonly string[];
  /** The path of a file in it, for messages. */
  pathOf(name: string): string;
  /** What a file of it says. @throws InputError ('data') when it is not understood */
  parse(name: string): unknown;
}

/**
 * The division that a folder names; undefined where it names none.
 * @param fold which of the folds of `splits_final.json`, from 0
 * @throws InputError ('data') for a key that is not known, a name in two lists, two files, or one that is named in
 * another way; ('config') for a fold that is not there
 */
export function splitsIn({ path, names, pathOf, parse }: DividedFolder, fold: number): Splits | undefined {
  const [named, folds] = [names.includes(NAMED), names.includes(FOLDS)];
  if (named && folds) {
    throw new InputError(
      'data',
      `${path}: expected one division, found ${NAMED} and ${FOLDS}`,
      'Take one of them out of the folder.',
    );
  }
  if (folds) return { path: pathOf(FOLDS), parts: foldOf(pathOf(FOLDS), parse(FOLDS), fold) };
  if (fold !== 0) {
    throw new InputError(
      'config',
      `data.fold: expected 0 where ${path} has no ${FOLDS}, found ${fold}`,
      'Folds are those of nnU-Net: put its splits_final.json into the folder, or leave data.fold out.',
    );
  }
  if (named) return { path: pathOf(NAMED), parts: partLists(pathOf(NAMED), parse(NAMED)) };
  const similar = names.find((name) => SIMILAR.test(name));
  if (similar === undefined) return undefined;
  throw new InputError(
    'data',
    `${pathOf(similar)}: expected the file of the parts to be named ${NAMED} or ${FOLDS}, found "${similar}"`,
    'Rename it, or take it out of the folder: what it holds out would be trained on.',
  );
}

/**
 * The parts of one fold of a list of folds.
 * @throws InputError ('data') for anything but a list of them, ('config') for a fold that is not there
 */
export function foldOf(path: string, content: unknown, fold: number): PartLists {
  if (!Array.isArray(content) || content.length === 0) {
    throw new InputError(
      'data',
      `${path}: expected a list of folds, found ${Array.isArray(content) ? 'an empty list' : describeContent(content)}`,
      'As nnU-Net writes it: [{"train": […], "val": […]}, …]. One division for all is splits.json.',
    );
  }
  if (fold >= content.length) {
    throw new InputError(
      'config',
      `data.fold: expected a fold from 0 to ${content.length - 1} of ${path}, found ${fold}`,
      'Folds are counted from 0.',
    );
  }
  return partLists(`${path}, fold ${fold}`, content[fold]);
}

/**
 * The parts that an object lists.
 * @param where the file, for messages
 * @throws InputError ('data') for anything but lists of names under known keys, or a name in two lists
 */
export function partLists(where: string, content: unknown): PartLists {
  const keys = `${Object.keys(KEYS).join(', ')} (val and validation are one)`;
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new InputError(
      'data',
      `${where}: expected the lists ${keys}, found ${describeContent(content)}`,
      'For example: {"train": ["a", "b"], "val": ["c"], "test": ["d"]}',
    );
  }
  const entries = Object.entries(content);
  const strange = entries.find(([key]) => !Object.hasOwn(KEYS, key));
  if (strange || entries.length === 0) {
    throw new InputError(
      'data',
      `${where}: expected the lists ${keys}, found ${strange ? `"${strange[0]}"` : 'none of them'}`,
      'Rename the list, or take it out. What no list names is not used.',
    );
  }
  const parts: Partial<Record<PartName, readonly string[]>> = {};
  for (const [key, names] of entries) {
    const part = KEYS[key]!;
    if (!isTextList(names)) {
      throw new InputError(
        'data',
        `${where}: expected a list of names under "${key}", found ${JSON.stringify(names)?.slice(0, 60)}`,
        'Names are those of the images, without extension.',
      );
    }
    if (parts[part]) {
      throw new InputError('data', `${where}: expected val or validation, found both`, 'Keep one of the two lists.');
    }
    parts[part] = names;
  }
  checkApart(where, parts);
  return parts;
}

/** @throws InputError ('data') for a name that is in two parts */
function checkApart(where: string, parts: PartLists): void {
  const owners = new Map<string, PartName>();
  for (const part of partNames) {
    for (const name of parts[part] ?? []) {
      const other = owners.get(name);
      if (other !== undefined && other !== part) {
        throw new InputError(
          'data',
          `${where}: expected each name in one list, found "${name}" in ${other} and in ${part}`,
          'Keep it in one of them.',
        );
      }
      owners.set(name, part);
    }
  }
}

/**
 * Checks that what a division lists is there, and that it says what is trained on where that is asked.
 * @param known names of the cases that the folder has
 * @throws InputError ('data') naming the first name that is not there, or the list that is missing
 */
export function checkSplits({ path, parts }: Splits, known: ReadonlySet<string>, folder: string): void {
  for (const part of partNames) {
    const missing = (parts[part] ?? []).filter((name) => !known.has(name));
    if (missing.length === 0) continue;
    const quoted = missing.map((name) => `"${name}"`);
    throw new InputError(
      'data',
      `${path}: expected an image for every name of ${part}, found none for ${firstFew(quoted, 1)} in ${folder}`,
      'Names are those of the files, without folder and extension. Add the image or take its name off the list.',
    );
  }
}

/** @throws InputError ('data') for a division that does not list the training cases */
export function requireTraining({ path, parts }: Splits): void {
  if (parts.train && parts.train.length > 0) return;
  const found = parts.train ? 'an empty list' : `only ${Object.keys(parts).join(' and ')}`;
  throw new InputError(
    'data',
    `${path}: expected the list train with at least one name, found ${found}`,
    'List the images to train on; those of val (or validation) and test are held out.',
  );
}
