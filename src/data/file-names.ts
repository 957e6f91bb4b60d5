/** What the names of files say: the extensions of images and volumes, and the name without them. */
import { lastName } from '../core/names.js';

/** Extensions of images, in lower case. A manifest may name any file. */
export const IMAGE_EXTENSIONS = ['.png', '.jpg', '.jpeg', '.tif', '.tiff', '.webp'] as const;

/**
 * Extensions of volumes, in lower case. Voxel files that belong to a header (`.raw`, `.img`) are not taken by
 * themselves.
 */
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

/** A DICOM file by its extension; those without any are known by their content. */
export function isDicomName(name: string): boolean {
  return endsWith(name, DICOM_EXTENSIONS);
}

/** Whether a file may be DICOM by its name: one without an extension, or with a number, is known by its content. */
export function mayBeDicomName(name: string): boolean {
  return isDicomName(name) || /^[^.]+$|\.\d+$/.test(lastName(name));
}

export function isVolumeName(name: string): boolean {
  return endsWith(name, VOLUME_EXTENSIONS);
}

/** A name without folder and extension: `case_01` for `images/case_01.nii.gz`. */
export function stemOf(path: string): string {
  const name = lastName(path);
  const known = [...VOLUME_EXTENSIONS, ...IMAGE_EXTENSIONS, ...DICOM_EXTENSIONS].filter((end) => endsWith(name, [end]));
  const longest = Math.max(0, ...known.map((end) => end.length));
  // What stands behind the last dot of a DICOM file without an extension is a part of its name: IM.0001,
  // 1.2.840.113619.2.
  return longest ? name.slice(0, -longest) : name.replace(/(?<=.)\.(?!\d+$)[^.]*$/, '');
}

export function endsWith(name: string, ends: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return ends.some((end) => lower.endsWith(end));
}
