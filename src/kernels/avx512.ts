/**
 * Vectors of 16 float32 in registers of their own (AVX-512F). Intel 64 and IA-32 Architectures Software Developer's
 * Manual, volume 2: section 2.7 (EVEX).
 */
import { Assembler, type Comparison, comparisons, type Operand, type Place, VECTOR } from './assembler.js';
import type { Instruction } from './instructions.js';

/** Of a mask: the other places become zero. */
const ZEROS = 0x80;

export class Avx512 extends Assembler {
  readonly capacity = 28;
  readonly frame = 0;

  resident(_: readonly number[], work: () => void): void {
    work();
  }

  prefetch(place: Place): void {
    this.general([0x0f, 0x18], 1, place);
  }

  loadVector(to: number, from: Place, mask = 0): void {
    this.#vector(0, 1, 0x10, to, 0, from, VECTOR, mask && mask | ZEROS);
  }

  storeVector(to: Place, from: number, mask = 0): void {
    this.#vector(0, 1, 0x11, from, 0, to, VECTOR, mask);
  }

  moveVector(to: number, from: number): void {
    this.#vector(0, 1, 0x28, to, 0, from);
  }

  spread(to: number, from: Place): void {
    this.#vector(1, 2, 0x18, to, 0, from, 4);
  }

  roundDown(to: number, from: number): void {
    this.#vector(1, 3, 0x08, to, 0, from);
    this.put(9);
  }

  toIntegers(to: number, from: number): void {
    this.#vector(2, 1, 0x5b, to, 0, from);
  }

  compareVectors(mask: number, a: number, by: Comparison, b: Operand, of = 0): void {
    this.#vector(0, 1, 0xc2, mask, a, b, VECTOR, of);
    this.put(comparisons[by]);
  }

  keep(to: number, from: number, mask: number): void {
    this.#vector(0, 1, 0x28, to, 0, from, VECTOR, mask | ZEROS);
  }

  loadNumber(to: number, from: Place): void {
    this.#vector(2, 1, 0x10, to, 0, from, 4);
  }

  storeNumber(to: Place, from: number): void {
    this.#vector(2, 1, 0x11, from, 0, to, 4);
  }

  addNumbers(to: number, a: number, b: Place): void {
    this.#vector(2, 1, 0x58, to, a, b, 4);
  }

  clear(to: number): void {
    this.#vector(1, 1, 0xef, to, to, to);
  }

  squareRoot(to: number, from: number): void {
    this.#vector(0, 1, 0x51, to, 0, from);
  }

  protected compute([prefix, map, opcode]: Instruction, to: number, a: number, b: Operand, mask = 0): void {
    this.#vector(prefix, map, opcode, to, a, b, VECTOR, mask);
  }

  scaleByPower(to: number, a: number, b: Operand): void {
    this.#vector(1, 2, 0x2c, to, a, b);
  }

  setMask(mask: number, register: number): void {
    this.put(0xc5, 0xf8, 0x92, 0xc0 | (mask << 3) | register);
  }

  gather(to: number, { base, offset }: Place, index: number): void {
    this.#byIndex(0x92, to, { base, index, ...(offset === undefined ? {} : { offset }) });
  }

  scatter({ base, offset }: Place, index: number, from: number): void {
    this.#byIndex(0xa2, from, { base, index, ...(offset === undefined ? {} : { offset }) });
  }

  #byIndex(opcode: number, reg: number, place: Place): void {
    const { base, index = 0 } = place;
    // All places of mask 1, which the instruction clears.
    this.put(0xc5, 0xf4, 0x46, 0xc9);
    const p0 = evexTop(reg, index >> 3, base) | 2;
    this.put(0x62, p0, (15 << 3) | 5, (2 << 5) | ((((index >> 4) & 1) ^ 1) << 3) | 1);
    this.put(opcode);
    this.operand(reg, { ...place, index: index & 15 }, 4, true);
  }

  /**
   * @param prefix as of an `Instruction`, like the map and the byte
   * @param size bytes that an operand in memory has; its offset is written in these where they divide it
   * @param mask of the places that are computed, where not all are
   */
  #vector(
    prefix: number,
    map: number,
    opcode: number,
    reg: number,
    second: number,
    operand: Operand,
    size = VECTOR,
    mask = 0,
  ) {
    const each = typeof operand === 'object' && 'each' in operand;
    const place = typeof operand === 'number' ? null : each ? operand.each : (operand as Place);
    const rm = typeof operand === 'number' ? operand : 0;
    const base = place ? place.base : rm;
    const index = place ? (place.index ?? 0) : rm >> 1; // Bit 3 of an index, or bit 4 of a register.
    const p0 = evexTop(reg, index >> 3, base) | map;
    const p1 = ((~second & 15) << 3) | 4 | prefix;
    const p2 = (2 << 5) | (each ? 0x10 : 0) | ((((second >> 4) & 1) ^ 1) << 3) | mask;
    this.put32(0x62 | (p0 << 8) | (p1 << 16) | (p2 << 24));
    this.put(opcode);
    this.operand(reg, place ?? rm, each ? 4 : size);
  }
}

/** The first byte of an EVEX prefix without its map: bits of registers beyond the lowest three, inverted. */
function evexTop(reg: number, indexBit: number, base: number): number {
  return 0xf0 ^ (((reg & 8) << 4) | ((indexBit & 1) << 6) | ((base & 8) << 2) | (reg & 16));
}
