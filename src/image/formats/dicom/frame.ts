/**
 * Decoding the frames of a file: find the bytes of a frame, unpack them, interpret the result. What comes out is
 * counted against rows × columns × samples × bits, and what goes in must be able to hold it: nothing is filled up, and
 * no header alone can make a large allocation.
 */

import type { ForeignDecoders } from './foreign.js';
import { formatOf, type PixelFormat } from './format.js';
import { encapsulatedFrames } from './fragments.js';
import { type DicomFile, pixelElement } from './parse.js';
import { cutShort, refuse } from './refuse.js';
import { type Samples, toSamples } from './samples.js';
import { frameSize, type Unpacked, unpackFrame } from './unpack.js';

/** A decoded frame. */
export interface Frame extends Samples {
  /** Three samples are YCbCr that has still to become RGB. */
  readonly ybr: boolean;
}

/** Decodes the frames of one file, by index from 0. */
export type FrameDecoder = (frame: number) => Promise<Frame>;

/** The most pixels of a frame that is decoded. */
export const PIXEL_LIMIT = 2 ** 28;

/** A coded frame may unpack to this many times its size, a whole file to less, and both to this many bytes beyond. */
const RATIO = 4096;
const FILE_RATIO = 256;
const SLACK = 2 ** 24;

/** Whether a file of `size` bytes can hold all of its frames, before anything is decoded. */
export function fileFits(format: PixelFormat, size: number): boolean {
  const needed = frameSize(format) * format.frames;
  return format.coding === 'native' ? needed <= size : needed <= size * FILE_RATIO + SLACK;
}

/**
 * Prepares the decoding of a file's frames.
 * @throws InputError ('image') when the file has no pixels, or they are larger than the file can hold
 * @throws TruncatedImageError when the file ends before its pixels
 */
export function frameDecoder(file: DicomFile, foreign: ForeignDecoders, pixelLimit = PIXEL_LIMIT): FrameDecoder {
  const format = formatOf(file);
  const { rows, columns, frames, coding } = format;
  if (rows * columns > pixelLimit) {
    throw refuse(
      file.source,
      `at most ${pixelLimit} pixels`,
      `${columns} × ${rows} = ${rows * columns}`,
      'Cut the image into tiles or reduce its size.',
    );
  }
  const unpack = coding === 'native' ? nativeFrames(file, format) : codedFrames(file, format, foreign);
  return async (frame) => {
    if (!Number.isInteger(frame) || frame < 0 || frame >= frames) {
      throw refuse(file.source, `a frame from 0 to ${frames - 1}`, String(frame), 'Choose a frame that the file has.');
    }
    const { bytes, ybr, planar, firstBit = 0 } = await unpack(frame);
    const bigEndian = coding === 'native' && file.bigEndian;
    // A codec puts the highest bit of its precision where BitsStored ends.
    const highBit = /^j|^h/.test(coding) ? format.stored - 1 : format.highBit;
    return { ...toSamples(bytes, { ...format, planar, highBit }, bigEndian, firstBit), ybr };
  };
}

type Unpack = (frame: number) => Unpacked | Promise<Unpacked>;

/** Uncompressed frames lie one behind the other; those of one bit share bytes. */
function nativeFrames(file: DicomFile, format: PixelFormat): Unpack {
  const { bytes, source } = file;
  const { rows, columns, samples, allocated, frames, photometric, planar } = format;
  const element = pixelElement(file)!;
  const subsampled = photometric === 'YBR_FULL_422';
  const bits = rows * columns * (subsampled ? 2 : samples) * allocated;
  const expected = Math.ceil((bits * frames) / 8);
  const found = Math.min(element.hadUndefinedLength ? 0 : element.length, bytes.length - element.dataOffset);
  if (found < expected) throw cutShort(source, `${expected} bytes of pixels`, `${found}`);
  const region = bytes.subarray(element.dataOffset, element.dataOffset + expected + (expected % 2));
  // Big-endian words swap pairs of narrower pixels as well.
  const pixels = file.bigEndian && allocated <= 8 && element.vr === 'OW' ? swappedPairs(region) : region;
  return (frame) => {
    const from = Math.floor((bits * frame) / 8);
    const to = Math.ceil((bits * (frame + 1)) / 8);
    const part = pixels.subarray(from, to);
    const ybr = photometric.startsWith('YBR_FULL');
    if (subsampled) return { bytes: full422(part, format, source), ybr, planar: false };
    return { bytes: part, ybr, planar, firstBit: (bits * frame) % 8 };
  };
}

function swappedPairs(bytes: Uint8Array): Uint8Array {
  const last = bytes.length - 1;
  return Uint8Array.from(bytes, (byte, at) => bytes[Math.min(at ^ 1, last)] ?? byte);
}

/** Y Y Cb Cr for every two pixels of a row, to Y Cb Cr for each. */
function full422(part: Uint8Array, { columns, allocated, rows }: PixelFormat, source: string): Uint8Array {
  if (allocated !== 8 || columns % 2 !== 0) {
    throw refuse(
      source,
      'YBR_FULL_422 of 8 bits and even rows',
      `${allocated} bits, ${columns} columns`,
      'Convert the image to RGB.',
    );
  }
  const full = new Uint8Array(rows * columns * 3);
  for (let pair = 0; pair * 4 < part.length; pair++) {
    const [first, second, blue, red] = part.subarray(4 * pair, 4 * pair + 4);
    full.set([first!, blue!, red!, second!, blue!, red!], 6 * pair);
  }
  return full;
}

function codedFrames(file: DicomFile, format: PixelFormat, foreign: ForeignDecoders): Unpack {
  const { source } = file;
  const bytesOf = encapsulatedFrames(file, format);
  const size = frameSize(format);
  return async (frame) => {
    const coded = bytesOf(frame);
    if (size > coded.length * RATIO + SLACK) {
      throw refuse(
        source,
        `a frame of at most ${coded.length * RATIO + SLACK} bytes in ${coded.length} coded ones`,
        `${format.columns} × ${format.rows} pixels`,
        'The header does not fit the pixels: export the file again.',
      );
    }
    const unpacked = await unpackFrame(coded, format, source, foreign);
    if (unpacked.bytes.length < size || (format.coding !== 'encapsulated' && unpacked.bytes.length > size + 1)) {
      throw cutShort(source, `${size} bytes of pixels`, `${unpacked.bytes.length}`);
    }
    return unpacked;
  };
}
