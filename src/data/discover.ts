/**
 * Finds the images or volumes of a dataset and divides them into training and validation. A dataset is a folder
 * (searched to any depth), a folder with `splits.json` or `splits_final.json` beside `images/` or `imagesTr/`, or a
 * manifest that lists files. Of volumes, a folder that holds DICOM files counts as one entry. Where no division is
 * given, a share is drawn with the seed; the draw depends on the seed and on the sorted names alone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { drawValidation } from './draw-validation.js';
import { type DataKind, stemOf } from './kinds.js';
import { readManifest } from './manifest.js';
import { type PassedOver, PassedOverList } from './passed-over.js';
import { readSplits } from './read-splits.js';
import { requireSome, searchFolder, sorted, statPath } from './search.js';
import { checkSplits, requireTraining, type Splits } from './splits.js';

/** Paths of files, of volumes also of folders with DICOM files; none is in both. */
export interface DatasetFiles {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  /** What lies in the folder and is not used, with the reason. */
  readonly passedOver: readonly PassedOver[];
}

export interface DiscoverOptions {
  /** What is looked for; images by default. */
  readonly kind?: DataKind;
  /** Draws the validation images where the dataset names none. */
  readonly seed?: number;
  /** The share of the images for validation, in [0, 1). 0 means no validation; else from 1 to 64 images. */
  readonly validationShare?: number;
  /** Which fold of `splits_final.json`, from 0. */
  readonly fold?: number;
}

/**
 * @param path a folder or a manifest: a text file with one path a line (`#` starts a comment), or JSON or YAML with a
 * list of paths, `images: [...]`, or `train: [...]` and `validation: [...]` (or `val`). Paths are relative to the
 * manifest
 * @throws InputError ('data') when the path or a listed file is missing, a list is not understood, or there is no image
 * @example discover('my-images') // { train: ['my-images/a.png', …], validation: ['my-images/k.png'], passedOver: [] }
 */
export function discover(
  path: string,
  { kind = 'images', seed = 0, validationShare = 0.05, fold = 0 }: DiscoverOptions = {},
): DatasetFiles {
  if (!(validationShare >= 0 && validationShare < 1)) {
    throw new InputError(
      'data',
      `expected a validation share from 0 to below 1, found ${validationShare}`,
      'The default is 0.05.',
    );
  }
  const { train, validation, passedOver } = listed(path, kind, fold);
  if (!validation) return { ...drawValidation(train, seed, validationShare), passedOver };
  checkApart(path, train, validation);
  return { train, validation, passedOver };
}

/**
 * The same of what is named, without a look into folders: quick, so that a wrong path is told before anything starts.
 * @throws InputError ('data') when the path or a listed file is missing, or a list is not understood
 */
export function checkSource(path: string, kind: DataKind = 'images'): void {
  if (!statPath(path).isDirectory()) readManifest(path, kind);
}

interface Listed {
  readonly train: readonly string[];
  /** Undefined where nothing says which images are held out. */
  readonly validation: readonly string[] | undefined;
  readonly passedOver: readonly PassedOver[];
}

function listed(path: string, kind: DataKind, fold: number): Listed {
  if (!statPath(path).isDirectory()) return { ...readManifest(path, kind), passedOver: [] };
  const splits = readSplits(path, fold);
  if (splits) return dividedFolder(path, splits, kind);
  const found = searchFolder(path);
  return { train: requireSome(path, found, kind), validation: undefined, passedOver: found.passedOver };
}

/** The images that a division names, below `images/` or nnU-Net's `imagesTr/`; `test` is never trained on. */
function dividedFolder(folder: string, splits: Splits, kind: DataKind): Listed {
  requireTraining(splits);
  const cases = casesOf(folder, kind);
  checkSplits(splits, new Set(cases.files.keys()), cases.folder);
  const { train, validation, test = [] } = splits.parts;
  const find = (names: readonly string[]) => sorted(names.flatMap((name) => cases.files.get(name)!));
  const passed = new PassedOverList();
  const named = new Set([...train!, ...(validation ?? []), ...test]);
  for (const [name, files] of cases.files) {
    if (test.includes(name)) passed.add('test images', files[0]!, files.length);
    else if (!named.has(name)) passed.add('images in none of the lists', files[0]!, files.length);
  }
  return {
    train: find(train!),
    validation: validation && find(validation),
    passedOver: [...cases.passedOver, ...passed.list()],
  };
}

interface Cases {
  /** Of `images`, `imagesTr` or `imagesTs`. */
  readonly folder: string;
  /** The files of each case: one, or one for each channel of nnU-Net. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly passedOver: readonly PassedOver[];
}

function casesOf(folder: string, kind: DataKind): Cases {
  const raw = ['imagesTr', 'imagesTs'].map((name) => join(folder, name)).filter((path) => existsSync(path));
  const folders = existsSync(join(folder, 'images')) || raw.length === 0 ? [join(folder, 'images')] : raw;
  const files = new Map<string, string[]>();
  const passedOver: PassedOver[] = [];
  for (const path of folders) {
    if (!statPath(path).isDirectory()) {
      throw new InputError(
        'data',
        `${path}: expected a folder of images beside the file of the parts, found a file`,
        'Move the images there.',
      );
    }
    const found = searchFolder(path);
    passedOver.push(...found.passedOver);
    const all = requireSome(path, found, kind);
    const channels = path.endsWith('Tr') || path.endsWith('Ts');
    for (const file of all) {
      const stem = stemOf(file);
      const name = channels ? stem.replace(/_\d{4}$/, '') : stem;
      const others = files.get(name) ?? [];
      if (others.length > 0 && name === stem) {
        throw new InputError(
          'data',
          `${file}: the name "${name}" is there twice, see ${others[0]}`,
          'Give each image a name of its own.',
        );
      }
      files.set(name, [...others, file]);
    }
  }
  return { folder: folders.join(' and '), files, passedOver };
}

/** A file may be listed under two paths. */
function checkApart(path: string, train: readonly string[], validation: readonly string[]): void {
  const known = new Set(train);
  const both = validation.find((file) => known.has(file));
  if (both === undefined) return;
  throw new InputError(
    'data',
    `${path}: expected each image in one list, found ${both} in both train and validation`,
    'Take it off one of the lists.',
  );
}
