/** The images of the page: `data/FOLDER/images/` of the private file system. */

import { isPageFile, isPageImage } from '../../../../browser/file-kinds';
import { readData, readImage } from '../../../../browser/read-data';
import { InputError } from '../../../../core/errors';
import { isVolumeName, stemOf } from '../../../../data/file-names';
import { volumeInput } from '../../../../data/input';
import { lastName } from '../../../../image/byte-reader';
import { isDicom } from '../../../../image/formats/dicom/parse';
import { pictureOf } from '../../../answers/picture';
import type { FolderEntry } from '../../../shared/protocol';
import { asPng } from '../as-png';
import type { AddedFile, PlaceCalls } from '../place';
import { checkedName, files } from './opfs';

/** Slices of one volume that are taken at most, evenly spread. */
const MOST_SLICES = 64;
const LISTED = 2000;

export const imageCalls: Pick<PlaceCalls, 'folder' | 'image' | 'addImages' | 'removeImages'> = {
  async folder(path) {
    if (path === '.') {
      const names = await files.list('data');
      return { path, entries: names.map((name): FolderEntry => ({ name, path: name, kind: 'folder' })), more: 0 };
    }
    const entries = [...(await imagesIn(path)).values()].map((file): FolderEntry => {
      const name = lastName(file);
      return { name, path: file, kind: isVolumeName(name) ? 'volume' : 'image' };
    });
    entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    return { path, entries: entries.slice(0, LISTED), more: Math.max(0, entries.length - LISTED) };
  },

  async image(path) {
    const { facts, arrays } = pictureOf({ kind: 'images', image: await readImage(await bytesOf(path), path) });
    return { ...facts, values: arrays.values! };
  },

  async addImages(folder, added) {
    const into = checkedName(folder, 'folder');
    const known = await imagesIn(into);
    const notes: string[] = [];
    let images = 0;
    for (const file of added) {
      try {
        const taken = isVolumeName(file.name) ? await slicesOf(file) : { files: [await imageOf(file)], note: '' };
        if (taken.note) notes.push(taken.note);
        for (const { name, bytes } of taken.files) {
          const id = stemOf(name);
          if (known.has(id)) {
            notes.push(`${name}: an image of this name is there already, and stays`);
            continue;
          }
          await files.write(`data/${into}/images/${name}`, bytes);
          known.set(id, `${into}/images/${name}`);
          images++;
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        notes.push(error.message.split('\n')[0]!);
      }
    }
    return { images, notes };
  },

  removeImages: (folder) => files.remove(`data/${checkedName(folder, 'folder')}`),
};

/** The images and volumes of a folder by id: paths below `data/`. */
export async function imagesIn(folder: string): Promise<Map<string, string>> {
  const within = `${checkedName(folder, 'folder')}/images`;
  const names = (await files.list(`data/${within}`)).filter(isPageFile);
  return new Map(names.map((name) => [stemOf(name), `${within}/${name}`]));
}

/** @param path below `data/` */
export async function bytesOf(path: string): Promise<Uint8Array> {
  const bytes = await files.read(`data/${path}`);
  if (bytes) return bytes;
  throw new InputError('file', `${path}: this browser has no such image`);
}

/** A file that can be read, under a name that says that it is an image. */
async function imageOf({ name, bytes }: AddedFile): Promise<AddedFile> {
  await readImage(bytes, name);
  const safe = name.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_').replace(/^[^\p{L}\p{N}]+/u, '');
  const ending = isPageImage(safe) ? '' : isDicom(bytes) ? '.dcm' : '.png';
  return { name: checkedName(safe + ending, 'file'), bytes };
}

/** The axial slices of a volume as radiologists look at them, through the window of its modality: PNG of 16 bits. */
async function slicesOf({ name, bytes }: AddedFile): Promise<{ files: AddedFile[]; note: string }> {
  const decoded = await readData(bytes, name, 'volumes');
  if (decoded.kind !== 'volumes') throw new InputError('image', `${name}: expected a volume, found an image`);
  const { image } = volumeInput(decoded.stored, { spacing: null, intensity: 'auto' });
  const [, depth, height, width] = image.shape as [number, number, number, number];
  const count = Math.min(depth, MOST_SLICES);
  const pixels = height * width;
  const taken: AddedFile[] = [];
  for (let index = 0; index < count; index++) {
    const z = count === 1 ? 0 : Math.round((index * (depth - 1)) / (count - 1));
    const slice = image.data.subarray(z * pixels, (z + 1) * pixels);
    if (slice.every((value) => value === slice[0])) continue;
    // From back to front, and from left to right, become from the front and from the patient's right.
    const values = slice.toReversed();
    const number = String(z).padStart(String(depth).length, '0');
    const png = asPng({ shape: [height, width], spacing: [1, 1], channels: 1, range: [0, 1], values });
    taken.push({ name: checkedName(`${stemOf(name)}-z${number}.png`, 'file'), bytes: png });
  }
  return { files: taken, note: `${name}: ${taken.length} of ${depth} axial slices were taken as images` };
}
