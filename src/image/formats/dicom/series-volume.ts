/**
 * A series as a volume. Slices are decoded one after the other, straight into the volume's buffer: memory stays near
 * that of the volume. Values stay as they are stored where all slices share one scale; otherwise (PET) they become real
 * values of 32-bit floating point.
 */
import { InputError } from '../../../core/errors.js';
import { groupBy } from '../../../core/group-by.js';
import type { StoredArray, Volume } from '../../volume.js';
import type { ForeignDecoders } from './foreign.js';
import { fileFits, frameDecoder } from './frame.js';
import { type DicomFile, guarded, parseDicom } from './parse.js';
import { inexactPadding, paddingOf, type Rescale } from './rescale.js';
import type { DicomFiles, DicomSeries } from './series.js';
import type { Slice } from './slices.js';
import { VolumeWriter } from './volume-writer.js';

export interface DicomSeriesOptions {
  /** 'lowest': padding that is not dark already takes the lowest value of the others; 'keep': it stays. */
  readonly padding?: 'lowest' | 'keep';
}

/**
 * @param files where the series lies
 * @param source named in errors
 * @throws InputError ('image') when no volume can be made of it, TruncatedImageError when a file is cut short
 */
export async function volumeOfSeries(
  series: DicomSeries,
  files: DicomFiles,
  source = series.slices[0]?.file.path ?? 'series',
  { padding = 'lowest' }: DicomSeriesOptions = {},
): Promise<Volume> {
  if (series.problem || !series.stack) {
    throw new InputError(
      'image',
      `${source}: expected slices that make a volume, found a series that makes none: ${series.problem ?? 'its slices have no place'}`,
      'Leave this series out, or read single frames with readDicomImage.',
    );
  }
  checkSizes(series, source);
  const { slices, affine } = series.stack;
  const scale = commonScale(slices);
  const data = allocate(series, scale !== undefined);
  const writer = new VolumeWriter(data, series.shape[1] * series.shape[2], scale === undefined);
  await decodeAll(slices, files, writer);
  if (padding === 'lowest') writer.settlePadding((scale?.slope ?? 1) < 0);
  const { file } = slices[0]!;
  const hounsfield = slices.every((slice) => slice.file.hounsfield);
  const notes = [
    ...(file.modalityTable ? ['the modality table (0028,3000) is not applied'] : []),
    ...(file.modality === 'CT' && !hounsfield ? ['a CT whose rescale does not give Hounsfield units'] : []),
  ];
  return {
    shape: series.shape,
    data,
    slope: scale?.slope ?? 1,
    intercept: scale?.intercept ?? 0,
    affine,
    modality: hounsfield ? 'CT' : 'other',
    source,
    warnings: [...series.warnings, ...notes, ...writer.warnings()],
  };
}

/** Every file must be able to hold its slices before the volume is allocated. */
function checkSizes(series: DicomSeries, source: string): void {
  const found = series.slices.find(({ file }) => !fileFits(file.format, file.size));
  if (!found) return;
  const { rows, columns } = found.file.format;
  throw new InputError(
    'image',
    `${source}: expected ${columns} × ${rows} pixels, found ${found.file.size} bytes in ${found.file.path}`,
    'The file is cut short or damaged: copy or export it again.',
  );
}

/** The scale that all slices share, with one type of stored values. */
function commonScale(slices: readonly Slice[]): Rescale | undefined {
  const { file, rescale } = slices[0]!;
  const { allocated, signed, float } = file.format;
  const same = slices.every(
    (slice) =>
      slice.rescale.slope === rescale.slope &&
      slice.rescale.intercept === rescale.intercept &&
      slice.file.format.allocated === allocated &&
      slice.file.format.signed === signed &&
      slice.file.format.float === float,
  );
  return same ? rescale : undefined;
}

function allocate({ shape, slices }: DicomSeries, stored: boolean): StoredArray {
  const size = shape[0] * shape[1] * shape[2];
  const { allocated, signed, float } = slices[0]!.file.format;
  if (!stored) return new Float32Array(size);
  if (float) return allocated === 32 ? new Float32Array(size) : new Float64Array(size);
  if (allocated <= 8) return signed ? new Int8Array(size) : new Uint8Array(size);
  if (allocated === 16) return signed ? new Int16Array(size) : new Uint16Array(size);
  return signed ? new Int32Array(size) : new Uint32Array(size);
}

async function decodeAll(slices: readonly Slice[], files: DicomFiles, writer: VolumeWriter): Promise<void> {
  const places = slices.map((slice, z) => ({ slice, z }));
  for (const [path, members] of groupBy(places, ({ slice }) => slice.file.path)) {
    const bytes = await files.whole(path);
    await guarded(path, () => decodeFile(parseDicom(bytes, path), members, files.foreign, writer));
  }
}

async function decodeFile(
  file: DicomFile,
  members: readonly { readonly slice: Slice; readonly z: number }[],
  foreign: ForeignDecoders,
  writer: VolumeWriter,
): Promise<void> {
  const decode = frameDecoder(file, foreign);
  for (const { slice, z } of members) {
    const { format, path } = slice.file;
    const frame = await decode(slice.frame);
    if (frame.values.length !== format.rows * format.columns) {
      throw new InputError(
        'image',
        `${path}: expected ${format.columns} × ${format.rows} pixels, found ${frame.values.length} values`,
        'The file has changed since it was listed: list the folder again.',
      );
    }
    writer.write(z, frame, slice, paddingOf(file, format), inexactPadding(file));
  }
}
