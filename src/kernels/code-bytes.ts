/**
 * The bytes of code: in parts, which may be written in another order than they lie in, with labels that tell where they
 * lie once all are written.
 */
import { invariant } from '../core/errors.js';

/** What is written one after the other; parts may be written in another order than they lie in. */
export interface Part {
  from: number;
  to: number;
  /** Where it lies in the code. */
  at: number;
}
/** A byte, counted in the order of writing. */
interface Spot {
  readonly part: Part;
  readonly written: number;
}
export interface Label {
  /** Where it lies in the code, once that is finished. */
  at: number | null;
  spot: Spot | null;
  readonly uses: Spot[];
}

/** No byte. */
const NONE = -1;

export class CodeBytes {
  #bytes = new Uint8Array(4096);
  #length = 0;
  #part: Part = { from: 0, to: 0, at: 0 };
  readonly #parts = [this.#part];
  readonly #labels: Label[] = [];

  /** The code; it may lie anywhere. */
  finish(): Uint8Array {
    this.#part.to = this.#length;
    const code = new Uint8Array(this.#length);
    let length = 0;
    for (const part of this.#parts) {
      part.at = length;
      code.set(this.#bytes.subarray(part.from, part.to), length);
      length += part.to - part.from;
    }
    const view = new DataView(code.buffer);
    for (const label of this.#labels) {
      label.at = label.spot && placeOf(label.spot);
      for (const use of label.uses) {
        invariant(label.at !== null, 'a jump leads nowhere');
        const at = placeOf(use);
        view.setInt32(at, label.at - at - 4, true);
      }
    }
    return code;
  }

  /** Goes on behind a part that is written later. */
  protected leaveOut(): Part {
    const part = { from: 0, to: 0, at: 0 };
    this.#parts.push(part, this.#begin({ from: 0, to: 0, at: 0 }));
    return part;
  }

  /** Goes on within a part that was left out. */
  protected fillIn(part: Part): void {
    this.#begin(part);
  }

  #begin(part: Part): Part {
    this.#part.to = this.#length;
    part.from = this.#length;
    this.#part = part;
    return part;
  }

  label(): Label {
    const label: Label = { at: null, spot: null, uses: [] };
    this.#labels.push(label);
    return label;
  }

  /** The label is where the next byte comes. */
  protected mark(label: Label): void {
    label.spot = { part: this.#part, written: this.#length };
  }

  protected use(label: Label): void {
    label.uses.push({ part: this.#part, written: this.#length });
    this.put32(0);
  }

  /** Some bytes, up to four. */
  protected put(first: number, second = NONE, third = NONE, fourth = NONE): void {
    this.#room();
    this.#bytes[this.#length++] = first;
    if (second !== NONE) this.#bytes[this.#length++] = second;
    if (third !== NONE) this.#bytes[this.#length++] = third;
    if (fourth !== NONE) this.#bytes[this.#length++] = fourth;
  }

  protected put32(value: number): void {
    this.put(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  /** For four bytes. */
  #room(): void {
    if (this.#length + 4 <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function placeOf({ part, written }: Spot): number {
  return written - part.from + part.at;
}
