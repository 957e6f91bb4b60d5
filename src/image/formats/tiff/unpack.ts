/** The codes of TIFF strips and tiles: none, LZW, deflate and PackBits, and the differences before two of them. */
import { inflateRaw } from '../../inflate-raw.js';

/** The code of a strip is damaged, or ends early. */
export class CodeError extends Error {}

export type Compression = 'none' | 'lzw' | 'deflate' | 'packbits';

export const COMPRESSIONS: Readonly<Record<number, Compression>> = {
  1: 'none',
  5: 'lzw',
  8: 'deflate',
  32946: 'deflate',
  32773: 'packbits',
};

/** What other numbers stand for, for messages. */
export const OTHER_COMPRESSIONS: Readonly<Record<number, string>> = {
  2: 'CCITT',
  3: 'CCITT group 3',
  4: 'CCITT group 4',
  6: 'JPEG of the old kind',
  7: 'JPEG',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
};

type Decoder = (packed: Uint8Array, wanted: number, whole: number) => Uint8Array;

const DECODERS: Readonly<Record<Compression, Decoder>> = {
  none: (packed) => packed,
  lzw,
  deflate: (packed, _, whole) => inflated(packed, whole),
  packbits: packBits,
};

/**
 * @param wanted bytes that are used; what comes beyond them is left out
 * @param whole bytes of a strip with all of its rows, which may be there
 * @throws CodeError where fewer bytes come out
 */
export function unpacked(packed: Uint8Array, compression: Compression, wanted: number, whole: number): Uint8Array {
  const bytes = DECODERS[compression](packed, wanted, whole);
  if (bytes.length < wanted) throw new CodeError(`${bytes.length} of ${wanted} bytes in a strip or tile`);
  return bytes.subarray(0, wanted);
}

/** zlib: two bytes stand before the code, and a checksum behind it. */
function inflated(packed: Uint8Array, whole: number): Uint8Array {
  try {
    return inflateRaw(packed.subarray(2), whole);
  } catch (cause) {
    throw new CodeError(`deflated bytes that are damaged (${(cause as Error).message})`, { cause });
  }
}

const CLEAR = 256;
const END = 257;
const LARGEST_TABLE = 4096;

/** Codes of 9 to 12 bits, the highest bit first; a code is one bit wider from the one before the table is full on. */
function lzw(packed: Uint8Array, wanted: number): Uint8Array {
  const bytes = new Uint8Array(wanted);
  // A string is that of its prefix and one more byte.
  const prefix = new Uint16Array(LARGEST_TABLE);
  const suffix = new Uint8Array(LARGEST_TABLE);
  const length = new Uint16Array(LARGEST_TABLE);
  for (let code = 0; code < 256; code++) [suffix[code], length[code]] = [code, 1];
  let [next, width, before, filled] = [END + 1, 9, -1, 0];
  let [held, bits] = [0, 0];
  for (let at = 0; filled < wanted; ) {
    while (bits < width && at < packed.length) {
      held = ((held << 8) | packed[at++]!) & 0xffffff;
      bits += 8;
    }
    if (bits < width) break;
    const code = (held >> (bits - width)) & ((1 << width) - 1);
    bits -= width;
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, before] = [END + 1, 9, -1];
      continue;
    }
    if (before < 0 ? code > 255 : code > next || (code === next && next >= LARGEST_TABLE)) {
      throw new CodeError(`the LZW code ${code} before its string`);
    }
    // A code that is only now being made is the string before it, with its own first byte behind it.
    const known = before < 0 || code < next ? code : before;
    const count = length[known]!;
    let place = filled + count - 1;
    let first = known;
    for (let part = known; ; part = prefix[part]!) {
      first = part;
      if (place < wanted) bytes[place] = suffix[part]!;
      place--;
      if (part < 256) break;
    }
    filled += count;
    if (known !== code) {
      if (filled < wanted) bytes[filled] = suffix[first]!;
      filled++;
    }
    if (before >= 0 && next < LARGEST_TABLE) {
      [prefix[next], suffix[next], length[next]] = [before, suffix[first]!, length[before]! + 1];
      next++;
      if (next >= (1 << width) - 1 && width < 12) width++;
    }
    before = code;
  }
  return filled < wanted ? bytes.subarray(0, filled) : bytes;
}

/** A count of bytes to copy, or of times to repeat the next one. */
function packBits(packed: Uint8Array, wanted: number): Uint8Array {
  const bytes = new Uint8Array(wanted);
  let filled = 0;
  for (let at = 0; at < packed.length && filled < wanted; ) {
    const count = (packed[at++]! << 24) >> 24;
    if (count === -128) continue;
    if (count >= 0) {
      const part = packed.subarray(at, Math.min(at + count + 1, at + wanted - filled));
      bytes.set(part, filled);
      filled += part.length;
      at += count + 1;
    } else if (at < packed.length) {
      bytes.fill(packed[at++]!, filled, filled + 1 - count);
      filled += Math.min(1 - count, wanted - filled);
    }
  }
  return bytes.subarray(0, filled);
}

/** Undoes the differences to the value before in rows of values, in place. @param stride values of a pixel */
export function addUp(values: Uint8Array | Uint16Array | Uint32Array, row: number, stride: number): void {
  for (let start = 0; start < values.length; start += row) {
    for (let at = start + stride; at < start + row; at++) values[at] = values[at]! + values[at - stride]!;
  }
}

/**
 * Undoes the differences of floating-point rows, whose bytes lie by their rank, the highest first.
 * @returns values in the byte order of the machine
 */
export function floatsOf(bytes: Uint8Array, row: number, stride: number): Float32Array {
  addUp(bytes, 4 * row, stride);
  const view = new DataView(new ArrayBuffer(bytes.length));
  for (let at = 0; at < bytes.length / 4; at++) {
    const start = 4 * row * Math.floor(at / row) + (at % row);
    let value = 0;
    for (let rank = 0; rank < 4; rank++) value = (value << 8) | bytes[start + rank * row]!;
    view.setInt32(4 * at, value);
  }
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at));
}
