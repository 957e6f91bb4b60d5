/**
 * Colour: YCbCr to RGB (PS3.3, section C.7.6.3.1.2: full range, Rec. 601) and palettes (section C.7.6.3.1.5).
 */
import type { StoredArray } from '../../volume.js';
import type { DicomFile } from './parse.js';
import { refuse } from './refuse.js';

/** YCbCr to RGB, in place; [H, W, 3] of `bits` bits. */
export function toRgb(values: StoredArray, bits: number): void {
  const top = 2 ** bits - 1;
  const middle = 2 ** (bits - 1);
  const clamp = (value: number) => Math.max(0, Math.min(top, Math.round(value)));
  for (let at = 0; at < values.length; at += 3) {
    const luma = values[at]!;
    const blue = values[at + 1]! - middle;
    const red = values[at + 2]! - middle;
    values[at] = clamp(luma + 1.402 * red);
    values[at + 1] = clamp(luma - 0.344136 * blue - 0.714136 * red);
    values[at + 2] = clamp(luma + 1.772 * blue);
  }
}

/** The colours of a palette. */
export interface Palette {
  /** Entries of red, green and blue. */
  readonly tables: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];
  /** The stored value of the first entry; values below take it, values above take the last. */
  readonly first: number;
  readonly bits: 8 | 16;
}

/** Tags of the descriptor and the entries of red, green and blue. */
const TABLES = [
  ['x00281101', 'x00281201'],
  ['x00281102', 'x00281202'],
  ['x00281103', 'x00281203'],
] as const;

/**
 * Reads the palette of a file.
 * @throws InputError ('image') when it is absent, segmented or incomplete
 */
export function paletteOf({ dataSet, source, bigEndian }: DicomFile): Palette {
  const wrong = (found: string) =>
    refuse(source, 'a palette of three plain tables', found, 'Convert the image to RGB.');
  let first = 0;
  let bits: 8 | 16 = 8;
  const tables = TABLES.map(([descriptor, entries]) => {
    const element = dataSet.elements[entries];
    if (!element) throw wrong(dataSet.elements.x00281221 ? 'a segmented palette' : 'none');
    const stated = dataSet.uint16(descriptor, 0) ?? 0;
    const count = stated === 0 ? 65536 : stated;
    const signed = dataSet.uint16('x00280103') === 1;
    first = (signed ? dataSet.int16(descriptor, 1) : dataSet.uint16(descriptor, 1)) ?? 0;
    bits = dataSet.uint16(descriptor, 2) === 8 ? 8 : 16;
    const { dataOffset, length } = element;
    // Entries of 8 bits are packed two to a word, or stored a word each.
    const width = length >= count * 2 ? 2 : bits === 8 && length >= count ? 1 : 0;
    if (width === 0 || dataOffset + length > dataSet.byteArray.length) {
      throw wrong(`${length} bytes for ${count} entries of ${bits} bits`);
    }
    const view = new DataView(dataSet.byteArray.buffer, dataSet.byteArray.byteOffset + dataOffset, length);
    return Uint16Array.from({ length: count }, (_, index) =>
      width === 2 ? view.getUint16(2 * index, !bigEndian) : view.getUint8(index),
    );
  });
  return { tables: tables as unknown as Palette['tables'], first, bits };
}

/** The colour of every stored value: [C, H, W]. */
export function applyPalette(values: StoredArray, { tables, first }: Palette): Float32Array {
  const size = values.length;
  const planes = new Float32Array(3 * size);
  tables.forEach((table, channel) => {
    for (let at = 0; at < size; at++) {
      const entry = Math.max(0, Math.min(table.length - 1, values[at]! - first));
      planes[channel * size + at] = table[entry]!;
    }
  });
  return planes;
}
