/** What files that are added to the page are: images, volumes of one file, and DICOM series. */

import { pageDecoders } from '../../../../browser/dicom-decoders';
import { isPageImage } from '../../../../browser/file-kinds';
import { type FileContent, readImage, readVolume } from '../../../../browser/read-data';
import { compareNames, lastName } from '../../../../core/names';
import { isDicomName, isVolumeName, stemOf } from '../../../../data/file-names';
import { volumeInput } from '../../../../data/input';
import { makesVolume } from '../../../../data/one-series';
import { isDicom } from '../../../../image/formats/dicom/parse';
import { type DicomSeries, seriesAmong } from '../../../../image/formats/dicom/series';
import { asPng } from '../as-png';
import type { AddedFile } from '../place';
import { checkedName } from './opfs';

/** Slices of one volume that are taken at most, evenly spread. */
const MOST_SLICES = 64;
/** Bytes by which DICOM is known. */
const MARK = 256;

/** What becomes one image or volume, or several slices. */
export interface Arrival {
  /** For messages. */
  readonly name: string;
  readonly files: readonly AddedFile[];
  /** Of a series the name of its folder; null for a single file. */
  readonly series: string | null;
}

/** @returns what was found, and a sentence for each DICOM file that is no image */
export async function arrivals(added: readonly AddedFile[]): Promise<{ found: Arrival[]; notes: string[] }> {
  const dicom = new Map<string, AddedFile>();
  const found: Arrival[] = [];
  const single = (file: AddedFile) => found.push({ name: file.name, files: [file], series: null });
  for (const file of added) {
    if (isDicom(await bytesOf(file.content.slice(0, MARK))) && !dicom.has(file.name)) dicom.set(file.name, file);
    else single(file);
  }
  const contentOf = (path: string) => dicom.get(path)!.content;
  const { series, skipped } = await seriesAmong([...dicom.keys()].sort(compareNames), {
    async head(path, count) {
      const content = contentOf(path);
      return { bytes: await bytesOf(content.slice(0, count)), size: content.size };
    },
    whole: (path) => bytesOf(contentOf(path)),
    foreign: pageDecoders,
  });
  const names = new Set<string>();
  const whole = series.filter((one) => makesVolume(one) && one.slices.length > 1);
  const folders = whole.map((one) => folderOf(pathsOf(one)));
  for (const one of series) {
    const files = pathsOf(one).map((path) => dicom.get(path)!);
    const index = whole.indexOf(one);
    if (index < 0) {
      for (const file of files) single(file);
      continue;
    }
    const own = folders[index]!;
    const alone = folders.indexOf(own) === folders.lastIndexOf(own);
    const name = seriesName(one, alone ? own : '', names);
    names.add(name);
    found.push({ name, files, series: name });
  }
  return { found, notes: skipped.map(({ path, reason }) => `${path}: ${reason}`) };
}

function pathsOf({ slices }: DicomSeries): string[] {
  return [...new Set(slices.map(({ file }) => file.path))].sort(compareNames);
}

/** The folder that all files lie in; empty where there is none. */
function folderOf(paths: readonly string[]): string {
  const folders = new Set(paths.map((path) => path.split('/').slice(0, -1).join('/')));
  return folders.size === 1 ? [...folders][0]! : '';
}

/** That of its folder, else what the series says of itself. @param others names that are taken */
function seriesName({ description, modality }: DicomSeries, folder: string, others: ReadonlySet<string>): string {
  const plain = safeName(lastName(folder) || description || modality || 'series').slice(0, 60) || 'series';
  // With the ending of a file it would be taken for one.
  const base = isPageImage(plain) || isVolumeName(plain) ? `${plain} series` : plain;
  let name = base;
  for (let count = 2; others.has(name); count++) name = `${base} ${count}`;
  return checkedName(name, 'series');
}

/**
 * The files that are kept of an arrival, below the folder of the images, and the sentence that is said of it.
 * @throws InputError where it cannot be read
 */
export async function keptFiles(
  { name, files, series }: Arrival,
  slices: boolean,
): Promise<{ files: { readonly path: string; readonly bytes: Uint8Array }[]; note: string }> {
  if (series !== null) {
    const all = new Map<string, Uint8Array>();
    const digits = String(files.length).length;
    for (const [index, { content }] of files.entries()) {
      all.set(`${series}/${String(index + 1).padStart(digits, '0')}.dcm`, await bytesOf(content));
    }
    if (slices) return slicesOf(all, series);
    await readVolume(all, series);
    return { files: [...all].map(([path, bytes]) => ({ path, bytes })), note: '' };
  }
  const bytes = await bytesOf(files[0]!.content);
  const plain = lastName(name);
  if (!isVolumeName(plain)) {
    await readImage(bytes, plain);
    const safe = safeName(plain);
    const ending = isDicom(bytes) ? (isDicomName(safe) ? '' : '.dcm') : isPageImage(safe) ? '' : '.png';
    return { files: [{ path: checkedName(safe + ending, 'file'), bytes }], note: '' };
  }
  if (slices) return slicesOf(bytes, plain);
  await readVolume(bytes, plain);
  return { files: [{ path: checkedName(safeName(plain), 'file'), bytes }], note: '' };
}

/** The axial slices of a volume as radiologists look at them, through the window of its modality: PNG of 16 bits. */
async function slicesOf(content: FileContent, name: string) {
  const { image } = volumeInput(await readVolume(content, name), { spacing: null, intensity: 'auto' });
  const [, depth, height, width] = image.shape as [number, number, number, number];
  const count = Math.min(depth, MOST_SLICES);
  const pixels = height * width;
  const files: { path: string; bytes: Uint8Array }[] = [];
  for (let index = 0; index < count; index++) {
    const z = count === 1 ? 0 : Math.round((index * (depth - 1)) / (count - 1));
    const slice = image.data.subarray(z * pixels, (z + 1) * pixels);
    if (slice.every((value) => value === slice[0])) continue;
    // From back to front, and from left to right, become from the front and from the patient's right.
    const values = slice.toReversed();
    const number = String(z).padStart(String(depth).length, '0');
    const bytes = await asPng({ shape: [height, width], spacing: [1, 1], channels: 1, range: [0, 1], values });
    files.push({ path: checkedName(`${safeName(stemOf(name))}-z${number}.png`, 'file'), bytes });
  }
  return { files, note: `${name}: ${files.length} of ${depth} axial slices were taken as images` };
}

function safeName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')
    .replaceAll('..', '_')
    .replace(/^[^\p{L}\p{N}]+/u, '');
}

async function bytesOf(content: Blob): Promise<Uint8Array> {
  return new Uint8Array(await content.arrayBuffer());
}
