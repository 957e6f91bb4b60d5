/**
 * Writes machine code of x86-64: the few instructions on numbers of 64 bits that kernels need, and on vectors of 16
 * float32, which each kind of processor has by an assembler of its own. Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2: section 2.2 (REX).
 */
import { invariant } from '../core/errors.js';
import { CodeBytes, type Label } from './code-bytes.js';
import { type Instruction, instructions } from './instructions.js';

/** General registers, by their numbers. */
export const [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
] as const;

/** Where a number or a vector lies: `[base + index · scale + offset]`. */
export interface Place {
  readonly base: number;
  readonly offset?: number;
  readonly index?: number;
  readonly scale?: 1 | 2 | 4 | 8;
}

/** The second operand of an instruction on vectors: a register, 16 numbers in memory, or one number for all. */
export type Operand = number | Place | { readonly each: Place };

/** Bytes of a vector. */
export const VECTOR = 64;
const conditions = { below: 0x2, atLeast: 0x3, equal: 0x4, notEqual: 0x5 } as const;
export type Condition = keyof typeof conditions;

/** Of numbers in vectors; none holds where one is NaN. */
export const comparisons = { below: 1, atMost: 2, atLeast: 13 } as const;
export type Comparison = keyof typeof comparisons;

/** Bytes below a frame that are for numbers of a routine. */
export const LOCALS = 128;

/** Of instructions that take a mask, the places that it has not keep what was there. */
export abstract class Assembler extends CodeBytes {
  /** Vectors that `resident` keeps in registers at most. */
  abstract readonly capacity: number;
  /** Bytes below those for numbers of a routine that belong to the assembler. rbp is the frame, at a line of memory. */
  abstract readonly frame: number;

  /** Runs code in whose loops vectors stay in registers; they hold nothing before and nothing afterwards. */
  abstract resident(vectors: readonly number[], work: () => void): void;

  /** Writes what has been put off. */
  protected settle(): void {}

  override finish(): Uint8Array {
    this.settle();
    return super.finish();
  }

  /** Where the code goes on is what jumps to the label lead to. */
  here(label: Label = this.label()): Label {
    this.settle();
    this.mark(label);
    return label;
  }

  jump(to: Label): void {
    this.settle();
    this.put(0xe9);
    this.use(to);
  }

  jumpIf(condition: Condition, to: Label): void {
    this.settle();
    this.put(0x0f, 0x80 + conditions[condition]);
    this.use(to);
  }

  /** Calls what lies at a label. */
  callLabel(to: Label): void {
    this.settle();
    this.put(0xe8);
    this.use(to);
  }

  /** Puts the address of a label into a register. */
  addressOf(register: number, label: Label): void {
    this.settle();
    this.put(0x48 | (register >= 8 ? 4 : 0), 0x8d, ((register & 7) << 3) | 5);
    this.use(label);
  }

  /** Calls the function whose address a register holds. */
  call(register: number): void {
    this.settle();
    if (register >= 8) this.put(0x41);
    this.put(0xff, 0xd0 | (register & 7));
  }

  /** Goes on at the address that a register holds. */
  jumpTo(register: number): void {
    this.settle();
    if (register >= 8) this.put(0x41);
    this.put(0xff, 0xe0 | (register & 7));
  }

  return(): void {
    this.settle();
    this.put(0xc3);
  }

  /** Before code of others goes on, which would wait for the upper parts of registers of vectors. */
  leaveVectors(): void {
    this.settle();
    this.put(0xc5, 0xf8, 0x77);
  }

  push(register: number): void {
    this.settle();
    if (register >= 8) this.put(0x41);
    this.put(0x50 | (register & 7));
  }

  pop(register: number): void {
    this.settle();
    if (register >= 8) this.put(0x41);
    this.put(0x58 | (register & 7));
  }

  /** A number of 64 bits, such as an address. */
  set(register: number, value: bigint | number): void {
    this.settle();
    const wide = BigInt.asUintN(64, BigInt(value));
    if (wide < 2n ** 32n) {
      if (register >= 8) this.put(0x41);
      this.put(0xb8 | (register & 7));
      this.put32(Number(wide));
      return;
    }
    this.put(register >= 8 ? 0x49 : 0x48, 0xb8 | (register & 7));
    this.put32(Number(wide & 0xffffffffn));
    this.put32(Number(wide >> 32n));
  }

  move(to: number, from: number): void {
    this.general(0x89, from, to);
  }

  load(register: number, place: Place): void {
    this.general(0x8b, register, place);
  }

  /** Loads 32 bits with their sign. */
  loadInt32(register: number, place: Place): void {
    this.general(0x63, register, place);
  }

  store(place: Place, register: number): void {
    this.general(0x89, register, place);
  }

  address(register: number, place: Place): void {
    this.general(0x8d, register, place);
  }

  add(register: number, what: number | { readonly register: number } | Place): void {
    if (typeof what === 'number') this.#immediate(0, register, what);
    else if ('base' in what) this.general(0x03, register, what);
    else this.general(0x01, what.register, register);
  }

  subtract(register: number, what: number | { readonly register: number }): void {
    if (typeof what === 'object') this.general(0x29, what.register, register);
    else this.#immediate(5, register, what);
  }

  and(register: number, mask: number): void {
    this.#immediate(4, register, mask);
  }

  compare(register: number, what: number | { readonly register: number }): void {
    if (typeof what === 'object') this.general(0x39, what.register, register);
    else this.#immediate(7, register, what);
  }

  /** `register = what · factor` */
  multiply(register: number, what: number, factor: number): void {
    this.general(0x69, register, what);
    this.put32(factor);
  }

  multiplyBy(register: number, by: Place): void {
    this.general([0x0f, 0xaf], register, by);
  }

  /** Adds a register to a number in memory, and takes what was there before; no other thread comes between. */
  exchangeAdd(place: Place, register: number): void {
    this.settle();
    this.put(0xf0);
    this.general([0x0f, 0xc1], register, place);
  }

  /** Asks for a line of memory, which need not exist, before it is read. */
  abstract prefetch(place: Place): void;

  /** @param mask of the places that are read, where not all are; the others become zero */
  abstract loadVector(to: number, from: Place, mask?: number): void;

  /** @param mask of the places that are written, where not all are */
  abstract storeVector(to: Place, from: number, mask?: number): void;

  abstract moveVector(to: number, from: number): void;

  /** A number in all places of a vector. */
  abstract spread(to: number, from: Place): void;

  /** The largest integers that are not above. */
  abstract roundDown(to: number, from: number): void;

  /** Whole numbers as int32. */
  abstract toIntegers(to: number, from: number): void;

  /** Sets the places of a mask, 1 to 7, where `a < b`, …; of another mask's places, if one is given. */
  abstract compareVectors(mask: number, a: number, by: Comparison, b: Operand, of?: number): void;

  /** What is in the places of a mask, and zeros. */
  abstract keep(to: number, from: number, mask: number): void;

  abstract loadNumber(to: number, from: Place): void;

  abstract storeNumber(to: Place, from: number): void;

  abstract addNumbers(to: number, a: number, b: Place): void;

  abstract clear(to: number): void;

  addVectors(to: number, a: number, b: Operand): void {
    this.compute(instructions.add, to, a, b);
  }

  subtractVectors(to: number, a: number, b: Operand, mask = 0): void {
    this.compute(instructions.subtract, to, a, b, mask);
  }

  multiplyVectors(to: number, a: number, b: Operand, mask = 0): void {
    this.compute(instructions.multiply, to, a, b, mask);
  }

  divideVectors(to: number, a: number, b: Operand): void {
    this.compute(instructions.divide, to, a, b);
  }

  abstract squareRoot(to: number, from: number): void;

  /** The larger of each two. */
  maximum(to: number, a: number, b: Operand): void {
    this.compute(instructions.maximum, to, a, b);
  }

  /** `sum += a · b` */
  multiplyAdd(sum: number, a: number, b: Operand, mask = 0): void {
    this.compute(instructions.multiplyAdd, sum, a, b, mask, true);
  }

  /** `sum −= a · b` */
  multiplySubtract(sum: number, a: number, b: Operand, mask = 0): void {
    this.compute(instructions.multiplySubtract, sum, a, b, mask, true);
  }

  /** `x = x · by + plus` */
  multiplyThenAdd(x: number, by: number, plus: Operand): void {
    this.compute(instructions.multiplyThenAdd, x, by, plus, 0, true);
  }

  /** @param mask of the places that are computed, where not all are @param changes whether `to` is read, too */
  protected abstract compute(
    instruction: Instruction,
    to: number,
    a: number,
    b: Operand,
    mask?: number,
    changes?: boolean,
  ): void;

  /** `a · 2^b`, of a whole number b. */
  abstract scaleByPower(to: number, a: number, b: Operand): void;

  /** Sets a mask to the lowest 16 bits of one of the first eight registers. */
  abstract setMask(mask: number, register: number): void;

  /** Loads 16 numbers from `[base + offset]`, each with its own offset in bytes, int32, of the vector `index`. */
  abstract gather(to: number, place: Place, index: number): void;

  /** Stores 16 numbers likewise. rax may be lost. */
  abstract scatter(place: Place, index: number, from: number): void;

  protected general(opcode: number | readonly number[], reg: number, rm: number | Place): void {
    this.settle();
    const base = typeof rm === 'number' ? rm : rm.base;
    const index = typeof rm === 'number' ? 0 : (rm.index ?? 0);
    this.put(0x48 | (reg >= 8 ? 4 : 0) | (index >= 8 ? 2 : 0) | (base >= 8 ? 1 : 0));
    if (typeof opcode === 'number') this.put(opcode);
    else for (const byte of opcode) this.put(byte);
    this.operand(reg, rm, 1);
  }

  #immediate(extension: number, register: number, value: number): void {
    this.settle();
    this.put(register >= 8 ? 0x49 : 0x48);
    const short = value >= -128 && value < 128;
    this.put(short ? 0x83 : 0x81, 0xc0 | (extension << 3) | (register & 7));
    if (short) this.put(value & 255);
    else this.put32(value);
  }

  /** ModRM, SIB and offset. @param further bytes that come to the offset */
  protected operand(reg: number, rm: number | Place, unit: number, vectors = false, further = 0): void {
    const field = (reg & 7) << 3;
    if (typeof rm === 'number') {
      this.put(0xc0 | field | (rm & 7));
      return;
    }
    const { base, index, scale = 1 } = rm;
    const offset = (rm.offset ?? 0) + further;
    const short = offset % unit === 0 && offset / unit >= -128 && offset / unit < 128;
    const mode = offset === 0 && (base & 7) !== rbp ? 0 : short ? 0x40 : 0x80;
    if (index === undefined && (base & 7) !== rsp) this.put(mode | field | (base & 7));
    else {
      invariant(vectors || index !== rsp, 'the stack pointer is no index');
      this.put(mode | field | 4);
      this.put((Math.log2(scale) << 6) | (((index ?? rsp) & 7) << 3) | (base & 7));
    }
    if (mode === 0x40) this.put((offset / unit) & 255);
    else if (mode === 0x80) this.put32(offset);
  }
}
