/**
 * Vectors of 16 float32 on processors whose registers have 8 numbers (AVX2 and FMA): two halves each. What stands
 * between two places that other code may come from or go to is written in the end, by halves, when it is known which
 * vectors are read elsewhere: these have places of their own in the frame. Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2: section 2.3 (VEX).
 */
import {
  Assembler,
  type Comparison,
  comparisons,
  LOCALS,
  type Operand,
  type Place,
  rax,
  rbp,
  VECTOR,
} from './assembler.js';
import type { Label, Part } from './code-bytes.js';
import {
  type Constant,
  type General,
  Halves,
  type Named,
  NONE,
  openVectors,
  type Resident,
  type Source,
  type Step,
  stepOf,
} from './halves.js';
import { type Instruction, LEFT, RIGHT, instructions as vex } from './instructions.js';

const HALF = VECTOR / 2;
/** Vectors by their numbers: those of kernels, of which there are 32, their masks, and some for a moment. */
const MASKS = 32;
const [SOME, MORE, EACH] = [40, 41, 42];
const VECTORS = 43;
/** Numbers beside the code: of each place of a vector a bit of its own, the bias of an exponent, the least power. */
const bits = Int32Array.from({ length: 16 }, (_, place) => 1 << place);
const bias = new Int32Array(16).fill(127);
const leastPower = new Float32Array(16).fill(-252);

/** What stands between two places that other code may come from or go to. */
interface Stretch {
  readonly part: Part;
  readonly steps: readonly Step[];
  readonly resident: Resident;
}

export class Avx2 extends Assembler {
  readonly capacity = 6;
  readonly frame = VECTORS * VECTOR;
  /** The vectors that are read before they are set where code may have come from elsewhere: known in the end. */
  readonly open = new Set<number>();
  readonly #stretches: Stretch[] = [];
  #steps: Step[] = [];
  /** Where steps store. */
  #stored: Place[] = [];
  #resident: Resident = new Map();
  readonly #constants = new Map<Int32Array | Float32Array, Constant>();

  resident(vectors: readonly number[], work: () => void): void {
    this.settle();
    this.#resident = new Map(
      vectors.flatMap((vector) => [2 * vector, 2 * vector + 1]).map((half, k) => [half, 15 - k]),
    );
    work();
    this.settle();
    this.#resident = new Map();
  }

  override finish(): Uint8Array {
    this.settle();
    for (const [numbers, { halves }] of this.#constants) {
      for (const [half, label] of halves.entries()) {
        this.here(label);
        for (const word of new Int32Array(numbers.buffer, half * HALF, HALF / 4)) this.put32(word);
      }
    }
    const halves = new Halves({
      load: (register, half) => this.#vex(vex.load, register, 0, homes[half]!),
      store: (half, register) => this.#vex(vex.store, register, 0, homes[half]!),
      step: (step, half, to, a, b, by) => this.#write(step, half, to, a, b, by),
    });
    for (const { part, steps, resident } of this.#stretches) {
      this.fillIn(part);
      halves.write(steps, resident, this.open);
    }
    return super.finish();
  }

  prefetch(place: Place): void {
    this.#step({ code: vex.prefetch, b: place, single: true });
  }

  loadVector(to: number, from: Place, mask = 0): void {
    this.#beforeReading(from);
    if (mask) this.#step({ code: vex.loadMasked, to, a: MASKS + mask, b: from });
    else this.#step({ code: vex.load, to, b: from });
  }

  storeVector(to: Place, from: number, mask = 0): void {
    if (mask) this.#step({ code: vex.storeMasked, to: from, stores: true, a: MASKS + mask, b: to });
    else this.#step({ code: vex.store, to: from, stores: true, b: to });
  }

  moveVector(to: number, from: number): void {
    if (to !== from) this.#step({ code: vex.load, to, b: from });
  }

  spread(to: number, from: Place): void {
    this.#beforeReading({ each: from });
    this.#step({ code: vex.spread, to, b: from, uniform: true });
  }

  roundDown(to: number, from: number): void {
    this.#step({ code: vex.round, to, b: from, last: 9 });
  }

  toIntegers(to: number, from: number): void {
    this.#step({ code: vex.truncate, to, b: from });
  }

  compareVectors(mask: number, a: number, by: Comparison, b: Operand, of = 0): void {
    const to = of ? SOME : MASKS + mask;
    this.#step({ code: vex.compare, to, a, b: this.#read(b), last: comparisons[by] });
    if (of) this.#step({ code: vex.and, to: MASKS + mask, a: SOME, b: MASKS + of });
  }

  keep(to: number, from: number, mask: number): void {
    this.#step({ code: vex.and, to, a: from, b: MASKS + mask });
  }

  loadNumber(to: number, from: Place): void {
    this.#beforeReading({ each: from });
    this.#step({ code: vex.loadNumber, to, b: from, narrow: true, single: true });
  }

  storeNumber(to: Place, from: number): void {
    this.#step({ code: vex.storeNumber, to: from, stores: true, b: to, narrow: true, single: true });
  }

  addNumbers(to: number, a: number, b: Place): void {
    this.#beforeReading({ each: b });
    this.#step({ code: vex.addNumber, to, a, b, narrow: true, single: true });
  }

  clear(to: number): void {
    this.#step({ code: vex.exclusiveOr, to, uniform: true });
  }

  squareRoot(to: number, from: number): void {
    this.#step({ code: vex.squareRoot, to, b: from });
  }

  /** By two powers, one after the other, since an exponent alone does not reach down to where the result is zero. */
  scaleByPower(to: number, a: number, b: Operand): void {
    this.#step({ code: vex.load, to: MORE, b: this.#read(b) });
    this.#step({ code: vex.maximum, to: MORE, a: MORE, b: this.#constant(leastPower) });
    this.#step({ code: vex.toInteger, to: MORE, b: MORE });
    this.#step({ code: vex.shift, extension: RIGHT, to: SOME, b: MORE, last: 1 });
    this.#step({ code: vex.subtractIntegers, to: MORE, a: MORE, b: SOME });
    for (const power of [SOME, MORE]) {
      this.#step({ code: vex.addIntegers, to: power, a: power, b: this.#constant(bias) });
      this.#step({ code: vex.shift, extension: LEFT, to: power, b: power, last: 23 });
    }
    this.#step({ code: vex.multiply, to: SOME, a: SOME, b: a });
    this.#step({ code: vex.multiply, to, a: SOME, b: MORE });
  }

  setMask(mask: number, register: number): void {
    const to = MASKS + mask;
    this.#step({ code: vex.fromGeneral, to, b: { general: register }, narrow: true });
    this.#step({ code: vex.spreadInteger, to, b: to });
    this.#step({ code: vex.andIntegers, to, a: to, b: this.#constant(bits) });
    this.#step({ code: vex.equalIntegers, to, a: to, b: this.#constant(bits) });
  }

  gather(to: number, { base, offset = 0 }: Place, index: number): void {
    this.#beforeReading({ each: { base } });
    this.#step({ code: vex.equalIntegers, to: SOME });
    this.#step({ code: vex.gather, to, a: SOME, b: { base, offset }, by: index });
  }

  scatter({ base, offset = 0 }: Place, index: number, from: number): void {
    const [ofNumbers, ofPlaces] = [homes[2 * from]!, homes[2 * index]!];
    this.storeVector(ofNumbers, from);
    this.storeVector(ofPlaces, index);
    this.settle();
    for (let place = 0; place < VECTOR; place += 4) {
      this.loadInt32(rax, { base: rbp, offset: ofPlaces.offset + place });
      this.#vex(vex.loadNumber, 0, 0, { base: rbp, offset: ofNumbers.offset + place }, true);
      this.#vex(vex.storeNumber, 0, 0, { base, index: rax, offset }, true);
    }
  }

  protected compute(code: Instruction, to: number, a: number, b: Operand, mask = 0, changes = false): void {
    const other = this.#read(b, mask);
    if (mask && changes) this.#step({ code: vex.load, to: SOME, b: to });
    this.#step({ code, to: mask ? SOME : to, changes, a, b: other });
    // What was computed for a moment, in the places of the mask.
    if (mask) this.#step({ code: vex.blend, to, a: to, b: SOME, by: MASKS + mask });
  }

  /** Memory is read where a mask says, alone. */
  #read(b: Operand, mask = 0): Source {
    if (typeof b === 'number') return b;
    if ('each' in b) {
      this.spread(EACH, b.each);
      return EACH;
    }
    this.#beforeReading(b);
    if (!mask) return b;
    this.#step({ code: vex.loadMasked, to: MORE, a: MASKS + mask, b });
    return MORE;
  }

  #constant(numbers: Int32Array | Float32Array): Constant {
    const known = this.#constants.get(numbers) ?? { halves: [this.label(), this.label()] };
    this.#constants.set(numbers, known);
    return known;
  }

  #step(named: Named): void {
    const step = stepOf(named);
    this.#steps.push(step);
    if (step.stores) this.#stored.push(step.b as Place);
  }

  /** Halves are written after one another, so what is read in other halves than it was stored by must be there. */
  #beforeReading(place: Place | { readonly each: Place }): void {
    const { base, index, offset = 0 } = 'each' in place ? place.each : place;
    const across = this.#stored.some(
      ({ base: of, index: by, offset: at = 0 }) =>
        of === base && ('each' in place || by !== index || (offset - at) % VECTOR !== 0),
    );
    if (across) this.settle();
  }

  protected override settle(): void {
    if (this.#steps.length === 0) return;
    const steps = this.#steps;
    this.#steps = [];
    this.#stored = [];
    for (const vector of openVectors(steps, this.#resident)) this.open.add(vector);
    this.#stretches.push({ part: this.leaveOut(), steps, resident: this.#resident });
  }

  #write(
    step: Step,
    half: 0 | 1,
    to: number,
    a: number,
    found: number | { readonly half: number } | null,
    by: number,
  ): void {
    const { code, b, narrow, single, uniform, last, extension } = step;
    if (code === vex.prefetch) this.general([0x0f, 0x18], 1, b as Place);
    else if (code === vex.gather) this.#vex(code, to, a, { ...(b as Place), index: by }, false, true);
    else if (extension !== NONE) this.#vex(code, extension, to, found as number);
    else if (b === null) this.#vex(code, to, to, to);
    else if (typeof found === 'number') this.#vex(code, to, a, found, narrow);
    else if (found) this.#vex(code, to, a, homes[found.half]!, narrow);
    else if (typeof b === 'object' && 'base' in b) {
      this.#vex(code, to, a, b, narrow, false, single || uniform ? 0 : HALF * half);
    } else {
      const beside = b as General | Constant;
      this.#vex(code, to, a, 'general' in beside ? beside.general : beside.halves[half], narrow);
    }
    if (code === vex.blend) this.put(by << 4);
    if (last !== NONE) this.put(last);
  }

  #vex(
    [prefix, map, opcode]: Instruction,
    reg: number,
    second: number,
    operand: number | Place | Label,
    narrow = false,
    vectors = false,
    further = 0,
  ): void {
    const place = typeof operand === 'object' && 'base' in operand ? operand : null;
    const rm = typeof operand === 'number' ? operand : 0;
    const base = place ? place.base : rm;
    const index = place?.index ?? 0;
    const rest = ((~second & 15) << 3) | (narrow ? 0 : 4) | prefix;
    if (map === 1 && base < 8 && index < 8) this.put(0xc5, (reg & 8 ? 0 : 0x80) | rest, opcode);
    else {
      this.put(0xc4, (0xe0 ^ (((reg & 8) << 4) | ((index & 8) << 3) | ((base & 8) << 2))) | map, rest, opcode);
    }
    if (typeof operand === 'object' && 'uses' in operand) {
      this.put(((reg & 7) << 3) | 5);
      this.use(operand);
    } else this.operand(reg, place ?? rm, 1, vectors, further);
  }
}

/** Where halves lie in the frame. */
const homes = Array.from({ length: 2 * VECTORS }, (_, half) => ({
  base: rbp,
  offset: HALF * half - LOCALS - VECTORS * VECTOR,
}));
