/**
 * Reading what lies in the folder of the data. The header of a volume may name another file for its voxels; that one
 * has to lie in the folder as well.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Decoded } from '../../../data/decoded.js';
import {
  isImageName,
  isVolumeName,
  kindOfFile,
  kindsOf,
  readAnyImage,
  readInput,
  volumeInput,
} from '../../../data/index.js';
import { type CaseInput, type CaseRecipe, readCaseInput } from '../../../data/labelled/index.js';
import { isSeriesFolder } from '../../../data/labelled/layouts/files-by-id.js';
import { readSeries } from '../../../data/series.js';
import { entriesIn, isFolder, statsOf } from '../../../data/stats.js';
import { readVolumeFrom, toCanonical, type Volume } from '../../../image/index.js';
import { nodeFiles } from '../../../image/node-files.js';
import type { Config } from '../../../pretrain/config.js';
import { existingPath, pathBelow } from '../paths.js';
import { refused } from '../refused.js';

/** Bytes of an image or a volume that are sent to a page. */
const MOST_BYTES = 2 ** 30;

/** Whether a path is that of a volume: its name says so, or it is a folder, which is a DICOM series. */
export function isVolume(path: string): boolean {
  return isVolumeName(path) || isFolder(path);
}

/** @throws Refused (403) where a header or a link leads out of the folder, InputError for what cannot be read */
export async function readVolumeWithin(root: string, path: string): Promise<Volume> {
  if (isFolder(path)) {
    seriesWithin(root, path);
    return readSeries(path);
  }
  const open: typeof nodeFiles.open = async (file, options) => nodeFiles.open(within(root, file), options);
  return readVolumeFrom({ ...nodeFiles, open }, path);
}

/** The file itself, with links followed. @throws Refused (403) where it leads out of the folder */
function within(root: string, file: string): string {
  return existingPath(root, pathBelow(root, file));
}

/** What lies in the folder of a series. @throws Refused as `within` does */
function seriesWithin(root: string, folder: string): string[] {
  return entriesIn(folder).map(({ name }) => within(root, join(folder, name)));
}

/** An image or a volume of the folder. */
export async function readWithin(root: string, path: string): Promise<Decoded> {
  if (!isVolume(path)) return { kind: 'images', image: await readAnyImage(path) };
  const stored = await readVolumeWithin(root, path);
  return { kind: 'volumes', volume: toCanonical(stored), stored };
}

/** The same as a network takes it. */
export async function inputWithin(root: string, path: string, recipe: CaseRecipe): Promise<CaseInput> {
  if (recipe.window.length !== 3) return readCaseInput(path, recipe);
  return volumeInput(await readVolumeWithin(root, path), recipe);
}

/** The same for a pretrained network. */
export async function inputFor(root: string, path: string, config: Config): Promise<CaseInput> {
  const { data } = config;
  if (kindOfFile(path, kindsOf(config)) === 'images') return readInput(path, data.channels);
  return volumeInput(await readVolumeWithin(root, path), data);
}

/**
 * The file of an image or a volume, or all files of a series, by name.
 * @throws Refused (403) where a link leads out of the folder, (413) where they are too large, (415) for other files
 */
export async function filesWithin(root: string, path: string): Promise<Record<string, Uint8Array>> {
  if (!isImageName(path) && !isVolumeName(path) && !isSeriesFolder(path))
    throw refused(415, `${basename(path)}: expected an image or a volume`);
  const all = isFolder(path) ? seriesWithin(root, path) : [within(root, path)];
  const files = all.filter((file) => !isFolder(file));
  const bytes = files.reduce((sum, file) => sum + (statsOf(file)?.size ?? 0), 0);
  if (bytes > MOST_BYTES) {
    throw refused(413, `${basename(path)}: expected at most ${MOST_BYTES / 2 ** 20} MiB, found ${bytes} bytes`);
  }
  const read = await Promise.all(files.map(async (file) => [basename(file), await readFile(file)] as const));
  return Object.fromEntries(read);
}
