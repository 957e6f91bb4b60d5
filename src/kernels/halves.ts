/**
 * Some instructions on vectors of 16 that follow one another, as instructions on halves in the 16 registers of 8
 * numbers: which registers hold what, and what is kept in memory meanwhile (Belady 1966: what is wanted last).
 */
import type { Label, Place } from './assembler.js';

/** Where an instruction's last operand comes from: a vector, memory, or a general register. */
export type Source = number | Place | { readonly general: number } | Constant;
/** Numbers beside the code, for both halves. */
export interface Constant {
  readonly halves: readonly [Label, Label];
}

/** An instruction on vectors, by their numbers. */
export interface Step {
  /** The prefix, the map and the byte of the instruction, as in VEX. */
  readonly code: readonly [prefix: number, map: number, opcode: number];
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

interface One {
  readonly step: Step;
  readonly half: 0 | 1;
}

/**
 * @param resident which register has a half, by the half's number, before and afterwards
 * @param isNeeded whether code elsewhere may read a vector that is set here
 * @returns the vectors that are read before they are set
 */
export function writeHalves(
  steps: readonly Step[],
  resident: ReadonlyMap<number, number>,
  isNeeded: (vector: number) => boolean,
  written: Written,
): Set<number> {
  const uniform = uniformOf(steps, resident);
  const interleaved = fits(steps, uniform, resident);
  const halfOf = (vector: number, half: 0 | 1) => 2 * vector + (interleaved && uniform.has(vector) ? 0 : half);
  const order = interleaved ? inTurn(steps, uniform) : oneByOne(steps);

  // When each half is read (even) or set without being read (odd), in order.
  const events = new Map<number, number[]>();
  const note = (half: number, event: number) => {
    const known = events.get(half);
    if (known) known.push(event);
    else events.set(half, [event]);
  };
  for (const [at, { step, half }] of order.entries()) {
    for (const vector of readsOf(step)) note(halfOf(vector, half), 2 * at);
    if (step.to !== undefined && !step.stores && !step.changes) note(halfOf(step.to, half), 2 * at + 1);
  }
  const open = new Set<number>();
  for (const [half, [first]] of events) if (first! % 2 === 0 && !resident.has(half)) open.add(half >> 1);

  const holds = new Array<number>(REGISTERS).fill(-1);
  const changed = new Array<boolean>(REGISTERS).fill(false);
  const where = new Map<number, number>(resident);
  const kept = new Set(resident.values());
  const locked = new Set<number>();
  const done = new Map<number, number>();
  /** The next event of a half behind a step; none where it is undefined. */
  const next = (half: number, at: number): number | undefined => {
    const all = events.get(half);
    if (!all) return undefined;
    let index = done.get(half) ?? 0;
    while (index < all.length && all[index]! < 2 * at + 2) index++;
    done.set(half, index);
    return all[index];
  };
  const store = (half: number, register: number) => {
    written.store(half, register);
    if (interleaved && uniform.has(half >> 1)) written.store(half + 1, register);
  };
  const take = (at: number): number => {
    let best = -1;
    let latest = -1;
    for (let register = 0; register < REGISTERS; register++) {
      if (kept.has(register) || locked.has(register)) continue;
      const half = holds[register]!;
      if (half < 0) return register;
      const event = next(half, at);
      const when = event === undefined || event % 2 === 1 ? Number.POSITIVE_INFINITY : event;
      if (when > latest) [best, latest] = [register, when];
    }
    const half = holds[best]!;
    const event = next(half, at);
    if (changed[best] && (event === undefined ? isNeeded(half >> 1) : event % 2 === 0)) store(half, best);
    where.delete(half);
    holds[best] = -1;
    return best;
  };
  const hold = (half: number, register: number, isChanged: boolean) => {
    if (kept.has(register)) return;
    holds[register] = half;
    changed[register] = isChanged;
    where.set(half, register);
  };
  const inRegister = (half: number, at: number): number => {
    let register = where.get(half);
    if (register === undefined) {
      register = take(at);
      written.load(register, half);
      hold(half, register, false);
    }
    locked.add(register);
    return register;
  };
  const release = (half: number, at: number) => {
    const register = where.get(half);
    if (register === undefined || kept.has(register)) return;
    const event = next(half, at);
    if (event === undefined ? isNeeded(half >> 1) && changed[register] : event % 2 === 0) return;
    where.delete(half);
    holds[register] = -1;
  };

  for (const [at, { step, half }] of order.entries()) {
    const { to, a, b, by, stores = false, changes = false } = step;
    locked.clear();
    for (const vector of readsOf(step)) {
      const register = where.get(halfOf(vector, half));
      if (register !== undefined) locked.add(register);
    }
    const second = a === undefined ? 0 : inRegister(halfOf(a, half), at);
    const further = by === undefined ? 0 : inRegister(halfOf(by, half), at);
    let last: number | { readonly half: number } | null = null;
    if (typeof b === 'number') {
      const other = halfOf(b, half);
      const event = next(other, at);
      const again = event !== undefined && event % 2 === 0;
      last = where.has(other) || again || step.extension !== undefined ? inRegister(other, at) : { half: other };
    }
    let first = 0;
    if (to !== undefined) {
      const own = halfOf(to, half);
      if (stores || changes) first = inRegister(own, at);
      else {
        first = where.get(own) ?? take(at);
        hold(own, first, true);
      }
    }
    written.step(step, half, first, second, last, further);
    if (changes) hold(halfOf(to!, half), first, true);
    for (const vector of readsOf(step)) release(halfOf(vector, half), at);
    if (to !== undefined && !stores) release(halfOf(to, half), at);
  }
  for (const [register, half] of holds.entries()) {
    if (half >= 0 && changed[register] && isNeeded(half >> 1)) store(half, register);
  }
  return open;
}

function readsOf({ to, changes, stores, a, b, by }: Step): number[] {
  const reads: number[] = [];
  if (to !== undefined && (changes || stores)) reads.push(to);
  if (a !== undefined) reads.push(a);
  if (typeof b === 'number') reads.push(b);
  if (by !== undefined) reads.push(by);
  return reads;
}

/** Vectors that have the same halves whenever they are read. */
function uniformOf(steps: readonly Step[], resident: ReadonlyMap<number, number>): Set<number> {
  const uniform = new Set<number>();
  const others = new Set([...resident.keys()].map((half) => half >> 1));
  for (const step of steps) {
    for (const vector of readsOf(step)) if (!uniform.has(vector)) others.add(vector);
    const { to, stores } = step;
    if (to === undefined || stores) continue;
    if (step.uniform) uniform.add(to);
    else others.add(to);
  }
  for (const vector of others) uniform.delete(vector);
  return uniform;
}

/** Whether both halves of all vectors fit into registers beside one another. */
function fits(steps: readonly Step[], uniform: ReadonlySet<number>, resident: ReadonlyMap<number, number>): boolean {
  const vectors = new Set<number>();
  for (const step of steps) {
    for (const vector of readsOf(step)) vectors.add(vector);
    if (step.to !== undefined) vectors.add(step.to);
  }
  let count = resident.size;
  for (const vector of vectors) if (!resident.has(2 * vector)) count += uniform.has(vector) ? 1 : 2;
  return count <= REGISTERS;
}

function inTurn(steps: readonly Step[], uniform: ReadonlySet<number>): One[] {
  return steps.flatMap((step): One[] => {
    const once = step.single || (step.uniform && uniform.has(step.to!));
    return once
      ? [{ step, half: 0 }]
      : [
          { step, half: 0 },
          { step, half: 1 },
        ];
  });
}

function oneByOne(steps: readonly Step[]): One[] {
  const low = steps.map((step): One => ({ step, half: 0 }));
  return [...low, ...steps.filter(({ single }) => !single).map((step): One => ({ step, half: 1 }))];
}
