/**
 * From the bytes of a frame to its stored values: byte order, unused bits, sign, bits packed by eight, colour planes.
 * The result is interleaved, [H, W, C], in the narrowest type that holds what the file allocates.
 */
import type { StoredArray } from '../../volume.js';
import type { PixelFormat } from './format.js';

/** The stored values of a frame. */
export interface Samples {
  /** [H, W, C] */
  readonly values: StoredArray;
  /** Bits that the values use: BitsStored, or BitsAllocated where the values say so. */
  readonly bits: number;
  readonly warning?: string;
}

/**
 * Interprets the bytes of one frame; they may be changed in place.
 * @param bytes exactly the bytes of a frame, or for one bit per pixel those that hold `firstBit` and what follows
 */
export function toSamples(bytes: Uint8Array, format: PixelFormat, bigEndian: boolean, firstBit = 0): Samples {
  const { rows, columns, samples, allocated, signed, float, stored, planar } = format;
  const count = rows * columns * samples;
  if (allocated === 1) return { values: unpackBits(bytes, firstBit, count), bits: 1 };
  const width = allocated / 8;
  const ordered = bigEndian && width > 1 ? swapped(bytes, width) : aligned(bytes, width);
  const { buffer, byteOffset } = ordered;
  let values: StoredArray;
  if (float)
    values = width === 4 ? new Float32Array(buffer, byteOffset, count) : new Float64Array(buffer, byteOffset, count);
  else if (width === 1)
    values = signed ? new Int8Array(buffer, byteOffset, count) : new Uint8Array(buffer, byteOffset, count);
  else if (width === 2)
    values = signed ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count);
  else values = signed ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
  const checked = float || stored === allocated ? { values, bits: stored } : usedBits(values, format);
  return planar ? { ...checked, values: interleaved(checked.values, samples) } : checked;
}

/**
 * Puts the bits that are not used right. Unsigned values drop them. Signed values are extended from their highest bit;
 * a writer that extends the sign itself, and yet stores values beyond its BitsStored, has understated them.
 */
function usedBits(values: StoredArray, { stored, highBit, allocated, signed }: PixelFormat): Samples {
  const drop = highBit + 1 - stored;
  if (!signed) {
    const mask = stored === 32 ? 0xffffffff : 2 ** stored - 1;
    let touched = false;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      const kept = ((value >>> drop) & mask) >>> 0;
      if (kept !== value) {
        touched = true;
        values[at] = kept;
      }
    }
    return touched && drop === 0
      ? { values, bits: stored, warning: `bits above the ${stored} that are stored were dropped` }
      : { values, bits: stored };
  }
  const lowest = -(2 ** (stored - 1));
  const highest = 2 ** (stored - 1) - 1;
  let negative = false;
  let beyond = false;
  for (let at = 0; drop === 0 && at < values.length; at++) {
    const value = values[at]!;
    if (value < 0) negative = true;
    if (value < lowest || value > highest) beyond = true;
  }
  if (drop === 0 && !beyond) return { values, bits: stored };
  if (negative && drop === 0) {
    return { values, bits: allocated, warning: `values need more than the ${stored} bits that the header states` };
  }
  const up = 32 - stored;
  for (let at = 0; at < values.length; at++) values[at] = ((values[at]! >> drop) << up) >> up;
  return { values, bits: stored };
}

/** The bytes at an address that a typed array can begin at. */
function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : Uint8Array.from(bytes);
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let at = 0; at + width <= copy.length; at += width) copy.subarray(at, at + width).reverse();
  return copy;
}

/** One value for each bit, the lowest bit of a byte first. */
function unpackBits(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    const bit = firstBit + at;
    values[at] = (bytes[bit >> 3]! >> (bit & 7)) & 1;
  }
  return values;
}

/** [C, H, W] to [H, W, C]. */
export function interleaved<T extends StoredArray>(planes: T, channels: number): T {
  const out = planes.slice() as T;
  const size = planes.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < size; at++) out[at * channels + channel] = planes[channel * size + at]!;
  }
  return out;
}
