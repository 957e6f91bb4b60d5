/**
 * The file of a cache: records of numbers, one after the other, each at an offset, so that a whole record or a window
 * of a large one is read and nothing is decoded. `<key>.bin` holds the records, `<key>.json` what they are; the JSON is
 * written last, so that its presence says that the records are complete. Both carry checksums: whoever opens the cache
 * to train on it checks them, so that a damaged disk does not become a damaged image.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { InputError, invariant } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { readWindow } from './record-window.js';
import type { FileReport } from './report.js';
import type { FileWarnings } from './warnings.js';

/** A part of the key: raised whenever the same inputs give other records, or another description. */
export const VERSION = 5;

/** How a value of [0, 1] is kept. 16 bits hold it to 8e-6, less than the noise of a scanner. */
export type StoredAs = 'float32' | 'uint16';

const LARGEST = 65535;
const WIDTHS: Readonly<Record<StoredAs, number>> = { float32: 4, uint16: 2 };

/** What is known of cached images without their values. */
interface CacheFacts {
  /** The files behind the records, in order; bad files are not among them. */
  readonly files: readonly string[];
  /** The files that are not fit, with reasons. */
  readonly skipped: readonly FileReport[];
  /** What is to be told of files that are fit. */
  readonly warned: readonly FileWarnings[];
  /** A hash of each file's decoded content, in the order of `files`. */
  readonly contents: readonly string[];
  /** The spatial extents of each file before it was fitted, in the order of `files`. */
  readonly shapes: readonly (readonly number[])[];
  /** Edges of a voxel along [z, y, x] in mm before it was fitted; `null` for images. */
  readonly spacings: readonly (readonly number[] | null)[];
  /** Spatial extents of each record: `shape` or larger; of a stack with the number of its slices in front. */
  readonly records: readonly (readonly number[])[];
  readonly channels: 1 | 3;
  /** The extents [...S] that views are cut from. */
  readonly shape: readonly number[];
}

/** What `<key>.json` says. */
export interface CacheHeader extends CacheFacts {
  readonly version: number;
  readonly stored: StoredAs;
  /** SHA-256 of the records. */
  readonly checksum: string;
}

/** Images ready to be read by index, from 0 to `files.length` − 1. */
export interface ImageCache extends CacheFacts {
  /** The binary file; a worker opens the same one with `attachCache(path)`. */
  readonly path: string;
  /** The record at an index: [C, ...R] in [0, 1]. */
  read(index: number): Tensor;
  /** A part of the record: [C, ...size], from the place `start` on. */
  window(index: number, start: readonly number[], size: readonly number[]): Tensor;
  close(): void;
}

/** The path of the description beside the binary file. */
export function headerPath(path: string): string {
  return path.replace(/\.bin$/, '.json');
}

/** What is written to `<key>.json`: the description and its own checksum. */
export function encodeHeader(header: CacheHeader): string {
  const text = JSON.stringify(header);
  return JSON.stringify({ header: text, checksum: sha256(text) });
}

function decodeHeader(text: string): CacheHeader {
  const { header, checksum } = JSON.parse(text) as { header?: unknown; checksum?: unknown };
  if (typeof header !== 'string' || sha256(header) !== checksum) throw new Error('its description is damaged');
  return JSON.parse(header) as CacheHeader;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Bytes that are read at once for a checksum. */
const PIECE = 2 ** 22;

/**
 * Whether a cache is there, whole, and as it was written. All of it is read once.
 */
export function isIntact(path: string): boolean {
  let file: number | undefined;
  try {
    attachCache(path).close();
    const { checksum } = decodeHeader(readFileSync(headerPath(path), 'utf8'));
    file = openSync(path, 'r');
    const hash = createHash('sha256');
    const piece = new Uint8Array(PIECE);
    for (;;) {
      const count = readSync(file, piece);
      if (count === 0) break;
      hash.update(piece.subarray(0, count));
    }
    return hash.digest('hex') === checksum;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Values of [0, 1] as they are stored. */
export function encodeValues(values: Float32Array, stored: StoredAs): Uint8Array {
  const array = stored === 'float32' ? values : Uint16Array.from(values, (value) => Math.round(value * LARGEST));
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Opens a cache that exists, in any thread or process. The records are not checked: `isIntact` has done that before.
 * @throws InputError ('data') when it is missing, damaged or cut short
 */
export function attachCache(path: string): ImageCache {
  let file: number | undefined;
  try {
    const header = decodeHeader(readFileSync(headerPath(path), 'utf8'));
    if (header.version !== VERSION) throw new Error(`expected version ${VERSION}, found ${header.version}`);
    file = openSync(path, 'r');
    const values = header.records.reduce((sum, record) => sum + header.channels * sizeOf(record), 0);
    const expected = values * WIDTHS[header.stored];
    const found = fstatSync(file).size;
    if (found !== expected) throw new Error(`expected ${expected} bytes, found ${found}`);
    return opened(path, file, header);
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw new InputError(
      'data',
      `${path}: expected a cache of images, found none that can be read (${(cause as Error).message})`,
      'Remove the file and start again: the cache is built anew.',
      { cause },
    );
  }
}

function opened(path: string, file: number, header: CacheHeader): ImageCache {
  const { version: _, checksum: __, stored, ...facts } = header;
  const { records, channels } = facts;
  const offsets = [0];
  for (const record of records) offsets.push(offsets.at(-1)! + channels * sizeOf(record));
  /** `count` values from a place in the file on. */
  const values = (from: number, count: number): Float32Array => {
    const bytes = new Uint8Array(count * WIDTHS[stored]);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(file, bytes, done, bytes.length - done, from * WIDTHS[stored] + done);
      if (read === 0) {
        throw new InputError('data', `${path}: the cache ends inside of a record`, 'Remove the file and start again.');
      }
      done += read;
    }
    if (stored === 'float32') return new Float32Array(bytes.buffer);
    return Float32Array.from(new Uint16Array(bytes.buffer), (value) => value / LARGEST);
  };
  const check = (index: number) =>
    invariant(
      Number.isInteger(index) && index >= 0 && index < records.length,
      `no record ${index} among ${records.length}`,
    );
  return {
    ...facts,
    path,
    read(index) {
      check(index);
      const shape = [channels, ...records[index]!];
      return tensor(shape, values(offsets[index]!, sizeOf(shape)));
    },
    window(index, start, size) {
      check(index);
      const record = records[index]!;
      if (record.every((extent, axis) => extent === size[axis])) return this.read(index);
      return tensor([channels, ...size], readWindow(values, offsets[index]!, channels, { record, start, size }));
    },
    close: () => closeSync(file),
  };
}
