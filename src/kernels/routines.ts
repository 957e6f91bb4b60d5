/** Routines that a kernel calls by what they do, each written once, behind the code that asks for them. */
import { type Assembler, type Place, r8, rax } from './assembler.js';
import type { Label } from './code-bytes.js';

export class Routines {
  readonly #code: Assembler;
  readonly #known = new Map<string, { readonly label: Label; readonly write: () => void }>();
  /** What offsets of routines in tables count from. */
  readonly #origin: Label;

  constructor(code: Assembler) {
    this.#code = code;
    this.#origin = code.here();
  }

  /** @param name what it does: of the same name there is one */
  of(name: string, write: () => void): Label {
    const known = this.#known.get(name) ?? { label: this.#code.label(), write };
    this.#known.set(name, known);
    return known.label;
  }

  /** Writes all of them, and those that they ask for. */
  write(): void {
    for (const { label, write } of this.#known.values()) {
      this.#code.here(label);
      write();
    }
  }

  /** For a table, once the code is finished. */
  offset({ at }: Label): number {
    return at! - this.#origin.at!;
  }

  /** Calls the routine whose offset lies at a place; rax and r8 are lost. */
  callAt(place: Place): void {
    this.#code.addressOf(rax, this.#origin);
    this.#code.loadInt32(r8, place);
    this.#code.add(rax, { register: r8 });
    this.#code.call(rax);
  }
}
