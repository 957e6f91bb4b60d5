/** Which files of a page's dataset are images: DICOM files are known by their extension here. */
import { isDicomName, isImageName, isVolumeName } from '../data/file-names.js';

export function isPageImage(name: string): boolean {
  return isImageName(name) || isDicomName(name);
}

export function isPageFile(name: string): boolean {
  return isPageImage(name) || isVolumeName(name);
}
