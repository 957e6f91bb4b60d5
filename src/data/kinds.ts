/**
 * What a dataset consists of: images or volumes. DICOM files are either: single images, or the slices of a series.
 * Names decide, except for DICOM files without an extension, whose first bytes are looked at.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { isDicom } from '../image/formats/dicom/index.js';
import { isDicomName, mayBeDicomName } from './file-names.js';

export { IMAGE_EXTENSIONS, isImageName, isVolumeName, stemOf, VOLUME_EXTENSIONS } from './file-names.js';
export { type DataKind, dataKinds } from './options.js';

/** Whether a file is DICOM: by its extension, or by its first bytes where it has none or a number. */
export function isDicomFile(path: string): boolean {
  const name = basename(path);
  return isDicomName(name) || (mayBeDicomName(name) && startsAsDicom(path));
}

/** Whether the first bytes of a file are those of DICOM; false where it cannot be read. */
export function startsAsDicom(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const head = new Uint8Array(256);
    return isDicom(head.subarray(0, readSync(file, head)));
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
