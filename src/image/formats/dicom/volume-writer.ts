/**
 * Writes decoded slices into a volume: scaled where slices differ in scale, inverted where white is low (MONOCHROME1).
 * Padding is found while writing and settled at the end, when the lowest value of the others is known.
 */
import { counted } from '../../../core/counted.js';
import type { StoredArray } from '../../volume.js';
import type { Frame } from './frame.js';
import { isDarkEnough, type Padding } from './rescale.js';
import type { Slice } from './slices.js';

export class VolumeWriter {
  private readonly data: StoredArray;
  private readonly size: number;
  private readonly real: boolean;
  private readonly padded: { readonly z: number; readonly low: number; readonly high: number }[] = [];
  private readonly notes = new Map<string, number>();
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;

  /**
   * @param data [z, y, x]
   * @param size values of a slice
   * @param real write real values, scaled slice by slice, instead of stored ones
   */
  constructor(data: StoredArray, size: number, real: boolean) {
    this.data = data;
    this.size = size;
    this.real = real;
  }

  /** Writes the slice `z`. @param note what is to be told of it */
  write(z: number, { values, bits, warning }: Frame, { file, rescale }: Slice, padding?: Padding, note?: string): void {
    if (warning) this.note(warning);
    if (note) this.note(note);
    const { format } = file;
    const inverted = format.photometric === 'MONOCHROME1';
    if (inverted) this.note('MONOCHROME1 was inverted: bright is large');
    const turn = inverted ? turningPoint(bits, format.signed, format.float) : 0;
    const { slope, intercept } = this.real ? rescale : { slope: 1, intercept: 0 };
    const convert = (value: number) => (inverted ? turn - value : value) * slope + intercept;
    const at = z * this.size;
    const plain = !inverted && !this.real;
    if (plain) this.data.set(values, at);
    else for (let index = 0; index < values.length; index++) this.data[at + index] = convert(values[index]!);
    if (!padding) {
      this.watch(at);
      return;
    }
    const ends = [convert(padding.low), convert(padding.high)].map((end) => (this.real ? Math.fround(end) : end));
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    if (this.watch(at, low, high) > 0) this.padded.push({ z, low, high });
  }

  /** Gives padding the lowest value of the others, unless it is dark already; the highest where the scale falls. */
  settlePadding(falling: boolean): void {
    const value = falling ? this.highest : this.lowest;
    const found = this.padded.filter((padding) => falling || !isDarkEnough(padding, this.lowest, this.highest));
    if (found.length === 0 || !Number.isFinite(value)) return;
    for (const { z, low, high } of found) {
      for (let at = z * this.size; at < (z + 1) * this.size; at++) {
        if (this.data[at]! >= low && this.data[at]! <= high) this.data[at] = value;
      }
    }
    this.notes.set(`padding was set to the lowest value of the others (${value})`, found.length);
  }

  /** What was met, with the number of slices. */
  warnings(): string[] {
    return [...this.notes].map(([note, count]) => `${note} (${counted(count, 'slice')})`);
  }

  private note(text: string): void {
    this.notes.set(text, (this.notes.get(text) ?? 0) + 1);
  }

  /** Follows the extremes of a written slice, without padding; returns how many values are padding. */
  private watch(from: number, low = Number.POSITIVE_INFINITY, high = Number.NEGATIVE_INFINITY): number {
    const { data } = this;
    let { lowest, highest } = this;
    let padded = 0;
    for (let at = from; at < from + this.size; at++) {
      const value = data[at]!;
      if (value >= low && value <= high) padded++;
      else if (value < lowest) lowest = value;
      if (value > highest && !(value >= low && value <= high)) highest = value;
    }
    this.lowest = lowest;
    this.highest = highest;
    return padded;
  }
}

/** The sum of the lowest and the highest value that the bits can hold: `turn − value` inverts. */
function turningPoint(bits: number, signed: boolean, float: boolean): number {
  if (float) return 0;
  return signed ? -1 : 2 ** bits - 1;
}
