/**
 * A series as a volume. Slices are decoded one after the other, straight into the volume's buffer, from one buffer that
 * every file is read into: memory stays near that of the volume. Values stay as they are stored where all slices share
 * one scale; otherwise (PET) they become real values of 32-bit floating point.
 */
import { open } from 'node:fs/promises';
import { InputError } from '../../../core/errors.js';
import { groupBy } from '../../../core/group-by.js';
import type { StoredArray, Volume } from '../../volume.js';
import { fileFits, frameDecoder } from './frame.js';
import { nodeDecoders } from './node-decoders.js';
import { type DicomFile, guarded, parseDicom } from './parse.js';
import { inexactPadding, paddingOf, type Rescale } from './rescale.js';
import { type DicomSeries, listDicomSeries } from './series.js';
import type { Slice } from './slices.js';
import { VolumeWriter } from './volume-writer.js';

export interface DicomSeriesOptions {
  /** 'lowest': padding that is not dark already takes the lowest value of the others; 'keep': it stays. */
  readonly padding?: 'lowest' | 'keep';
}

/**
 * Reads a volume.
 * @param input a series of `listDicomSeries`, or the path of a folder or file that holds one series
 * @returns [z, y, x]; z along the normal of the slices; for a CT, `stored · slope + intercept` are Hounsfield units
 * @throws InputError ('image') when there is no series or more than one, or no volume can be made of it
 * @throws TruncatedImageError when a file is cut short
 * @example const volume = await readDicomSeries('study/thorax');
 */
export async function readDicomSeries(
  input: DicomSeries | string,
  { padding = 'lowest' }: DicomSeriesOptions = {},
): Promise<Volume> {
  const source = typeof input === 'string' ? input : (input.slices[0]?.file.path ?? 'series');
  const series = typeof input === 'string' ? await onlySeries(input) : input;
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
  await decodeAll(slices, writer);
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

async function decodeAll(slices: readonly Slice[], writer: VolumeWriter): Promise<void> {
  const places = slices.map((slice, z) => ({ slice, z }));
  const scratch = new Scratch();
  for (const [path, members] of groupBy(places, ({ slice }) => slice.file.path)) {
    const bytes = await scratch.read(path);
    await guarded(path, () => decodeFile(parseDicom(bytes, path), members, writer));
  }
}

async function decodeFile(
  file: DicomFile,
  members: readonly { readonly slice: Slice; readonly z: number }[],
  writer: VolumeWriter,
): Promise<void> {
  const decode = frameDecoder(file, nodeDecoders);
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

/** A buffer that files are read into, one after the other; it grows to the largest. */
class Scratch {
  private buffer = new Uint8Array(0);

  async read(path: string): Promise<Uint8Array> {
    const handle = await open(path).catch((cause: Error) => {
      throw new InputError('image', `${path}: expected a DICOM file, found ${cause.message}`, 'Check the path.', {
        cause,
      });
    });
    try {
      const { size } = await handle.stat();
      if (size > this.buffer.length) this.buffer = new Uint8Array(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await handle.read(this.buffer, filled, size - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return this.buffer.subarray(0, filled);
    } finally {
      await handle.close();
    }
  }
}
