/**
 * What a dataset consists of: images or volumes. DICOM files are either: single images, or the slices of a series. Names
 * decide, except for DICOM files without an extension, whose first bytes are looked at.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { isDicom } from '../image/formats/dicom/index.js';

export const dataKinds = ['images', 'volumes'] as const;
export type DataKind = (typeof dataKinds)[number];

/** Extensions of images, in lower case. A manifest may name any file. */
export const IMAGE_EXTENSIONS = ['.png', '.jpg', '.jpeg', '.tif', '.tiff', '.webp'] as const;

/** Extensions of volumes, in lower case. Voxel files that belong to a header (`.raw`, `.img`) are not taken by themselves. */
export const VOLUME_EXTENSIONS = [
  '.nii',
  '.nii.gz',
  '.hdr',
  '.hdr.gz',
  '.nrrd',
  '.nhdr',
  '.mha',
  '.mhd',
  '.mgh',
  '.mgz',
] as const;

/** Extensions of DICOM files, in lower case; files without any are known by their content. */
export const DICOM_EXTENSIONS = ['.dcm', '.dicom', '.ima'] as const;

export function isImageName(name: string): boolean {
  return endsWith(name, IMAGE_EXTENSIONS);
}

export function isVolumeName(name: string): boolean {
  return endsWith(name, VOLUME_EXTENSIONS);
}

/** Whether a file is DICOM: by its extension, or by its first bytes where it has none or a number. */
export function isDicomFile(path: string): boolean {
  const name = basename(path);
  return endsWith(name, DICOM_EXTENSIONS) || (/^[^.]+$|\.\d+$/.test(name) && startsAsDicom(path));
}

/** What a path of a dataset is: a folder (of a DICOM series) and a file with the name of a volume are volumes. */
export function kindOfFile(path: string): DataKind {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  return folder || isVolumeName(path) ? 'volumes' : 'images';
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

/** A name without folder and extension: `case_01` for `images/case_01.nii.gz`. */
export function stemOf(path: string): string {
  const name = basename(path);
  const known = [...VOLUME_EXTENSIONS, ...IMAGE_EXTENSIONS, ...DICOM_EXTENSIONS].filter((end) => endsWith(name, [end]));
  const longest = Math.max(0, ...known.map((end) => end.length));
  // What stands behind the last dot of a DICOM file without an extension is a part of its name: IM.0001, 1.2.840.113619.2.
  return longest ? name.slice(0, -longest) : name.replace(/(?<=.)\.(?!\d+$)[^.]*$/, '');
}

function endsWith(name: string, ends: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return ends.some((end) => lower.endsWith(end));
}
