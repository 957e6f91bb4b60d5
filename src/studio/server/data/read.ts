/**
 * Reading what lies in the folder of the data. The header of a volume may name another file for its voxels; that one
 * has to lie in the folder as well.
 */
import { join } from 'node:path';
import type { Decoded } from '../../../data/decoded.js';
import { isVolumeName, readAnyImage, volumeInput } from '../../../data/index.js';
import { type CaseInput, type CaseRecipe, readCaseInput } from '../../../data/labelled/index.js';
import { readSeries } from '../../../data/series.js';
import { entriesIn, isFolder } from '../../../data/stats.js';
import { readVolumeFrom, toCanonical, type Volume } from '../../../image/index.js';
import { nodeFiles } from '../../../image/node-files.js';
import type { Config } from '../../../pretrain/config.js';
import { existingPath, pathBelow } from '../paths.js';

/** Whether a path is that of a volume: its name says so, or it is a folder, which is a DICOM series. */
export function isVolume(path: string): boolean {
  return isVolumeName(path) || isFolder(path);
}

/** @throws Refused (403) where a header or a link leads out of the folder, InputError for what cannot be read */
export async function readVolumeWithin(root: string, path: string): Promise<Volume> {
  const checked = (file: string) => existingPath(root, pathBelow(root, file));
  if (isFolder(path)) {
    for (const { name } of entriesIn(path)) checked(join(path, name));
    return readSeries(path);
  }
  return readVolumeFrom({ ...nodeFiles, open: async (file, options) => nodeFiles.open(checked(file), options) }, path);
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
export function inputFor(root: string, path: string, { data, views }: Config): Promise<CaseInput> {
  return inputWithin(root, path, { ...data, size: [], window: views.crop });
}
