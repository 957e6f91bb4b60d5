/**
 * Some instructions on vectors of 16 that follow one another, as instructions on halves in the 16 registers of 8
 * numbers: which registers hold what, and what is kept in memory meanwhile (Belady 1966: what is wanted last).
 */
import type { Place } from './assembler.js';
import type { Label } from './code-bytes.js';
import type { Instruction } from './instructions.js';

/** Where an instruction's last operand comes from: a vector, memory, or a general register. */
export type Source = number | Place | General | Constant;
/** A general register. */
export interface General {
  readonly general: number;
}
/** Numbers beside the code, for both halves. */
export interface Constant {
  readonly halves: readonly [Label, Label];
}

/** An instruction on vectors, by their numbers; what is absent is −1. */
export interface Step {
  readonly code: Instruction;
  /** What it writes, or, with `stores`, what it writes to memory. */
  readonly to: number;
  /** Whether it reads what it writes, too. */
  readonly changes: boolean;
  readonly stores: boolean;
  /** Its second operand. */
  readonly a: number;
  readonly b: Source | null;
  /** A further vector: a mask, or the places of `b` from its base. */
  readonly by: number;
  /** A byte behind it. */
  readonly last: number;
  /** In place of the first operand, where what it writes is named by the second. */
  readonly extension: number;
  /** Whether it is on four numbers of each half, or on the first number alone. */
  readonly narrow: boolean;
  readonly single: boolean;
  /** Whether both halves become the same. */
  readonly uniform: boolean;
}

/** A step of which the rest is absent. */
export type Named = Partial<Step> & Pick<Step, 'code'>;

/** All steps have all fields, in one order, by which they are found sooner. */
export function stepOf({
  code,
  to = NONE,
  changes = false,
  stores = false,
  a = NONE,
  b = null,
  by = NONE,
  last = NONE,
  extension = NONE,
  narrow = false,
  single = false,
  uniform = false,
}: Named): Step {
  return { code, to, changes, stores, a, b, by, last, extension, narrow, single, uniform };
}

/** What is written: registers by their numbers. */
export interface Written {
  load(register: number, half: number): void;
  store(half: number, register: number): void;
  /** @param b of the last operand the register, or where it lies in memory as a half's number */
  step(step: Step, half: 0 | 1, to: number, a: number, b: number | { readonly half: number } | null, by: number): void;
}

/** Which register has a half, by the half's number, before and afterwards. */
export type Resident = ReadonlyMap<number, number>;

const REGISTERS = 16;
/** More than there are. */
const VECTORS = 64;
/** None, as a vector, a half, a register or an event. */
export const NONE = -1;
/** In place of the last step that took a register: it is not to be taken. */
const ALWAYS = 2 ** 30;

/** The vectors that are read before they are set. */
export function openVectors(steps: readonly Step[], resident: Resident): Set<number> {
  const open = new Set<number>();
  const set = new Set<number>();
  for (const step of steps) {
    for (let k = 0; k < TOUCHED; k++) {
      const vector = readBy(step, k);
      if (vector !== NONE && !set.has(vector) && !resident.has(2 * vector)) open.add(vector);
    }
    if (sets(step)) set.add(step.to);
  }
  return open;
}

export class Halves {
  readonly #written: Written;
  /** Vectors of which one register has both halves. */
  readonly #shared = new Uint8Array(VECTORS);
  /** The register that each half lies in, and when it is next read (even) or set without being read (odd). */
  readonly #where = new Int32Array(2 * VECTORS).fill(NONE);
  readonly #upcoming = new Int32Array(2 * VECTORS);
  /** For each step of a half, and each vector that it touches, when that half is touched next. */
  #following = new Int32Array(1024);
  /** Of each register the half, whether memory has another number for it, and the last step that took it. */
  readonly #holds = new Int32Array(REGISTERS);
  readonly #changed = new Uint8Array(REGISTERS);
  readonly #used = new Int32Array(REGISTERS);
  #needed: ReadonlySet<number> = new Set();

  constructor(written: Written) {
    this.#written = written;
  }

  /** @param needed vectors that code elsewhere may read */
  write(steps: readonly Step[], resident: Resident, needed: ReadonlySet<number>): void {
    this.#needed = needed;
    const uniform = uniformOf(steps, resident);
    const interleaved = fits(steps, uniform, resident);
    this.#shared.fill(0);
    if (interleaved) for (const vector of uniform) this.#shared[vector] = 1;
    /** The steps of halves in their order: the step's number twice, and the half. */
    const order = interleaved ? inTurn(steps, uniform) : oneByOne(steps);
    this.#lookAhead(steps, order);
    this.#holds.fill(NONE);
    this.#used.fill(NONE);
    for (const [half, register] of resident) {
      this.#where[half] = register;
      this.#used[register] = ALWAYS;
    }
    for (let at = 0; at < order.length; at++) {
      const [step, half] = [steps[order[at]! >> 1]!, (order[at]! & 1) as 0 | 1];
      for (let k = 0; k < TOUCHED; k++) {
        const vector = touchedBy(step, k);
        if (vector !== NONE) this.#upcoming[this.#halfOf(vector, half)] = this.#following[TOUCHED * at + k]!;
      }
      this.#step(step, half, at);
    }
    for (let register = 0; register < REGISTERS; register++) {
      const half = this.#holds[register]!;
      if (half === NONE) continue;
      if (this.#changed[register] && needed.has(half >> 1)) this.#store(half, register);
      this.#drop(register);
    }
    for (const half of resident.keys()) this.#where[half] = NONE;
  }

  #lookAhead(steps: readonly Step[], order: readonly number[]): void {
    const needed = TOUCHED * order.length;
    if (this.#following.length < needed) this.#following = new Int32Array(2 * needed);
    const following = this.#following;
    const upcoming = this.#upcoming.fill(NONE);
    for (let at = order.length - 1; at >= 0; at--) {
      const [step, half] = [steps[order[at]! >> 1]!, order[at]! & 1];
      for (let k = 0; k < TOUCHED; k++) {
        const vector = touchedBy(step, k);
        if (vector !== NONE) following[TOUCHED * at + k] = upcoming[this.#halfOf(vector, half)]!;
      }
      if (sets(step)) upcoming[this.#halfOf(step.to, half)] = 2 * at + 1;
      for (let k = 0; k < TOUCHED; k++) {
        const vector = readBy(step, k);
        if (vector !== NONE) upcoming[this.#halfOf(vector, half)] = 2 * at;
      }
    }
  }

  #step(step: Step, half: 0 | 1, at: number): void {
    const { to, a, b, by, stores, changes } = step;
    for (let k = 0; k < TOUCHED; k++) {
      const vector = readBy(step, k);
      const register = vector === NONE ? NONE : this.#where[this.#halfOf(vector, half)]!;
      if (register !== NONE) this.#lock(register, at);
    }
    const second = a === NONE ? 0 : this.#inRegister(this.#halfOf(a, half), at);
    const further = by === NONE ? 0 : this.#inRegister(this.#halfOf(by, half), at);
    let last: number | { readonly half: number } | null = null;
    if (typeof b === 'number') {
      const other = this.#halfOf(b, half);
      const inMemory = this.#where[other] === NONE && !this.#isWanted(other, false) && step.extension === NONE;
      last = inMemory ? { half: other } : this.#inRegister(other, at);
    }
    let first = 0;
    if (to !== NONE) {
      const own = this.#halfOf(to, half);
      if (stores || changes) first = this.#inRegister(own, at);
      else first = this.#where[own] === NONE ? this.#take(at) : this.#where[own]!;
      if (!stores) this.#hold(own, first, true);
    }
    this.#written.step(step, half, first, second, last, further);
    for (let k = 0; k < TOUCHED; k++) {
      const vector = touchedBy(step, k);
      if (vector !== NONE) this.#release(this.#halfOf(vector, half));
    }
  }

  #halfOf(vector: number, half: number): number {
    return 2 * vector + (this.#shared[vector] ? 0 : half);
  }

  /** Whether the number of a half is still wanted: by steps, or, where it is changed, elsewhere. */
  #isWanted(half: number, isChanged: boolean): boolean {
    const event = this.#upcoming[half]!;
    return event === NONE ? isChanged && this.#needed.has(half >> 1) : event % 2 === 0;
  }

  #inRegister(half: number, at: number): number {
    const known = this.#where[half]!;
    if (known !== NONE) return this.#lock(known, at);
    const register = this.#take(at);
    this.#written.load(register, half);
    this.#hold(half, register, false);
    return this.#lock(register, at);
  }

  /** A register that is free, or that of what is wanted last. */
  #take(at: number): number {
    let best = NONE;
    let latest = NONE;
    for (let register = 0; register < REGISTERS; register++) {
      if (this.#used[register]! >= at) continue;
      const half = this.#holds[register]!;
      if (half === NONE) return register;
      const event = this.#upcoming[half]!;
      const when = event === NONE || event % 2 === 1 ? ALWAYS : event;
      if (when > latest) [best, latest] = [register, when];
    }
    const half = this.#holds[best]!;
    if (this.#changed[best] && this.#isWanted(half, true)) this.#store(half, best);
    this.#drop(best);
    return best;
  }

  #lock(register: number, at: number): number {
    if (this.#used[register]! < at) this.#used[register] = at;
    return register;
  }

  #hold(half: number, register: number, isChanged: boolean): void {
    this.#where[half] = register;
    if (this.#used[register] === ALWAYS) return;
    this.#holds[register] = half;
    this.#changed[register] = isChanged ? 1 : 0;
  }

  #release(half: number): void {
    const register = this.#where[half]!;
    if (register === NONE || this.#used[register] === ALWAYS) return;
    if (!this.#isWanted(half, this.#changed[register] === 1)) this.#drop(register);
  }

  #drop(register: number): void {
    this.#where[this.#holds[register]!] = NONE;
    this.#holds[register] = NONE;
  }

  #store(half: number, register: number): void {
    this.#written.store(half, register);
    if (this.#shared[half >> 1]) this.#written.store(half + 1, register);
  }
}

/** Vectors that a step touches at most. */
const TOUCHED = 4;

/** The vector that a step touches as its operand k: what it writes, and what it reads. */
function touchedBy(step: Step, k: number): number {
  if (k === 0) return step.to;
  if (k === 1) return step.a;
  if (k === 2) return typeof step.b === 'number' ? step.b : NONE;
  return step.by;
}

function readBy(step: Step, k: number): number {
  return k === 0 && !step.changes && !step.stores ? NONE : touchedBy(step, k);
}

/** Whether a step sets a vector without reading it. */
function sets({ to, stores, changes }: Step): boolean {
  return to !== NONE && !stores && !changes;
}

/** Vectors that have the same halves whenever they are read. */
function uniformOf(steps: readonly Step[], resident: Resident): Set<number> {
  const uniform = new Set<number>();
  const others = new Set([...resident.keys()].map((half) => half >> 1));
  for (const step of steps) {
    for (let k = 0; k < TOUCHED; k++) {
      const vector = readBy(step, k);
      if (vector !== NONE && !uniform.has(vector)) others.add(vector);
    }
    if (step.to === NONE || step.stores) continue;
    if (step.uniform) uniform.add(step.to);
    else others.add(step.to);
  }
  for (const vector of others) uniform.delete(vector);
  return uniform;
}

/** Whether both halves of all vectors fit into registers beside one another. */
function fits(steps: readonly Step[], uniform: ReadonlySet<number>, resident: Resident): boolean {
  const seen = new Set<number>();
  let count = resident.size;
  for (const step of steps) {
    for (let k = 0; k < TOUCHED; k++) {
      const vector = touchedBy(step, k);
      if (vector === NONE || seen.has(vector)) continue;
      seen.add(vector);
      if (!resident.has(2 * vector)) count += uniform.has(vector) ? 1 : 2;
    }
    if (count > REGISTERS) return false;
  }
  return true;
}

function inTurn(steps: readonly Step[], uniform: ReadonlySet<number>): number[] {
  const order: number[] = [];
  for (const [index, { single, uniform: same, to }] of steps.entries()) {
    order.push(2 * index);
    if (!single && !(same && uniform.has(to))) order.push(2 * index + 1);
  }
  return order;
}

function oneByOne(steps: readonly Step[]): number[] {
  const order: number[] = [];
  for (const half of [0, 1]) {
    for (const [index, { single }] of steps.entries()) if (half === 0 || !single) order.push(2 * index + half);
  }
  return order;
}
