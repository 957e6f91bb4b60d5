/**
 * The exponential of 16 numbers that are not above 0: of `x = n · ln 2 + r`, `|r| ≤ ln 2 / 2`, the Taylor series of
 * `e^r` to the seventh power (the eighth is below 6e-9) times 2^n. NaN stays NaN.
 */
import type { Assembler, Place } from './assembler.js';

const POWERS = [5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) => 1 / factorial);
/** ln 2 in two parts: the first has so few bits that its product with a whole number is exact. */
const [FIRST, REST] = [0.693359375, Math.LN2 - 0.693359375];

/** What has an exponential of 0, and everything below. */
const LEAST = -200;

/** Numbers that the code reads from `constants` on. */
export const exponentialConstants: readonly number[] = [Math.LOG2E, 0.5, FIRST, REST, ...POWERS, LEAST];

/** `x = e^x`. `n` and `power` are lost. @param constants the place of `exponentialConstants` */
export function exponential(code: Assembler, x: number, [n, power]: readonly [number, number], constants: Place): void {
  const each = (index: number) => ({ each: { ...constants, offset: (constants.offset ?? 0) + 4 * index } });
  code.spread(n, each(4 + POWERS.length).each);
  code.maximum(x, n, x);
  code.multiplyVectors(n, x, each(0));
  code.addVectors(n, n, each(1));
  code.roundDown(n, n);
  code.multiplySubtract(x, n, each(2));
  code.multiplySubtract(x, n, each(3));
  code.spread(power, each(4).each);
  for (let k = 1; k < POWERS.length; k++) code.multiplyThenAdd(power, x, each(4 + k));
  code.scaleByPower(x, power, n);
}
