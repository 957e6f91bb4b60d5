/**
 * The images and volumes below a folder. A DICOM file is an image, and its folder a volume. Labels, results and runs
 * are passed over (`passed-over.ts`), and so are hidden files; links are followed once.
 */
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { foundInstead } from '../image/unreadable.js';
import {
  type DataKind,
  IMAGE_EXTENSIONS,
  isDicomFile,
  isImageName,
  isVolumeName,
  stemOf,
  VOLUME_EXTENSIONS,
} from './kinds.js';
import {
  isLabelFolder,
  isResultName,
  isRunFolder,
  labelNames,
  type PassedOver,
  PassedOverList,
  passedOverText,
} from './passed-over.js';
import { entriesIn, statsOf, unreadableFolder } from './stats.js';
import { readText } from './text-file.js';

/** What a folder holds, sorted by path. */
export interface Found {
  readonly images: readonly string[];
  readonly volumes: readonly string[];
  /** Files that are neither. */
  readonly others: number;
  readonly passedOver: readonly PassedOver[];
}

/** @throws InputError ('data') where a folder cannot be read */
export function searchFolder(root: string): Found {
  const images: string[] = [];
  const volumes: string[] = [];
  const passed = new PassedOverList();
  let others = 0;
  const visited = new Set<string>();
  const search = (folder: string) => {
    const real = realPath(folder);
    if (visited.has(real)) return;
    visited.add(real);
    let series = false;
    const entries = entriesIn(folder);
    const names = entries.map(({ name }) => name);
    if (folder !== root && isRunFolder(names)) {
      passed.add('files of a run', folder, countData(folder));
      return;
    }
    const labels = labelNames(names.filter((name) => isImageName(name) || isVolumeName(name)).map(stemOf));
    const testLabels = names.includes('labelsTs');
    for (const entry of entries) {
      const { name } = entry;
      const path = join(folder, name);
      if (name.startsWith('.')) {
        if (isImageName(name) || isVolumeName(name)) passed.add('hidden files', path);
        continue;
      }
      const kind = kindOfEntry(entry, path);
      if (typeof kind === 'string') {
        passed.add(kind, path);
      } else if (kind.isDirectory()) {
        if (isLabelFolder(name)) passed.add('files in folders of labels', path, countData(path));
        else if (name === 'imagesTs' && testLabels) passed.add('test images (imagesTs)', path, countData(path));
        else search(path);
      } else if (!kind.isFile()) others++;
      else if (isResultName(name)) passed.add('results of cover segment', path);
      else if (isImageName(name) || isVolumeName(name)) {
        if (labels.has(stemOf(name))) passed.add('labels beside their images', path);
        else (isImageName(name) ? images : volumes).push(path);
      } else if (isDicomFile(path)) {
        images.push(path);
        series = true;
      } else others++;
    }
    if (series) volumes.push(folder);
  };
  search(root);
  return { images: sorted(images), volumes: sorted(volumes), others, passedOver: passed.list() };
}

/** What an entry is, links followed; or in words why it cannot be used. */
function kindOfEntry(entry: Dirent, path: string): Dirent | Stats | string {
  if (entry.name.includes('\uFFFD') && !statsOf(path)) return 'files whose names are not UTF-8';
  return entry.isSymbolicLink() ? (statsOf(path) ?? 'links that lead nowhere') : entry;
}

/** How many images and volumes lie below a folder, by their names; 0 where it cannot be read. */
export function countData(folder: string): number {
  try {
    const names = readdirSync(folder, { recursive: true }).map(String);
    return names.filter((name) => isImageName(name) || isVolumeName(name)).length;
  } catch {
    return 0;
  }
}

/**
 * Every image or volume below a folder, sorted by path; a folder with DICOM files is a volume.
 * @param kinds the first that the folder holds counts
 * @throws InputError ('data') where there is none
 */
export function filesIn(folder: string, kinds: readonly [DataKind, ...DataKind[]]): string[] {
  const found = searchFolder(folder);
  const kind = kinds.find((one) => found[one].length > 0) ?? kinds[0];
  return requireSome(folder, found, kind, NETWORK_HINTS);
}

type Hints = Readonly<Record<DataKind, string>>;

/** What to do where the other kind was found and this one is wanted: in a training, which is set, and by a network. */
const TRAINING_HINTS: Hints = {
  images: 'For volumes give views.crop three extents, such as views.crop=[48,64,48]; or set data.slices=axial.',
  volumes: 'For images give views.crop two extents, such as views.crop=[128,128], and leave data.slices out.',
};
const NETWORK_HINTS: Hints = {
  images: 'The network is of two axes: it takes images, such as slices that were written as PNG.',
  volumes: 'The network is of three axes: it takes volumes.',
};

/** The files of the wanted kind, of which there must be one. */
export function requireSome(root: string, found: Found, kind: DataKind, hints = TRAINING_HINTS): string[] {
  if (found[kind].length > 0) return [...found[kind]];
  const other = kind === 'images' ? found.volumes : found.images;
  if (other.length > 0) {
    throw new InputError(
      'data',
      `${root}: expected ${kind}, found ${counted(other.length, kind === 'images' ? 'volume' : 'image')}`,
      hints[kind],
    );
  }
  const { others, passedOver } = found;
  const passed = passedOver.length > 0 ? `; passed over: ${passedOverText(passedOver)}` : '';
  const nothing = others === 0 && passedOver.length === 0 ? 'an empty folder' : 'none';
  const among = others > 0 ? ` among ${counted(others, 'file')}` : '';
  throw new InputError(
    'data',
    `${root}: expected ${kind}, found ${nothing}${among}${passed}`,
    `Accepted extensions: ${(kind === 'images' ? IMAGE_EXTENSIONS : VOLUME_EXTENSIONS).join(', ')}; and DICOM.`,
  );
}

/**
 * What a dataset seems to consist of: volumes where it holds any volume file, or where a folder holds at least `SERIES`
 * DICOM files and there is no other image.
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

/** @throws InputError ('data') for a path that is not there or cannot be reached */
export function statPath(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError(
      'data',
      `${path}: expected a folder of images or a manifest, found ${code === 'ENOENT' ? 'no such path' : foundInstead(cause)}`,
      `It was looked for at ${resolve(path)}.`,
      { cause },
    );
  }
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (cause) {
    throw unreadableFolder(folder, cause);
  }
}

/** Sorted by code units, each file once: the same on every machine. */
export function sorted(files: readonly string[]): string[] {
  return [...new Set(files)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
