/**
 * Unpacking one coded frame with the decoder that its transfer syntax asks for. What a stream states of itself is
 * compared with the header before it is decoded, and streams that are cut short are found by their structure where
 * their decoder would fill them up or run on.
 */
import { joined } from '../../../core/bytes.js';
import { InputError } from '../../../core/errors.js';
import { inflateRaw } from '../../inflate-raw.js';
import type { CodecName, Decoded, ForeignDecoders } from './foreign.js';
import type { PixelFormat } from './format.js';
import { decodeExtended } from './jpeg/extended.js';
import { OutOfBits } from './jpeg/huffman.js';
import { decodeLossless } from './jpeg/lossless.js';
import { hasLsEnd } from './jpeg/ls-end.js';
import { type JpegHead, readHead } from './jpeg/segments.js';
import { readCodestream } from './jpeg-2000.js';
import { cutShort, refuse } from './refuse.js';
import { decodeRle } from './rle.js';
import { interleaved } from './samples.js';

/** Unpacked bytes of a frame: little endian, of the allocated width. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  /** Three samples are YCbCr that has still to become RGB. */
  readonly ybr: boolean;
  /** Colour by plane. */
  readonly planar: boolean;
  /** Where the frame begins in its first byte, for one bit per pixel. */
  readonly firstBit?: number;
}

/** Bytes of one unpacked frame. */
export function frameSize({ rows, columns, samples, allocated }: PixelFormat): number {
  return Math.ceil((rows * columns * samples * allocated) / 8);
}

/**
 * Unpacks the coded bytes of one frame.
 * @throws InputError ('image') when the code does not fit the header or is of a kind that is not supported
 * @throws TruncatedImageError when the code is cut short or damaged
 */
export async function unpackFrame(
  coded: Uint8Array,
  format: PixelFormat,
  source: string,
  foreign: ForeignDecoders,
): Promise<Unpacked> {
  const { rows, columns, samples, allocated, planar, photometric } = format;
  const ybr = photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422';
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
        return { bytes: await decodeBaseline(coded, head, format, source, foreign), ybr: false, planar: false };
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
      return { ...(await wasm('charls', coded, format, source, foreign)), ybr };
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
      const decoded = await wasm(name, stream.bytes, format, source, foreign);
      return { ...decoded, ybr: ybr && !stream.colourTransform };
    }
  }
}

function inflateFrame(coded: Uint8Array, size: number, source: string): Uint8Array {
  try {
    return inflateRaw(coded, size + 1);
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

/**
 * 8-bit JPEG to gray or RGB. A stream that does not say what its colours are is told by the header.
 */
async function decodeBaseline(
  coded: Uint8Array,
  head: JpegHead,
  { samples, photometric, allocated }: PixelFormat,
  source: string,
  foreign: ForeignDecoders,
): Promise<Uint8Array> {
  // Adobe's segment with transform 0: the components are RGB.
  const adobe = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
  const named = head.marked || samples === 1 || photometric !== 'RGB';
  const stream = named ? coded : joined([coded.subarray(0, 2), Uint8Array.from(adobe), coded.subarray(2)]);
  try {
    return widened(await foreign.baseline(stream, samples), allocated);
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

async function wasm(name: CodecName, coded: Uint8Array, format: PixelFormat, source: string, foreign: ForeignDecoders) {
  let decoded: Decoded;
  try {
    decoded = await foreign.codec(name, coded);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw cutShort(source, 'a complete compressed frame', `a damaged one (${(cause as Error).message})`, cause);
  }
  const { width, height, components, precision, signed, planar } = decoded;
  checkExtent(height, width, components, precision, format, source);
  if (precision > 16)
    throw refuse(source, 'at most 16 bits in compressed pixels', `${precision}`, 'Export the file uncompressed.');
  const wide = precision > 8;
  const { bytes } = decoded;
  if (bytes.length !== width * height * components * (wide ? 2 : 1)) {
    throw cutShort(source, `${width * height * components} values`, `${bytes.length} bytes`);
  }
  const { buffer, byteOffset } = bytes;
  const count = width * height * components;
  const narrow = signed ? new Int8Array(buffer, byteOffset, count) : bytes;
  const values = !wide
    ? narrow
    : signed
      ? new Int16Array(buffer, byteOffset, count)
      : new Uint16Array(buffer, byteOffset, count);
  return { bytes: widened(planar ? interleaved(values, components) : values, format.allocated), planar: false };
}

/** Values as little-endian bytes of the allocated width. */
function widened(values: Uint8Array | Int8Array | Uint16Array | Int16Array, allocated: number): Uint8Array {
  if (values.BYTES_PER_ELEMENT * 8 === allocated) {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  const wide =
    allocated === 8 ? Uint8Array.from(values) : allocated === 16 ? Uint16Array.from(values) : Uint32Array.from(values);
  return new Uint8Array(wide.buffer);
}
