/**
 * DICOM series within a list of volumes. A folder that holds one series stands for it; where it holds several, each is
 * named by its first file, so that a path is enough to find it again.
 */
import { dirname } from 'node:path';
import { listDicomSeries, readDicomSeries } from '../image/formats/dicom/index.js';
import type { Volume } from '../image/index.js';
import { makesVolume, oneSeries } from './one-series.js';
import { isFolder } from './stats.js';

/**
 * The list with every DICOM folder replaced by its series: the folder itself where it has one, or none that makes a
 * volume. Slices that lie in one folder only are a series; series without a volume (localisers in colour, reports) are
 * passed over where another one makes one.
 */
export async function splitSeries(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(paths.map((path) => (isFolder(path) ? seriesIn(path) : [path])));
  return lists.flat();
}

async function seriesIn(folder: string): Promise<string[]> {
  const { series } = await listDicomSeries(folder, { nested: false });
  const good = series.filter(makesVolume);
  if (series.length < 2 || good.length === 0) return [folder];
  return [...new Set(good.map(({ slices }) => slices[0]!.file.path))].sort();
}

/**
 * Reads a series that `splitSeries` named.
 * @throws InputError ('image') where no volume can be made of it, or a folder holds several that make one
 */
export async function readSeries(path: string): Promise<Volume> {
  const file = !isFolder(path);
  const found = oneSeries(path, await listDicomSeries(file ? dirname(path) : path, { nested: false }), file);
  return { ...(await readDicomSeries(found)), source: path };
}
