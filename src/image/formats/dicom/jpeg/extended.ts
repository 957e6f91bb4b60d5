/**
 * Extended sequential JPEG with 12 bits (ITU T.81, process 4): 8 × 8 blocks, quantised cosine coefficients, Huffman
 * codes. One component, as DICOM uses it for gray images. Streams of 8 bits go to libjpeg instead.
 */
import { BitReader, OutOfBits, readTables } from './huffman.js';
import type { JpegHead } from './segments.js';

/** The zigzag order of coefficients: position in the stream to row · 8 + column. */
const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
] as const;

/** COSINE[x · 8 + u]: the inverse transform along one axis. */
const COSINE = Float64Array.from({ length: 64 }, (_, index) => {
  const x = index >> 3;
  const u = index & 7;
  return 0.5 * (u === 0 ? Math.SQRT1_2 : 1) * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/**
 * Decodes a stream of one component whose head was read and compared with what is expected.
 * @returns the samples, [H, W], or what is wrong, in words
 * @throws OutOfBits when the scan ends early
 */
export function decodeExtended(bytes: Uint8Array, head: JpegHead): Uint16Array | string {
  const { rows, columns, precision, components, scan, restart } = head;
  if (components.length !== 1 || scan[0] !== 1 || scan.length < 6) return 'more than one component';
  const tables = readTables(head.huffman);
  if (typeof tables === 'string') return tables;
  const dc = tables[scan[2]! >> 4];
  const ac = tables[4 + (scan[2]! & 15)];
  const steps = quantisationTable(head.quantisation, components[0]!.quantisation);
  if (!dc || !ac || !steps) return 'a scan without its tables';
  const wide = Math.ceil(columns / 8);
  const blocks = wide * Math.ceil(rows / 8);
  // At least two codes of one bit for each block.
  if ((bytes.length - head.dataStart) * 4 < blocks) return 'too few bytes for the picture';

  const samples = new Uint16Array(rows * columns);
  const reader = new BitReader(bytes, head.dataStart);
  const block = new Float64Array(64);
  const middle = 1 << (precision - 1);
  const top = (1 << precision) - 1;
  let last = 0;
  for (let index = 0; index < blocks; index++) {
    if (restart > 0 && index > 0 && index % restart === 0) {
      reader.restart();
      last = 0;
    }
    block.fill(0);
    last += reader.difference(sizeOf(reader.symbol(dc)));
    block[0] = last * steps[0]!;
    for (let at = 1; at < 64; at++) {
      const symbol = reader.symbol(ac);
      const size = symbol & 15;
      const run = symbol >> 4;
      if (size === 0 && run < 15) break;
      at += run;
      if (at > 63) throw new OutOfBits();
      if (size > 0) block[ZIGZAG[at]!] = reader.difference(size) * steps[at]!;
    }
    const top8 = Math.floor(index / wide) * 8;
    const left = (index % wide) * 8;
    inverse(block);
    for (let y = 0; y < 8 && top8 + y < rows; y++) {
      for (let x = 0; x < 8 && left + x < columns; x++) {
        const value = Math.round(block[y * 8 + x]!) + middle;
        samples[(top8 + y) * columns + left + x] = Math.max(0, Math.min(top, value));
      }
    }
  }
  return samples;
}

function sizeOf(symbol: number): number {
  if (symbol > 16) throw new OutOfBits();
  return symbol;
}

/** The steps of one table, in the order of the stream; 8-bit or 16-bit. */
function quantisationTable(segments: readonly Uint8Array[], wanted: number): number[] | undefined {
  let found: number[] | undefined;
  for (const segment of segments) {
    for (let at = 0; at < segment.length; ) {
      const width = segment[at]! >> 4 ? 2 : 1;
      const values = segment.subarray(at + 1, at + 1 + 64 * width);
      if (values.length < 64 * width) return undefined;
      if ((segment[at]! & 15) === wanted) {
        found = Array.from({ length: 64 }, (_, index) =>
          width === 1 ? values[index]! : (values[2 * index]! << 8) | values[2 * index + 1]!,
        );
      }
      at += 1 + 64 * width;
    }
  }
  return found;
}

const rowsDone = new Float64Array(64);

/** The inverse cosine transform of a block, in place: along the rows, then along the columns. */
function inverse(block: Float64Array): void {
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      let sum = 0;
      for (let u = 0; u < 8; u++) sum += COSINE[x * 8 + u]! * block[y * 8 + u]!;
      rowsDone[y * 8 + x] = sum;
    }
  }
  for (let x = 0; x < 8; x++) {
    for (let y = 0; y < 8; y++) {
      let sum = 0;
      for (let v = 0; v < 8; v++) sum += COSINE[y * 8 + v]! * rowsDone[v * 8 + x]!;
      block[y * 8 + x] = sum;
    }
  }
}
