/**
 * Decoding one frame: find its coded bytes, unpack them with the decoder that the transfer syntax asks for, and interpret
 * the result. Every decoder's output is counted against rows × columns × samples × bits, and what a coded stream states
 * of itself is compared with the header before it is decoded: nothing is filled up, and no header alone can make a large
 * allocation.
 */
import { inflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { InputError } from '../../core/errors.js';
import { type CodecName, runCodec } from './codecs.js';
import { formatOf, type PixelFormat } from './format.js';
import { encapsulatedFrames, type FrameBytes } from './fragments.js';
import { decodeExtended } from './jpeg/extended.js';
import { OutOfBits } from './jpeg/huffman.js';
import { decodeLossless } from './jpeg/lossless.js';
import { hasLsEnd } from './jpeg/ls-end.js';
import { type JpegHead, readHead } from './jpeg/segments.js';
import { readCodestream } from './jpeg-2000.js';
import { type DicomFile, pixelElement } from './parse.js';
import { cutShort, refuse } from './refuse.js';
import { decodeRle } from './rle.js';
import { interleaved, type Samples, toSamples } from './samples.js';

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

/** Unpacked bytes of a frame, and whether its colours are YCbCr still. */
interface Unpacked {
  readonly bytes: Uint8Array;
  readonly ybr: boolean;
  readonly planar: boolean;
  readonly firstBit?: number;
}

/**
 * Prepares the decoding of a file's frames.
 * @throws InputError ('image') when the file has no pixels, or they are larger than the file can hold
 * @throws TruncatedImageError when the file ends before its pixels
 */
export function frameDecoder(file: DicomFile, pixelLimit = PIXEL_LIMIT): FrameDecoder {
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
  const unpack = coding === 'native' ? nativeFrames(file, format) : codedFrames(file, format);
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
  const start = element.dataOffset;
  return (frame) => {
    const from = Math.floor((bits * frame) / 8);
    const to = Math.ceil((bits * (frame + 1)) / 8);
    const part = bytes.subarray(start + from, start + to);
    const ybr = photometric.startsWith('YBR');
    if (subsampled) return { bytes: full422(part, format, source), ybr, planar: false };
    return { bytes: part, ybr, planar, firstBit: (bits * frame) % 8 };
  };
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

function codedFrames(file: DicomFile, format: PixelFormat): Unpack {
  const { source } = file;
  const bytesOf: FrameBytes = encapsulatedFrames(file, format);
  const ybr = format.photometric === 'YBR_FULL' || format.photometric === 'YBR_FULL_422';
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
    const unpacked = await unpackFrame(coded, format, source, ybr);
    if (unpacked.bytes.length < size || (format.coding !== 'encapsulated' && unpacked.bytes.length > size + 1)) {
      throw cutShort(source, `${size} bytes of pixels`, `${unpacked.bytes.length}`);
    }
    return unpacked;
  };
}

/** Bytes of one unpacked frame. */
function frameSize({ rows, columns, samples, allocated }: PixelFormat): number {
  return Math.ceil((rows * columns * samples * allocated) / 8);
}

async function unpackFrame(coded: Uint8Array, format: PixelFormat, source: string, ybr: boolean): Promise<Unpacked> {
  const { rows, columns, samples, allocated, planar } = format;
  switch (format.coding) {
    case 'native':
    case 'encapsulated':
      return { bytes: coded, ybr, planar };
    case 'deflated-frame':
      return { bytes: inflateFrame(coded, frameSize(format), source), ybr, planar };
    case 'rle': {
      const pixels = allocated === 1 ? Math.ceil((rows * columns) / 8) : rows * columns;
      return { bytes: decodeRle(coded, pixels, samples, Math.max(1, allocated / 8), source), ybr, planar: false };
    }
    case 'jpeg-dct': {
      const head = checkedHead(coded, format, source, [0xc0, 0xc1]);
      if (head.precision === 8)
        return { bytes: await decodeBaseline(coded, head, format, source), ybr: false, planar: false };
      return { bytes: ownDecoder(decodeExtended, coded, head, format, source), ybr, planar: false };
    }
    case 'jpeg-lossless': {
      const head = checkedHead(coded, format, source, [0xc3]);
      return { bytes: ownDecoder(decodeLossless, coded, head, format, source), ybr, planar: false };
    }
    case 'jpeg-ls': {
      const head = checkedHead(coded, format, source, [0xf7]);
      if (!hasLsEnd(coded, head.dataStart)) {
        throw cutShort(source, 'a complete JPEG-LS frame', 'a stream without its end mark');
      }
      return { ...(await wasm('charls', coded, format, source)), ybr };
    }
    case 'jpeg-2000':
    case 'htj2k': {
      const stream = readCodestream(coded);
      if ('wrong' in stream) {
        if (stream.cut) throw cutShort(source, 'a complete JPEG 2000 codestream', stream.wrong);
        throw refuse(source, 'a JPEG 2000 codestream', stream.wrong, 'Export the file again.');
      }
      checkExtent(stream.height, stream.width, stream.components, stream.precision, format, source);
      const name = format.coding === 'htj2k' ? 'openjph' : 'openjpeg';
      const decoded = await wasm(name, stream.bytes, format, source);
      return { ...decoded, ybr: ybr && !stream.colourTransform };
    }
  }
}

function inflateFrame(coded: Uint8Array, size: number, source: string): Uint8Array {
  try {
    return inflateRawSync(coded, { maxOutputLength: size + 1 });
  } catch (cause) {
    throw refuse(source, `${size} deflated bytes`, (cause as Error).message, 'Export the file again.', cause);
  }
}

/** The head of a JPEG stream, with the process and the extent that the header asks for. */
function checkedHead(coded: Uint8Array, format: PixelFormat, source: string, processes: readonly number[]): JpegHead {
  const head = readHead(coded);
  if (typeof head === 'string') throw refuse(source, 'a JPEG stream', head, 'Export the file again.');
  if (!processes.includes(head.process)) {
    throw refuse(
      source,
      `the JPEG process of its transfer syntax (${processes.map((process) => `SOF${process & 15}`).join(', ')})`,
      `SOF${head.process & 15}`,
      'Convert the file to explicit little endian.',
    );
  }
  checkExtent(head.rows, head.columns, head.components.length, head.precision, format, source);
  return head;
}

function checkExtent(
  rows: number,
  columns: number,
  components: number,
  precision: number,
  format: PixelFormat,
  source: string,
): void {
  const fits = rows === format.rows && columns === format.columns && components === format.samples;
  if (!fits || precision > format.allocated) {
    throw refuse(
      source,
      `a coded frame of ${format.columns} × ${format.rows} pixels, ${format.samples} samples, at most ${format.allocated} bits`,
      `${columns} × ${rows} pixels, ${components} samples, ${precision} bits`,
      'The header does not fit the pixels: export the file again.',
    );
  }
}

/** 8-bit JPEG through libjpeg, to gray or RGB. A stream that does not say what its colours are is told by the header. */
async function decodeBaseline(
  coded: Uint8Array,
  head: JpegHead,
  { samples, photometric, allocated }: PixelFormat,
  source: string,
): Promise<Uint8Array> {
  // Adobe's segment with transform 0: the components are RGB.
  const adobe = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
  const named = head.marked || samples === 1 || photometric !== 'RGB';
  const stream = named ? coded : Buffer.concat([coded.subarray(0, 2), Uint8Array.from(adobe), coded.subarray(2)]);
  try {
    const { data, info } = await sharp(stream, { failOn: 'warning', limitInputPixels: false, ignoreIcc: true })
      .toColourspace(samples === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== samples) throw new Error(`${info.channels} channels`);
    return widened(data, allocated);
  } catch (cause) {
    const words = (cause as Error).message.split('\n')[0]!.trim();
    throw cutShort(source, 'a complete JPEG frame', `a damaged one (${words})`, cause);
  }
}

type OwnDecoder = (bytes: Uint8Array, head: JpegHead) => Uint16Array | string;

function ownDecoder(
  decode: OwnDecoder,
  coded: Uint8Array,
  head: JpegHead,
  format: PixelFormat,
  source: string,
): Uint8Array {
  try {
    const samples = decode(coded, head);
    if (typeof samples === 'string') {
      throw refuse(source, 'a JPEG stream that is supported', samples, 'Convert the file to explicit little endian.');
    }
    return widened(samples, format.allocated);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    if (cause instanceof OutOfBits) throw cutShort(source, 'a complete JPEG frame', 'a scan that ends early', cause);
    throw cause;
  }
}

async function wasm(name: CodecName, coded: Uint8Array, format: PixelFormat, source: string) {
  let decoded: Awaited<ReturnType<typeof runCodec>>;
  try {
    decoded = await runCodec(name, coded);
  } catch (cause) {
    throw cutShort(source, 'a complete compressed frame', `a damaged one (${(cause as Error).message})`, cause);
  }
  const { width, height, components, precision, planar } = decoded;
  checkExtent(height, width, components, precision, format, source);
  const wide = precision > 8;
  const { bytes } = decoded;
  if (bytes.length !== width * height * components * (wide ? 2 : 1)) {
    throw cutShort(source, `${width * height * components} values`, `${bytes.length} bytes`);
  }
  const values = wide ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : bytes;
  return { bytes: widened(planar ? interleaved(values, components) : values, format.allocated), planar: false };
}

/** Values as little-endian bytes of the allocated width. */
function widened(values: Uint8Array | Uint16Array, allocated: number): Uint8Array {
  if (values.BYTES_PER_ELEMENT * 8 === allocated) {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  const wide =
    allocated === 8 ? Uint8Array.from(values) : allocated === 16 ? Uint16Array.from(values) : Uint32Array.from(values);
  return new Uint8Array(wide.buffer);
}
