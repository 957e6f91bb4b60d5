/**
 * Reading one file of a dataset, whatever its format: the kind of the dataset says whether it is an image or a volume.
 */

import { readImage, readVolume } from '../image/files.js';
import { readDicomImage } from '../image/formats/dicom/index.js';
import { type Image, toCanonical, type Volume } from '../image/index.js';
import type { Decoded } from './decoded.js';
import { type DataKind, isDicomFile, isVolumeName, startsAsDicom } from './kinds.js';
import { readSeries } from './series.js';
import { isFolder } from './stats.js';
import { volumeForImage } from './taken.js';

/**
 * @param path a file; of volumes also a folder with a DICOM series, or the first file of one
 * @throws InputError ('image') when it cannot be read, TruncatedImageError when it is cut short
 */
export async function readData(path: string, kind: DataKind): Promise<Decoded> {
  if (kind === 'images') return { kind, image: await readAnyImage(path) };
  const stored = await readAnyVolume(path);
  return { kind, volume: toCanonical(stored), stored };
}

/** An image file, or a single DICOM image through the window that it names. */
export async function readAnyImage(path: string): Promise<Image> {
  if (isVolumeName(path)) throw volumeForImage(path);
  return startsAsDicom(path) ? readDicomImage(path, { window: 'auto' }) : readImage(path);
}

/** A volume file or a DICOM series, on its own grid. */
export async function readAnyVolume(path: string): Promise<Volume> {
  return isFolder(path) || isDicomFile(path) ? readSeries(path) : readVolume(path);
}
