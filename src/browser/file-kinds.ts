/** Which files of a page's dataset are images: DICOM files are known by their extension here. */
import { isDicomName, isImageName, isVolumeName } from '../data/file-names.js';

export function isPageImage(name: string): boolean {
  return isImageName(name) || isDicomName(name);
}

export function isPageFile(name: string): boolean {
  return isPageImage(name) || isVolumeName(name);
}

/** Whether a file or a folder of a page's images is a volume: a folder is a DICOM series. */
export function isPageVolume(path: string): boolean {
  return !isPageImage(path);
}

/** The volumes among the names of files: files of volumes, and folders that hold DICOM files. */
export function volumesAmong(names: readonly string[]): string[] {
  const series = names.filter(isDicomName).map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  return [...new Set([...names.filter(isVolumeName), ...series])].sort();
}
