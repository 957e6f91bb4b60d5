/** What was drawn for a case: read and written whole, on the pixels of its image or the voxels of its volume in RAS. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputInfo } from 'sharp';
import { InputError } from '../../../core/errors.js';
import { isVolumeName } from '../../../data/index.js';
import { type Labels, readLabels } from '../../../data/labelled/index.js';
import { labelsOfVolume } from '../../../data/labelled/labels.js';
import { toCanonical } from '../../../image/index.js';
import { checkDrawn, MOST_PIXELS, maskOnto } from '../../answers/ground.js';
import { asLabels } from '../../answers/prediction.js';
import type { ProjectRecord } from '../../answers/project.js';
import { changedBy, KEPT } from '../../drawing/map.js';
import type { VolumeMask } from '../../shared/protocol.js';
import { isVolume, readVolumeWithin } from '../data/read.js';
import { pathBelow } from '../paths.js';
import { refused } from '../refused.js';
import { groundOf, maskPath, readMask, writeMask } from './masks.js';
import { imagesOf, type Places, projectFolder, readRecord } from './store.js';

/** The path of a case's image. @throws Refused (404) for an id that the folder does not have */
export function imageOf(places: Places, record: Pick<ProjectRecord, 'folder'>, id: string): string {
  const path = imagesOf(places, record).get(id);
  if (path === undefined) throw refused(404, `${id}: the project has no case of this name`);
  return path;
}

/** Null where nothing was drawn. @param image the path of the case's image */
export async function readDrawn(places: Places, name: string, id: string, image: string): Promise<Labels | null> {
  return readMask(maskPath(join(projectFolder(places, name), 'drawn'), id, image));
}

/** The writings that go on, by case: changes are laid over what the one before them left. */
const writings = new Map<string, Promise<unknown>>();

/**
 * Writes what was drawn; where nothing is left, the case counts as not labelled.
 * @param data a class index for every pixel of the image, or 255; 254 where a pixel stays as it is
 * @throws InputError for another number of pixels, or an index that is no class
 */
export async function writeDrawn(places: Places, name: string, id: string, data: Uint8Array): Promise<boolean> {
  const record = readRecord(places, name);
  const image = imageOf(places, record, id);
  const ground = await groundOf(places, image);
  const path = maskPath(join(projectFolder(places, name), 'drawn'), id, image);
  const write = async () => {
    const before = data.includes(KEPT) ? await readDrawn(places, name, id, image) : null;
    const whole = changedBy(before?.data, data);
    const painted = checkDrawn(id, whole, ground, record.classes.length);
    if (painted) await writeMask(path, whole, ground);
    else rmSync(path, { force: true });
    return painted;
  };
  const writing = (writings.get(path) ?? Promise.resolve()).then(write);
  const settled = writing.catch(() => {});
  writings.set(path, settled);
  void settled.then(() => writings.get(path) === settled && writings.delete(path));
  return writing;
}

/**
 * A mask of a file below the data onto a case.
 * @throws Refused or InputError for a mask of other extents, another grid or classes
 */
export async function importMask(places: Places, name: string, id: string, file: string): Promise<void> {
  const labels = isVolumeName(file)
    ? labelsOfVolume(file, toCanonical(await readVolumeWithin(places.data, file)))
    : await readLabels(file);
  await takeMask(places, name, id, labels);
}

/**
 * The same from bytes that the page sends: of an image a picture, of a volume NIfTI, NRRD or MetaImage in one file; not
 * beyond the limit.
 * @throws Refused (400) for bytes of none of these formats
 */
export async function importBytes(places: Places, name: string, id: string, bytes: Uint8Array): Promise<void> {
  const image = imageOf(places, readRecord(places, name), id);
  await takeMask(places, name, id, isVolume(image) ? bytes : await grayPixels(id, bytes));
}

async function grayPixels(id: string, bytes: Uint8Array): Promise<Labels> {
  const { default: sharp } = await import('sharp');
  let pixels: { data: Buffer; info: OutputInfo };
  try {
    pixels = await sharp(bytes, { limitInputPixels: MOST_PIXELS })
      .removeAlpha()
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch {
    throw refused(400, `${id}: expected a mask as a gray PNG, found something else`);
  }
  const { data, info } = pixels;
  const { channels, height, width } = info;
  const labels = Uint8Array.from({ length: data.length / channels }, (_, index) => data[index * channels]!);
  return { shape: [height, width], data: labels };
}

async function takeMask(places: Places, name: string, id: string, mask: Labels | Uint8Array): Promise<void> {
  const record = readRecord(places, name);
  const ground = await groundOf(places, imageOf(places, record, id));
  const data = await maskOnto(id, mask, ground).catch(malformed);
  checkDrawn(id, data, ground, record.classes.length);
  await writeDrawn(places, name, id, data);
}

/** Bytes that are no volume at all are refused as those that are no picture are. */
function malformed(error: unknown): never {
  throw error instanceof InputError && error.code === 'image' ? refused(400, error.message) : error;
}

/**
 * Masks of all cases into `export/` of the project: what was drawn, as a training takes it, else what was predicted.
 * @returns the folder, below that of the runs
 */
export async function exportMasks(places: Places, runs: string, name: string, format: VolumeMask): Promise<string> {
  const folder = projectFolder(places, name);
  const record = readRecord(places, name);
  const target = join(folder, 'export');
  mkdirSync(target, { recursive: true });
  for (const [id, image] of imagesOf(places, record)) {
    const drawn = await readDrawn(places, name, id, image);
    const data = drawn
      ? asLabels(drawn.data, record.restIsBackground)
      : (await readMask(maskPath(join(folder, 'predicted'), id, image)))?.data;
    if (data) await writeMask(maskPath(target, id, image, format), data, await groundOf(places, image));
  }
  return pathBelow(runs, target);
}
