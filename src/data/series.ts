/**
 * DICOM series within a list of volumes. A folder that holds one series stands for it; where it holds several, each is named
 * by its first file, so that a path is enough to find it again.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../core/errors.js';
import { listDicomSeries, readDicomSeries } from '../image/formats/dicom/index.js';
import type { Volume } from '../image/index.js';

/**
 * The list with every DICOM folder replaced by its series: the folder itself where it has one, or none that makes a volume.
 * Slices that lie in one folder only are a series; series without a volume (localisers in colour, reports) are passed over
 * where another one makes one.
 */
export async function splitSeries(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(paths.map((path) => (isFolder(path) ? seriesIn(path) : [path])));
  return lists.flat();
}

async function seriesIn(folder: string): Promise<string[]> {
  const { series } = await listDicomSeries(folder, { nested: false });
  const good = series.filter(({ problem, stack }) => !problem && stack);
  if (series.length < 2 || good.length === 0) return [folder];
  return [...new Set(good.map(({ slices }) => slices[0]!.file.path))].sort();
}

/**
 * Reads a series that `splitSeries` named.
 * @throws InputError ('image') where no volume can be made of it
 */
export async function readSeries(path: string): Promise<Volume> {
  const folder = isFolder(path) ? path : dirname(path);
  const { series } = await listDicomSeries(folder, { nested: false });
  const named = isFolder(path) ? series : series.filter(({ slices }) => slices.some(({ file }) => file.path === path));
  const found = named.find(({ problem, stack }) => !problem && stack) ?? named[0];
  if (found) return { ...(await readDicomSeries(found)), source: path };
  throw new InputError(
    'image',
    `${path}: expected a DICOM series, found none`,
    'Leave the folder out, or export it again.',
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
