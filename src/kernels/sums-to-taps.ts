/**
 * The 9 taps of a slice of the summed products of a weight's gradient, of 16 channels of x with all of a group of dy.
 */
import { type Assembler, r9, rax, rbx, rcx, rdi, rdx, rsi, VECTOR } from './assembler.js';
import { BLOCK, slots } from './kernel.js';
import { loadFilterConstants, POINTS, TAPS, toTaps } from './transforms.js';

export interface Sums {
  /** Rows of the sums, each of so many channels of dy. */
  readonly rows: number;
  readonly ofDy: number;
  /** Bytes from one channel of x to the next in the weight, and from one of dy. */
  readonly kernel: number;
  readonly ofOut: number;
  /** Shares that are added up, and the bytes of one. */
  readonly shares: number;
  readonly ofShare: number;
}

/** A routine. rsi: sums of 16 channels of x; rdi: their first tap. Both are moved. */
export function tapsOfSums(code: Assembler, { rows, ofDy, kernel, ofOut, shares, ofShare }: Sums): void {
  code.load(rax, { base: rbx, offset: slots.tables + 24 });
  loadFilterConstants(code, { base: rax });
  code.loadVector(25, { base: rax, offset: VECTOR });
  code.set(rdx, BLOCK);
  const channel = code.here();
  code.push(rdi);
  code.set(rcx, ofDy / BLOCK);
  const block = code.here();
  const at = (row: number, column: number) => ({ base: r9, offset: VECTOR * (POINTS * row + column) });
  for (let x = 0; x < POINTS; x++) {
    for (let y = 0; y < POINTS; y++) {
      const offset = 4 * rows * ofDy * (POINTS * y + x);
      code.loadVector(y, { base: rsi, offset });
      for (let share = 1; share < shares; share++)
        code.addVectors(y, y, { base: rsi, offset: offset + share * ofShare });
    }
    for (const [y, from] of toTaps(code).entries()) code.storeVector(at(y, x), from);
  }
  for (let y = 0; y < TAPS; y++) {
    for (let x = 0; x < POINTS; x++) code.loadVector(x, at(y, x));
    for (const [x, from] of toTaps(code).entries()) {
      code.scatter({ base: rdi, offset: 4 * (TAPS * y + x) }, 25, from);
    }
  }
  code.add(rsi, VECTOR);
  code.add(rdi, ofOut * BLOCK);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', block);
  code.pop(rdi);
  code.add(rdi, kernel);
  code.subtract(rdx, 1);
  code.jumpIf('notEqual', channel);
  code.return();
}
