/**
 * Some instructions on vectors of 16 that follow one another, as instructions on halves in the 16 registers of 8
 * numbers: which registers hold what, and what is kept in memory meanwhile (Belady 1966: what is wanted last).
 */
import type { Label, Place } from './assembler.js';
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

/** An instruction on vectors, by their numbers. */
export interface Step {
  readonly code: Instruction;
  /** What it writes, or, with `stores`, what it writes to memory. */
  readonly to?: number;
  /** Whether it reads what it writes, too. */
  readonly changes?: boolean;
  readonly stores?: boolean;
  /** Its second operand. */
  readonly a?: number;
  readonly b?: Source;
  /** A further vector: a mask, or the places of `b` from its base. */
  readonly by?: number;
  /** A byte behind it. */
  readonly last?: number;
  /** In place of the first operand, where what it writes is named by the second. */
  readonly extension?: number;
  /** Whether it is on four numbers of each half, or on the first number alone. */
  readonly narrow?: boolean;
  readonly single?: boolean;
  /** Whether both halves become the same. */
  readonly uniform?: boolean;
}

/** What is written: registers by their numbers. */
export interface Written {
  load(register: number, half: number): void;
  store(half: number, register: number): void;
  /** @param b of the last operand the register, or where it lies in memory as a half's number */
  step(step: Step, half: 0 | 1, to: number, a: number, b: number | { readonly half: number } | null, by: number): void;
}

const REGISTERS = 16;
/** None, as a register, a half or an event. */
const NONE = -1;

/** The vectors that are read before they are set. @param resident halves that lie in registers all the time */
export function openVectors(steps: readonly Step[], resident: ReadonlyMap<number, number>): Set<number> {
  const open = new Set<number>();
  const set = new Set<number>();
  for (const step of steps) {
    for (const vector of readsOf(step)) if (!set.has(vector) && !resident.has(2 * vector)) open.add(vector);
    if (sets(step)) set.add(step.to!);
  }
  return open;
}

/**
 * @param resident which register has a half, by the half's number, before and afterwards
 * @param needed vectors that code elsewhere may read
 */
export function writeHalves(
  steps: readonly Step[],
  resident: ReadonlyMap<number, number>,
  needed: ReadonlySet<number>,
  written: Written,
): void {
  const reads = steps.map(readsOf);
  const uniform = uniformOf(steps, reads, resident);
  const interleaved = fits(steps, reads, uniform, resident);
  const halfOf = (vector: number, half: number) => 2 * vector + (interleaved && uniform.has(vector) ? 0 : half);
  /** The steps of halves in their order: the step's number twice, and the half. */
  const order = interleaved ? inTurn(steps, uniform) : oneByOne(steps);

  /** When each half is read (even) or set without being read (odd), in order, and how many of these have been. */
  const events: number[][] = [];
  const done: number[] = [];
  const note = (half: number, event: number) => {
    events[half] ??= [];
    done[half] = 0;
    events[half].push(event);
  };
  for (let at = 0; at < order.length; at++) {
    const [step, half] = [steps[order[at]! >> 1]!, order[at]! & 1];
    for (const vector of reads[order[at]! >> 1]!) note(halfOf(vector, half), 2 * at);
    if (sets(step)) note(halfOf(step.to!, half), 2 * at + 1);
  }
  /** The next event of a half behind a step. */
  const next = (half: number, at: number): number => {
    const all = events[half]!;
    let index = done[half]!;
    while (index < all.length && all[index]! < 2 * at + 2) index++;
    done[half] = index;
    return index < all.length ? all[index]! : NONE;
  };
  /** Whether the number of a half is still wanted: by steps, or, where it is changed, elsewhere. */
  const isWanted = (half: number, event: number, isChanged: boolean) =>
    event === NONE ? isChanged && needed.has(half >> 1) : event % 2 === 0;

  const holds = new Array<number>(REGISTERS).fill(NONE);
  const changed = new Array<boolean>(REGISTERS).fill(false);
  /** The last step that took each register; those of residents are never to be taken. */
  const used = new Array<number>(REGISTERS).fill(NONE);
  const where: number[] = [];
  for (const [half, register] of resident) {
    where[half] = register;
    used[register] = Number.POSITIVE_INFINITY;
  }
  const registerOf = (half: number) => where[half] ?? NONE;
  const store = (half: number, register: number) => {
    written.store(half, register);
    if (interleaved && uniform.has(half >> 1)) written.store(half + 1, register);
  };
  const drop = (register: number) => {
    where[holds[register]!] = NONE;
    holds[register] = NONE;
  };
  /** A register that is free, or that of what is wanted last. */
  const take = (at: number): number => {
    let best = NONE;
    let latest = NONE;
    for (let register = 0; register < REGISTERS; register++) {
      if (used[register]! >= at) continue;
      if (holds[register] === NONE) return register;
      const event = next(holds[register]!, at);
      const when = event === NONE || event % 2 === 1 ? Number.POSITIVE_INFINITY : event;
      if (when > latest) [best, latest] = [register, when];
    }
    const half = holds[best]!;
    if (changed[best] && isWanted(half, next(half, at), true)) store(half, best);
    drop(best);
    return best;
  };
  const hold = (half: number, register: number, isChanged: boolean) => {
    where[half] = register;
    if (used[register] === Number.POSITIVE_INFINITY) return;
    holds[register] = half;
    changed[register] = isChanged;
  };
  const lock = (register: number, at: number): number => {
    used[register] = Math.max(used[register]!, at);
    return register;
  };
  const inRegister = (half: number, at: number): number => {
    const known = registerOf(half);
    if (known !== NONE) return lock(known, at);
    const register = take(at);
    written.load(register, half);
    hold(half, register, false);
    return lock(register, at);
  };
  const release = (half: number, at: number) => {
    const register = registerOf(half);
    if (register === NONE || used[register] === Number.POSITIVE_INFINITY) return;
    if (!isWanted(half, next(half, at), changed[register]!)) drop(register);
  };

  for (let at = 0; at < order.length; at++) {
    const [index, half] = [order[at]! >> 1, (order[at]! & 1) as 0 | 1];
    const step = steps[index]!;
    const { to, a, b, by, stores = false, changes = false } = step;
    for (const vector of reads[index]!) {
      const register = registerOf(halfOf(vector, half));
      if (register !== NONE) lock(register, at);
    }
    const second = a === undefined ? 0 : inRegister(halfOf(a, half), at);
    const further = by === undefined ? 0 : inRegister(halfOf(by, half), at);
    let last: number | { readonly half: number } | null = null;
    if (typeof b === 'number') {
      const other = halfOf(b, half);
      const again = isWanted(other, next(other, at), false);
      const inMemory = registerOf(other) === NONE && !again && step.extension === undefined;
      last = inMemory ? { half: other } : inRegister(other, at);
    }
    let first = 0;
    if (to !== undefined) {
      const own = halfOf(to, half);
      if (stores || changes) first = inRegister(own, at);
      else first = registerOf(own) === NONE ? take(at) : registerOf(own);
      if (!stores) hold(own, first, true);
    }
    written.step(step, half, first, second, last, further);
    for (const vector of reads[index]!) release(halfOf(vector, half), at);
    if (to !== undefined && !stores) release(halfOf(to, half), at);
  }
  for (let register = 0; register < REGISTERS; register++) {
    const half = holds[register]!;
    if (half !== NONE && changed[register] && needed.has(half >> 1)) store(half, register);
  }
}

/** Whether a step sets a vector without reading it. */
function sets({ to, stores, changes }: Step): boolean {
  return to !== undefined && !stores && !changes;
}

function readsOf({ to, changes, stores, a, b, by }: Step): number[] {
  const reads: number[] = [];
  if (to !== undefined && (changes || stores)) reads.push(to);
  if (a !== undefined) reads.push(a);
  if (typeof b === 'number') reads.push(b);
  if (by !== undefined) reads.push(by);
  return reads;
}

type Reads = readonly (readonly number[])[];

/** Vectors that have the same halves whenever they are read. */
function uniformOf(steps: readonly Step[], reads: Reads, resident: ReadonlyMap<number, number>): Set<number> {
  const uniform = new Set<number>();
  const others = new Set([...resident.keys()].map((half) => half >> 1));
  for (let index = 0; index < steps.length; index++) {
    for (const vector of reads[index]!) if (!uniform.has(vector)) others.add(vector);
    const { to, stores, uniform: same } = steps[index]!;
    if (to === undefined || stores) continue;
    if (same) uniform.add(to);
    else others.add(to);
  }
  for (const vector of others) uniform.delete(vector);
  return uniform;
}

/** Whether both halves of all vectors fit into registers beside one another. */
function fits(
  steps: readonly Step[],
  reads: Reads,
  uniform: ReadonlySet<number>,
  resident: ReadonlyMap<number, number>,
): boolean {
  const seen = new Set<number>();
  let count = resident.size;
  const add = (vector: number) => {
    if (seen.has(vector)) return;
    seen.add(vector);
    if (!resident.has(2 * vector)) count += uniform.has(vector) ? 1 : 2;
  };
  for (let index = 0; index < steps.length; index++) {
    for (const vector of reads[index]!) add(vector);
    const { to } = steps[index]!;
    if (to !== undefined) add(to);
    if (count > REGISTERS) return false;
  }
  return true;
}

function inTurn(steps: readonly Step[], uniform: ReadonlySet<number>): number[] {
  const order: number[] = [];
  for (let index = 0; index < steps.length; index++) {
    const { single, uniform: same, to } = steps[index]!;
    order.push(2 * index);
    if (!single && !(same && uniform.has(to!))) order.push(2 * index + 1);
  }
  return order;
}

function oneByOne(steps: readonly Step[]): number[] {
  const order: number[] = [];
  for (const half of [0, 1]) {
    for (let index = 0; index < steps.length; index++)
      if (half === 0 || !steps[index]!.single) order.push(2 * index + half);
  }
  return order;
}
