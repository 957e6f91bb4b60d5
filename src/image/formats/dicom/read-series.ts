/** Reading a series as a volume, under Node. */
import { InputError } from '../../../core/errors.js';
import type { Volume } from '../../volume.js';
import { listDicomSeries, NodeDicomFiles } from './list-series.js';
import type { DicomSeries } from './series.js';
import { type DicomSeriesOptions, volumeOfSeries } from './series-volume.js';

/**
 * Reads a volume.
 * @param input a series of `listDicomSeries`, or the path of a folder or file that holds one series
 * @returns [z, y, x]; z along the normal of the slices; for a CT, `stored · slope + intercept` are Hounsfield units
 * @throws InputError ('image') when there is no series or more than one, or no volume can be made of it
 * @throws TruncatedImageError when a file is cut short
 * @example const volume = await readDicomSeries('study/thorax');
 */
export async function readDicomSeries(input: DicomSeries | string, options: DicomSeriesOptions = {}): Promise<Volume> {
  const files = new NodeDicomFiles();
  if (typeof input === 'string') return volumeOfSeries(await onlySeries(input), files, input, options);
  return volumeOfSeries(input, files, undefined, options);
}

async function onlySeries(path: string): Promise<DicomSeries> {
  const { series, skipped } = await listDicomSeries(path);
  if (series.length === 1) return series[0]!;
  const others = skipped.length ? ` (${skipped.length} other files; ${skipped[0]!.path}: ${skipped[0]!.reason})` : '';
  const names = series.map(
    ({ description, modality, shape }) => `${description || 'no description'} (${modality}, ${shape.join(' × ')})`,
  );
  throw new InputError(
    'image',
    `${path}: expected one DICOM series, found ${series.length === 0 ? `none${others}` : `${series.length}: ${names.slice(0, 8).join('; ')}`}`,
    series.length === 0 ? 'Check the path.' : 'Choose one of listDicomSeries.',
  );
}
