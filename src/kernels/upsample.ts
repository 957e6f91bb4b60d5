/**
 * Linear upsampling by 2 of a map in blocks, half-pixel, and its gradient. Between two pixels of an axis lie two of
 * what is made, three parts of the nearer and one of the other; at the edges a pixel counts twice.
 */
import { positionsOf } from '../core/tensor.js';
import { type Assembler, r9, r10, r11, r12, r13, r14, r15, rax, rbx, rcx, rdi, rdx, rsi } from './assembler.js';
import { type Kernel, slots } from './kernel.js';
import { asImage, eachPixel, eachRow, PIXEL, type RowsShape, rowAt, rowsOf } from './rows.js';

const [NEAR, FAR] = [0.75, 0.25];
/** What a pixel gave to the four around it. */
const TAPS = [FAR, NEAR, NEAR, FAR];

function doubleOf(shape: RowsShape): RowsShape {
  return { ...shape, extents: shape.extents.map((extent) => 2 * extent) };
}

function clamped(at: number, extent: number): number {
  return Math.min(Math.max(at, 0), extent - 1);
}

/** Input: x. Output: twice as many pixels along each axis. A row of the work is a gap between rows, edges included. */
export function upsample(code: Assembler, shape: RowsShape): Kernel {
  const double = doubleOf(shape);
  const axes = shape.extents.length - 1;
  const width = shape.extents.at(-1)!;
  const sides = positionsOf(new Array<number>(axes).fill(2));
  const rows = rowsOf(
    shape.extents.slice(0, -1).map((extent) => extent + 1),
    (gap) => {
      const around = (of: RowsShape, first: (at: number) => number) =>
        sides.map((side) =>
          rowAt(
            of,
            gap.map((at, axis) => clamped(first(at) + side[axis]!, of.extents[axis]!)),
          ),
        );
      return [...around(shape, (at) => at - 1), ...around(double, (at) => 2 * at - 1)];
    },
  );
  const from = [rsi, rdx, r9, r10].slice(0, sides.length);
  const to = [rdi, r11, r13, r15].slice(0, sides.length);
  const maps = [
    ...from.map((register, k) => ({ register, map: 0, offset: k, shape })),
    ...to.map((register, k) => ({ register, map: 'output' as const, offset: sides.length + k, shape: double })),
  ];
  // Vectors: of the pixel before, of this one, what is made of both, and the two shares.
  const [before, now, made, near, far] = [0, 4, 8, 30, 31];
  const between = (target: number, a: number, b: number) => {
    code.multiplyVectors(target, a, near);
    code.multiplyAdd(target, b, far);
  };
  /** The pixel at rcx of all rows of what is made, from those around. */
  const column = (first: number) => {
    const rowsAt = (k: number) => first + k;
    for (const [k, register] of from.entries()) code.loadVector(rowsAt(k), { base: register, index: rcx });
    for (let axis = 0; axis < axes; axis++) {
      const stride = 2 ** (axes - 1 - axis);
      for (const [k, side] of sides.entries()) {
        if (side[axis] === 1) continue;
        between(made, rowsAt(k), rowsAt(k + stride));
        between(made + 1, rowsAt(k + stride), rowsAt(k));
        code.moveVector(rowsAt(k), made);
        code.moveVector(rowsAt(k + stride), made + 1);
      }
    }
  };
  const phase = eachRow(code, rows, maps, 0, () => {
    code.load(rax, { base: rbx, offset: slots.tables + 8 });
    code.spread(near, { base: rax });
    code.spread(far, { base: rax, offset: 4 });
    code.set(rcx, 0);
    column(before);
    for (const [k, register] of to.entries()) code.storeVector({ base: register }, before + k);
    eachPixel(code, width - 1, () => {
      code.add(rcx, PIXEL);
      column(now);
      code.subtract(rcx, PIXEL);
      for (const [k, register] of to.entries()) {
        between(made, before + k, now + k);
        between(made + 1, now + k, before + k);
        code.storeVector({ base: register, index: rcx, scale: 2, offset: PIXEL }, made);
        code.storeVector({ base: register, index: rcx, scale: 2, offset: 2 * PIXEL }, made + 1);
        code.moveVector(before + k, now + k);
      }
    });
    const last = PIXEL * (2 * width - 1);
    for (const [k, register] of to.entries()) code.storeVector({ base: register, offset: last }, before + k);
  });
  const shares = Float32Array.of(NEAR, FAR);
  return { inputs: 1, outputs: [asImage(double)], tables: [rows.table, shares], scratch: 0, phases: [phase] };
}

/** Input: dy of `upsample`. Output: dx, of this shape. */
export function upsampleGradient(code: Assembler, shape: RowsShape): Kernel {
  const double = doubleOf(shape);
  const width = shape.extents.at(-1)!;
  const taps = positionsOf(shape.extents.slice(0, -1).map(() => TAPS.length));
  // Where dx lies, where the first row of dy does, and all of these from there.
  const rows = rowsOf(shape.extents.slice(0, -1), (row) => {
    const ofDy = taps.map((tap) =>
      rowAt(
        double,
        row.map((at, axis) => clamped(2 * at - 1 + tap[axis]!, double.extents[axis]!)),
      ),
    );
    return [rowAt(shape, row), ofDy[0]!, ...ofDy.map((at) => at - ofDy[0]!)];
  });
  const first = rows.offsets - taps.length;
  const maps = [
    { register: rdi, map: 'output', offset: 0, shape },
    { register: rsi, map: 0, offset: first - 1, shape: double },
  ] as const;
  // The rows of dy, weighed and added up, lie in the thread's memory, with the first and the last pixel twice.
  const scratch = PIXEL * (2 * width + 2);
  const weights = taps.map((tap) => tap.reduce((product, k) => product * TAPS[k]!, 1));
  const [near, far] = [2, 3];
  const phase = eachRow(code, rows, maps, scratch, () => {
    code.load(rax, { base: rbx, offset: slots.tables + 8 });
    const some = [rdx, r10, r11, r13];
    for (let tap = 0; tap < taps.length; tap += some.length) {
      for (const [k, register] of some.entries()) {
        code.loadInt32(register, { base: r14, offset: 4 * (first + tap + k) });
        code.add(register, { register: rsi });
        code.spread(4 + k, { base: rax, offset: 4 * (tap + k) });
      }
      eachPixel(code, 2 * width, () => {
        const sum = { base: r12, index: rcx, offset: PIXEL };
        if (tap === 0) code.clear(0);
        else code.loadVector(0, sum);
        for (const [k, register] of some.entries()) code.multiplyAdd(0, 4 + k, { base: register, index: rcx });
        code.storeVector(sum, 0);
      });
    }
    const copy = (from: number, to: number) => {
      code.loadVector(0, { base: r12, offset: PIXEL * from });
      code.storeVector({ base: r12, offset: PIXEL * to }, 0);
    };
    copy(1, 0);
    copy(2 * width, 2 * width + 1);
    code.spread(near, { base: rax, offset: 4 * taps.length });
    code.spread(far, { base: rax, offset: 4 * (taps.length + 1) });
    eachPixel(code, width, () => {
      const at = (k: number) => ({ base: r12, index: rcx, scale: 2, offset: PIXEL * k }) as const;
      code.loadVector(0, at(0));
      code.addVectors(0, 0, at(3));
      code.loadVector(1, at(1));
      code.addVectors(1, 1, at(2));
      code.multiplyVectors(0, 0, far);
      code.multiplyAdd(0, 1, near);
      code.storeVector({ base: rdi, index: rcx }, 0);
    });
  });
  const shares = Float32Array.of(...weights, NEAR, FAR);
  return { inputs: 1, outputs: [asImage(shape)], tables: [rows.table, shares], scratch, phases: [phase] };
}
