/**
 * Encoding PNG without a native library: gray or RGB, of 8 or of 16 bits, each row as what it differs by from the one
 * above.
 */
import { joined } from '../core/bytes.js';
import { invariant } from '../core/errors.js';

/** Pixels, row-major, one or three channels interleaved. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array | Uint16Array;
}

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
/** The filter of a row: every byte less the one above it. Magnified pixels and drawings become zeros mostly. */
const UP = 2;
const GRAY = 0;
const RGB = 2;

/**
 * Encodes without loss; `data.length` says whether it is gray (`H·W`) or RGB (`H·W·3`), its kind whether a value has 8
 * bits or 16.
 */
export async function encodePng({ height, width, data }: Raster): Promise<Uint8Array<ArrayBuffer>> {
  const channels = data.length / (height * width);
  invariant(channels === 1 || channels === 3, `a raster of ${height}x${width} has 1 or 3 channels, found ${channels}`);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8 * data.BYTES_PER_ELEMENT, channels === 1 ? GRAY : RGB], 8);
  const packed = await deflated(rowsOf(bytesOf(data), height));
  return joined([SIGNATURE, chunk('IHDR', header), chunk('IDAT', packed), chunk('IEND', new Uint8Array(0))]);
}

/** The bytes of the values, the higher one of 16 bits first. */
function bytesOf(data: Uint8Array | Uint16Array): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(2 * data.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < data.length; at++) view.setUint16(2 * at, data[at]!);
  return bytes;
}

/** Each row behind the number of its filter. */
function rowsOf(bytes: Uint8Array, height: number): Uint8Array<ArrayBuffer> {
  const length = bytes.length / height;
  const rows = new Uint8Array(bytes.length + height);
  for (let row = 0; row < height; row++) {
    const [from, to] = [row * length, row * (length + 1)];
    rows[to] = UP;
    if (row === 0) rows.set(bytes.subarray(0, length), 1);
    else for (let at = from; at < from + length; at++) rows[at + row + 1] = bytes[at]! - bytes[at - length]!;
  }
  return rows;
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { writable, readable } = new CompressionStream('deflate');
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(bytes), writer.close()]);
  const reader = readable.getReader();
  const pieces: Uint8Array[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value);
  await written;
  return joined(pieces);
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let at = 0; at < 4; at++) bytes[4 + at] = name.charCodeAt(at);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** What eight steps of the polynomial make of each byte (PNG specification, annex D). */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
