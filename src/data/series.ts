/**
 * DICOM series within a list of volumes. A folder that holds one series stands for it; where it holds several, each is
 * named by its first file, so that a path is enough to find it again.
 */
import { dirname } from 'node:path';
import { InputError } from '../core/errors.js';
import { type DicomSeries, listDicomSeries, readDicomSeries } from '../image/formats/dicom/index.js';
import type { Volume } from '../image/index.js';
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
  const good = series.filter(({ problem, stack }) => !problem && stack);
  if (series.length < 2 || good.length === 0) return [folder];
  return [...new Set(good.map(({ slices }) => slices[0]!.file.path))].sort();
}

/**
 * Reads a series that `splitSeries` named.
 * @throws InputError ('image') where no volume can be made of it, or a folder holds several that make one
 */
export async function readSeries(path: string): Promise<Volume> {
  const folder = isFolder(path) ? path : dirname(path);
  const { series, skipped } = await listDicomSeries(folder, { nested: false });
  const named = isFolder(path) ? series : series.filter(({ slices }) => slices.some(({ file }) => file.path === path));
  const good = named.filter(({ problem, stack }) => !problem && stack);
  if (good.length > 1 && isFolder(path)) throw ambiguous(path, good);
  const found = good[0] ?? named[0];
  if (found) return { ...(await readDicomSeries(found)), source: path };
  throw new InputError(
    'image',
    `${path}: expected a DICOM series, found none${skipped[0] ? ` (${skipped[0].path}: ${skipped[0].reason})` : ''}`,
    'Leave the folder out, or export it again.',
  );
}

/** A folder stands for one series: which of several is meant would be a guess. */
function ambiguous(path: string, series: readonly DicomSeries[]): InputError {
  const names = series.map(
    ({ description, modality, shape, slices }) =>
      `${description || 'no description'} (${modality}, ${shape.join(' × ')}): ${slices[0]!.file.path}`,
  );
  return new InputError(
    'image',
    `${path}: expected one DICOM series, found ${series.length}\n  ${names.slice(0, 8).join('\n  ')}`,
    'Name the first file of the one that is meant, or put each series into a folder of its own.',
  );
}
