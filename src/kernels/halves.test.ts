/** Vectors of 16 by halves in 16 registers compute what a machine with a register for each vector does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Halves, type Named, openVectors, type Step, stepOf, type Written } from './halves.js';

const VECTORS = 24;
const [SET, ADD, CHANGE, COPY, SELECT] = [0, 1, 2, 3, 4];
const code = (what: number) => [0, 0, what] as const;
type Numbers = [low: number, high: number];

/** What a step makes of numbers; `memory` is what lies in memory for it. */
function result([, , what]: Step['code'], memory: number, to: number, a: number, b: number, by: number): number {
  if (what === SET) return memory;
  if (what === ADD) return a + b;
  if (what === CHANGE) return 2 * to - a + 3 * b;
  return what === COPY ? b : by > 0 ? a : b;
}

const vector = fc.integer({ min: 0, max: VECTORS - 1 });
/** In memory lie a number of the step's own, and for the high half one more, or the same. */
const steps = fc.array(
  fc
    .oneof(
      fc.record({ code: fc.constant(code(SET)), to: vector, uniform: fc.boolean(), b: fc.constant({ base: 1 }) }),
      fc.record({ code: fc.constant(code(ADD)), to: vector, a: vector, b: vector }),
      fc.record({ code: fc.constant(code(CHANGE)), to: vector, changes: fc.constant(true), a: vector, b: vector }),
      fc.record({ code: fc.constant(code(COPY)), to: vector, b: vector }),
      fc.record({ code: fc.constant(code(SELECT)), to: vector, a: vector, b: vector, by: vector }),
      fc.record({ code: fc.constant(code(COPY)), to: vector, stores: fc.constant(true), b: fc.constant({ base: 2 }) }),
    )
    .map((named) => stepOf(named as Named)),
  { minLength: 1, maxLength: 60 },
);
/** Up to six vectors that stay in registers. */
const residents = fc.uniqueArray(vector, { maxLength: 6 });

const inMemory = (index: number, half: number, uniform: boolean) => 100 * index + (uniform ? 0 : half);

test('any instructions leave what they should, in registers, in the frame and in memory', () => {
  fc.assert(
    fc.property(steps, residents, fc.uniqueArray(vector), (program, kept, wanted) => {
      const resident = new Map(kept.flatMap((one) => [2 * one, 2 * one + 1]).map((half, k) => [half, 15 - k]));
      const begin = (half: number) => -1 - half;

      const plain = Array.from({ length: VECTORS }, (_, one): Numbers => [begin(2 * one), begin(2 * one + 1)]);
      const stored: string[] = [];
      for (const [index, { code, to, a, b, by, stores, uniform }] of program.entries()) {
        for (const half of [0, 1] as const) {
          if (stores) stored.push(`${index} ${half} ${plain[to]![half]}`);
          const of = (one: unknown) => (typeof one === 'number' && one >= 0 ? plain[one]![half] : 0);
          const made = result(code, inMemory(index, half, uniform), of(to), of(a), of(b), of(by));
          // What has been read is no longer needed when the second half is made.
          if (!stores) plain[to]![half] = made;
        }
      }

      const frame = Array.from({ length: 2 * VECTORS }, (_, half) => (resident.has(half) ? Number.NaN : begin(half)));
      const registers = new Array<number>(16).fill(Number.NaN);
      for (const [half, register] of resident) registers[register] = begin(half);
      const written: string[] = [];
      const machine: Written = {
        load: (register, half) => (registers[register] = frame[half]!),
        store: (half, register) => (frame[half] = registers[register]!),
        step(step, half, to, a, b, by) {
          const index = program.indexOf(step);
          if (step.stores) written.push(`${index} ${half} ${registers[to]}`);
          const last = b === null ? 0 : typeof b === 'number' ? registers[b]! : frame[b.half]!;
          const memory = inMemory(index, half, step.uniform);
          const made = result(step.code, memory, registers[to]!, registers[a]!, last, registers[by]!);
          if (!step.stores) registers[to] = made;
        },
      };
      new Halves(machine).write(program, resident, new Set(wanted));

      assert.deepEqual(written.sort(), stored.sort());
      for (const one of wanted) {
        if (kept.includes(one)) continue;
        assert.deepEqual([frame[2 * one], frame[2 * one + 1]], plain[one], `vector ${one}`);
      }
      for (const one of kept) {
        assert.deepEqual([registers[resident.get(2 * one)!], registers[resident.get(2 * one + 1)!]], plain[one]);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is read before it is set comes from elsewhere', () => {
  const program = [
    stepOf({ code: code(ADD), to: 3, a: 1, b: 2 }),
    stepOf({ code: code(ADD), to: 1, a: 3, b: 3 }),
    stepOf({ code: code(CHANGE), to: 5, changes: true, a: 1, b: 6 }),
  ];
  assert.deepEqual([...openVectors(program, new Map([[12, 0]]))], [1, 2, 5]);
});
