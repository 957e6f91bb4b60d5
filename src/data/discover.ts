/**
 * Finds the images or volumes of a dataset and divides them into training and validation. A dataset is a folder (searched to
 * any depth), a folder with `splits.json` beside `images/<id>.*`, or a manifest that lists files. Of volumes, a folder that
 * holds DICOM files counts as one entry. Where no division is given, a share is drawn with the seed; the draw depends on
 * the seed and on the sorted names alone.
 */
import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { InputError } from '../core/errors.js';
import { drawValidation } from './draw-validation.js';
import {
  type DataKind,
  IMAGE_EXTENSIONS,
  isDicomFile,
  isImageName,
  isVolumeName,
  stemOf,
  VOLUME_EXTENSIONS,
} from './kinds.js';

const MANIFEST_EXTENSIONS = ['.txt', '.json', '.yaml', '.yml'] as const;

/** Paths of files, of volumes also of folders with DICOM files; none is in both. */
export interface DatasetFiles {
  readonly train: readonly string[];
  readonly validation: readonly string[];
}

export interface DiscoverOptions {
  /** What is looked for; images by default. */
  readonly kind?: DataKind;
  /** Draws the validation images where the dataset names none. */
  readonly seed?: number;
  /** The share of the images for validation, in [0, 1). 0 means no validation; else from 1 to 64 images. */
  readonly validationShare?: number;
}

/**
 * @param path a folder or a manifest: a text file with one path a line (`#` starts a comment), or JSON or YAML with a list
 *   of paths, `images: [...]`, or `train: [...]` and `validation: [...]` (or `val`). Paths are relative to the manifest
 * @throws InputError ('data') when the path or a listed file is missing, or when there is no image
 * @example discover('my-images') // { train: ['my-images/a.png', …], validation: ['my-images/k.png'] }
 */
export function discover(
  path: string,
  { kind = 'images', seed = 0, validationShare = 0.05 }: DiscoverOptions = {},
): DatasetFiles {
  if (!(validationShare >= 0 && validationShare < 1)) {
    throw new InputError(
      'data',
      `expected a validation share from 0 to below 1, found ${validationShare}`,
      'The default is 0.05.',
    );
  }
  const stats = statPath(path);
  const listed = stats.isDirectory()
    ? (readSplits(path, kind) ?? { all: requireSome(path, searchFolder(path), kind) })
    : readManifest(path, kind);
  if ('all' in listed) return drawValidation(listed.all, seed, validationShare);
  if (listed.validation) return { train: listed.train, validation: checkApart(path, listed.train, listed.validation) };
  return drawValidation(listed.train, seed, validationShare);
}

type Listed = { all: string[] } | { train: string[]; validation: string[] | undefined };

function statPath(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw new InputError(
      'data',
      `${path}: expected a folder of images or a manifest, found no such path`,
      `It was looked for at ${resolve(path)}.`,
      { cause },
    );
  }
}

/** What a folder holds, sorted by path. */
interface Found {
  readonly images: readonly string[];
  readonly volumes: readonly string[];
  /** Files that are neither. */
  readonly others: number;
}

/**
 * Every image and volume below a folder. A DICOM file is an image, and its folder a volume. Hidden files and folders are passed
 * over; links are followed once.
 */
function searchFolder(root: string): Found {
  const images: string[] = [];
  const volumes: string[] = [];
  let others = 0;
  const visited = new Set<string>();
  const search = (folder: string) => {
    const real = realpathSync(folder);
    if (visited.has(real)) return;
    visited.add(real);
    let series = false;
    for (const entry of readFolder(folder)) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
      if (kind?.isDirectory()) search(path);
      else if (!kind?.isFile()) others++;
      else if (isImageName(entry.name)) images.push(path);
      else if (isVolumeName(entry.name)) volumes.push(path);
      else if (isDicomFile(path)) {
        images.push(path);
        series = true;
      } else others++;
    }
    if (series) volumes.push(folder);
  };
  search(root);
  return { images: sorted(images), volumes: sorted(volumes), others };
}

/**
 * Every image or volume below a folder, sorted by path; a folder with DICOM files is a volume.
 * @throws InputError ('data') where there is none
 */
export function filesIn(folder: string, kind: DataKind): string[] {
  return requireSome(folder, searchFolder(folder), kind);
}

/** The files of the wanted kind, of which there must be one. */
function requireSome(root: string, found: Found, kind: DataKind): string[] {
  if (found[kind].length > 0) return [...found[kind]];
  const other = kind === 'images' ? found.volumes : found.images;
  if (other.length > 0) {
    throw new InputError(
      'data',
      `${root}: expected ${kind}, found ${other.length} ${kind === 'images' ? 'volumes' : 'images'}`,
      kind === 'images'
        ? 'For volumes give views.crop three extents, such as views.crop=[48,64,48]; or set data.slices=axial.'
        : 'For images give views.crop two extents, such as views.crop=[128,128], and leave data.slices out.',
    );
  }
  const { others } = found;
  throw new InputError(
    'data',
    `${root}: expected ${kind}, found ${others > 0 ? `none among ${others} ${others === 1 ? 'file' : 'files'}` : 'an empty folder'}`,
    `Accepted extensions: ${(kind === 'images' ? IMAGE_EXTENSIONS : VOLUME_EXTENSIONS).join(', ')}; and DICOM.`,
  );
}

/**
 * What a dataset seems to consist of: volumes where it holds any volume file, or where a folder holds at least `SERIES` DICOM
 * files and there is no other image.
 */
export function kindOf(path: string): DataKind {
  const stats = statPath(path);
  if (!stats.isDirectory()) return isVolumeManifest(path) ? 'volumes' : 'images';
  const { images, volumes } = searchFolder(path);
  const plain = images.filter((file) => isImageName(file)).length;
  if (plain > 0) return plain >= volumes.length ? 'images' : 'volumes';
  const files = volumes.filter((file) => isVolumeName(file)).length;
  return files > 0 || images.length >= SERIES * Math.max(1, volumes.length) ? 'volumes' : 'images';
}

/** As many DICOM files in a folder, on average, are taken for the slices of a series. */
const SERIES = 8;

function isVolumeManifest(path: string): boolean {
  const text = readText(path);
  return VOLUME_EXTENSIONS.some((extension) =>
    new RegExp(`${extension.replaceAll('.', '\\.')}["'\\s,\\]]`, 'i').test(`${text} `),
  );
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new InputError(
      'data',
      `${folder}: this folder cannot be read (${(cause as Error).message})`,
      'Check its permissions.',
      {
        cause,
      },
    );
  }
}

/** The layout of `splits.json` beside `images/`; `test` is never trained on. Undefined where there is no such file. */
function readSplits(folder: string, kind: DataKind): Listed | undefined {
  const path = join(folder, 'splits.json');
  if (!statSync(path, { throwIfNoEntry: false })) return undefined;
  const { train, validation } = lists(path, parseFile(path));
  const images = join(folder, 'images');
  if (!statPath(images).isDirectory()) {
    throw new InputError(
      'data',
      `${images}: expected a folder of images beside splits.json, found a file`,
      'Move the images there.',
    );
  }
  const byId = new Map(requireSome(images, searchFolder(images), kind).map((file) => [stemOf(file), file]));
  const find = (id: string) => {
    const file = byId.get(id);
    if (file) return file;
    const expected = join(images, `${id}.*`);
    throw new InputError(
      'data',
      `${path}: expected an image ${expected}, found none`,
      'Add the image or take its id off the list.',
    );
  };
  return { train: sorted(train.map(find)), validation: validation && sorted(validation.map(find)) };
}

function readManifest(path: string, kind: DataKind): Listed {
  const extension = extname(path).toLowerCase();
  if (!(MANIFEST_EXTENSIONS as readonly string[]).includes(extension)) {
    throw new InputError(
      'data',
      `${path}: expected a folder of images or a manifest (${MANIFEST_EXTENSIONS.join(', ')}), found a file ${extension || 'without extension'}`,
      isImageName(path) || isVolumeName(path)
        ? 'Give the folder of the file instead.'
        : 'List the image files in a text file, one path a line.',
    );
  }
  const { train, validation } = lists(path, extension === '.txt' ? lines(path) : parseFile(path));
  const find = (name: string) => {
    const file = resolve(dirname(path), name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() || (kind === 'volumes' && stats?.isDirectory())) return file;
    throw new InputError(
      'data',
      `${path}: expected a file at every listed path, found none at ${name} (${file})`,
      'Paths are relative to the folder of the manifest.',
    );
  };
  return { train: sorted(train.map(find)), validation: validation && sorted(validation.map(find)) };
}

function lines(path: string): string[] {
  return readText(path)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function parseFile(path: string): unknown {
  const text = readText(path);
  try {
    return extname(path).toLowerCase() === '.json' ? JSON.parse(text) : parseYaml(text);
  } catch (cause) {
    throw new InputError(
      'data',
      `${path}: could not be parsed (${(cause as Error).message})`,
      'Mend the file at the named place.',
      {
        cause,
      },
    );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new InputError(
      'data',
      `${path}: this file cannot be read (${(cause as Error).message})`,
      'Check its permissions.',
      {
        cause,
      },
    );
  }
}

/** The lists of a parsed manifest or split. */
function lists(path: string, content: unknown): { train: string[]; validation: string[] | undefined } {
  const fields = (Array.isArray(content) ? { images: content } : (content ?? {})) as Record<string, unknown>;
  const train = fields.train ?? fields.images;
  const validation = fields.validation ?? fields.val;
  if (!isList(train) || (validation !== undefined && !isList(validation))) {
    throw new InputError(
      'data',
      `${path}: expected a list of image files, or the lists train and validation, found ${describe(content)}`,
      'For example: {"train": ["a.png", "b.png"], "validation": ["c.png"]}',
    );
  }
  if (train.length === 0) {
    throw new InputError(
      'data',
      `${path}: expected at least one image for training, found an empty list`,
      'List the image files.',
    );
  }
  return { train, validation };
}

function isList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function describe(content: unknown): string {
  if (Array.isArray(content)) return 'a list with items that are no text';
  if (typeof content !== 'object' || content === null)
    return content === null ? 'nothing' : `a single ${typeof content}`;
  return `the keys ${Object.keys(content).join(', ') || '(none)'}`;
}

function checkApart(path: string, train: readonly string[], validation: readonly string[]): readonly string[] {
  const known = new Set(train);
  const both = validation.find((file) => known.has(file));
  if (both === undefined) return validation;
  throw new InputError(
    'data',
    `${path}: expected each image in one list, found ${both} in both train and validation`,
    'Take it off one of the lists.',
  );
}

/** Sorted by code units, each file once: the same on every machine. */
function sorted(files: readonly string[]): string[] {
  return [...new Set(files)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
