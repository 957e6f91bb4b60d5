/**
 * Label maps as files of a project: of an image a PNG of class numbers, of a volume a NIfTI file on the voxels of the
 * volume's own file. In memory labels of volumes lie in RAS, as their volumes do.
 */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAnyImage } from '../../../data/index.js';
import type { Labels } from '../../../data/labelled/index.js';
import { writeLabels, writePng } from '../../../image/files.js';
import { fromCanonical } from '../../../image/index.js';
import { type Ground, groundOfImage, groundOfVolume } from '../../answers/ground.js';
import { maskOf } from '../../answers/mask.js';
import { VOLUME_MASKS, type VolumeMask } from '../../shared/protocol.js';
import { isVolume, readVolumeWithin } from '../data/read.js';
import type { Places } from './store.js';

const KEPT = 200;
const known = new Map<string, { readonly stamp: string; readonly ground: Ground }>();

/** The ground of an image or a volume, which is read once, until its file changes. @param image an absolute path */
export async function groundOf({ data }: Pick<Places, 'data'>, image: string): Promise<Ground> {
  const { mtimeMs, size } = statSync(image);
  const stamp = `${mtimeMs} ${size}`;
  const kept = known.get(image);
  if (kept?.stamp === stamp) return kept.ground;
  const ground = await readGround(data, image);
  if (known.size >= KEPT) known.delete(known.keys().next().value as string);
  known.set(image, { stamp, ground });
  return ground;
}

async function readGround(data: string, image: string): Promise<Ground> {
  return isVolume(image)
    ? groundOfVolume(await readVolumeWithin(data, image))
    : groundOfImage(await readAnyImage(image));
}

/** The file of a map in a folder. @param image the image or volume that it lies on */
export function maskPath(folder: string, name: string, image: string, format: VolumeMask = 'nifti'): string {
  return join(folder, `${name}${isVolume(image) ? VOLUME_MASKS[format] : '.png'}`);
}

/**
 * What was written there; null where there is no such file. Its bytes are read at once, for it may come and go
 * meanwhile.
 */
export async function readMask(path: string): Promise<Labels | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return bytes && maskOf(bytes, path);
}

/** @param data a byte for every pixel of the ground; of a volume in RAS */
export async function writeMask(path: string, data: Uint8Array, { shape, file }: Ground): Promise<void> {
  if (file) {
    writeLabels(path, fromCanonical(data, file), file);
    return;
  }
  const [height, width] = shape as [number, number];
  await writePng(path, { height, width, channels: 1, data });
}
