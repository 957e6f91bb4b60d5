/** Which series of a folder is meant, where it stands for a volume. */
import { InputError } from '../core/errors.js';
import type { DicomFolder, DicomSeries } from '../image/formats/dicom/series.js';

/** A series of which a volume can be made. */
export function makesVolume({ problem, stack }: DicomSeries): boolean {
  return !problem && stack !== undefined;
}

/**
 * The series of a folder, or the one that a file of it belongs to: one that makes a volume before others.
 * @param path of the folder or the file
 * @param file whether it is that of a file
 * @throws InputError ('image') where there is none, or a folder holds several that make a volume
 */
export function oneSeries(path: string, { series, skipped }: DicomFolder, file: boolean): DicomSeries {
  const named = file ? series.filter(({ slices }) => slices.some((slice) => slice.file.path === path)) : series;
  const good = named.filter(makesVolume);
  if (good.length > 1 && !file) throw ambiguous(path, good);
  const found = good[0] ?? named[0];
  if (found) return found;
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
