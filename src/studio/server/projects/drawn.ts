/** What was drawn for a case: read and written whole, with the extents of its image. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type OutputInfo } from 'sharp';
import { readAnyImage } from '../../../data/index.js';
import { type Labels, readLabels } from '../../../data/labelled/index.js';
import { writePng } from '../../../image/files.js';
import { UNPAINTED } from '../../drawing/map.js';
import { refused } from '../refused.js';
import { imagesOf, type Places, type ProjectRecord, projectFolder, readRecord } from './store.js';

/** The path of a case's image. @throws Refused (404) for an id that the folder does not have */
export function imageOf(places: Places, record: Pick<ProjectRecord, 'folder'>, id: string): string {
  const path = imagesOf(places, record).get(id);
  if (path === undefined) throw refused(404, `${id}: the project has no case of this name`);
  return path;
}

function drawnPath(places: Places, name: string, id: string): string {
  return join(projectFolder(places, name), 'drawn', `${id}.png`);
}

/** Null where nothing was drawn. */
export async function readDrawn(places: Places, name: string, id: string): Promise<Labels | null> {
  imageOf(places, readRecord(places, name), id);
  const path = drawnPath(places, name, id);
  return existsSync(path) ? readLabels(path) : null;
}

/**
 * Writes what was drawn; where nothing is left, the case counts as not labelled.
 * @param data a class index for every pixel of the image, or 255
 * @throws Refused (400) for another number of pixels, or an index that is no class
 */
export async function writeDrawn(places: Places, name: string, id: string, data: Uint8Array): Promise<boolean> {
  const record = readRecord(places, name);
  const { shape } = await readAnyImage(imageOf(places, record, id));
  const [height, width] = shape as [number, number];
  if (data.length !== height * width) {
    throw refused(400, `${id}: expected ${width} × ${height} pixels, found ${data.length} bytes`);
  }
  const strange = data.find((value) => value !== UNPAINTED && value >= record.classes.length);
  if (strange !== undefined)
    throw refused(400, `${id}: expected classes below ${record.classes.length}, found ${strange}`);
  const path = drawnPath(places, name, id);
  if (data.every((value) => value === UNPAINTED)) {
    rmSync(path, { force: true });
    return false;
  }
  await writePng(path, { height, width, channels: 1, data });
  return true;
}

/**
 * A mask of a file that the page sends, or of one below the data, onto a case.
 * @throws Refused for a mask of other extents or classes
 */
export async function importMask(places: Places, name: string, id: string, file: string): Promise<void> {
  const { data } = await readLabels(file);
  await writeDrawn(places, name, id, data);
}

/** The same from bytes; nothing but a picture of the known formats is decoded, and not beyond the limit. */
export async function importBytes(places: Places, name: string, id: string, bytes: Uint8Array): Promise<void> {
  let pixels: { data: Buffer; info: OutputInfo };
  try {
    pixels = await sharp(bytes, { limitInputPixels: 2 ** 26 })
      .removeAlpha()
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch {
    throw refused(400, `${id}: expected a mask as a gray PNG, found something else`);
  }
  const { data, info } = pixels;
  const { channels } = info;
  await writeDrawn(
    places,
    name,
    id,
    Uint8Array.from({ length: data.length / channels }, (_, index) => data[index * channels]!),
  );
}
