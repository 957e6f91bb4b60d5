/**
 * The transforms of a minimal filter of 4 pixels by 3 taps (Winograd 1980; Lavin and Gray 2016) on vectors of 16
 * channels, at the points 0, ±2/3, ±3/2 and ∞. Since 2/3 · 3/2 is 1, all of their numbers are powers of the points.
 */
import type { Assembler, Place } from './assembler.js';

export const TILE = 4;
export const TAPS = 3;
/** Products along an axis. */
export const POINTS = TILE + TAPS - 1;
/** Products of a tile of 4 × 4 pixels. */
export const PRODUCTS = POINTS ** 2;

const [A, B] = [2 / 3, 3 / 2];

/** Numbers that a transform keeps in registers. */
export const constants = [A, B, A ** 2, B ** 2, A ** 3, B ** 3, A ** 2 + B ** 2] as const;
const [a, b, a2, b2, a3, b3, both] = [25, 26, 27, 28, 29, 30, 31];
const FIRST_CONSTANT = 25;

/** Loads the constants, which lie one after the other from a place on. */
export function loadConstants(code: Assembler, { base, offset = 0 }: Place): void {
  for (const k of constants.keys()) code.spread(FIRST_CONSTANT + k, { base, offset: offset + 4 * k });
}

/** `to = x + y · factor`, or minus. */
function sum(code: Assembler, to: number, x: number, y: number, factor: number, minus = false): number {
  if (x !== to) code.moveVector(to, x);
  if (minus) code.multiplySubtract(to, y, factor);
  else code.multiplyAdd(to, y, factor);
  return to;
}

/**
 * The 6 products' numbers of a window of 6, which lie in registers 0 to 5.
 * @returns where they are
 */
export function ofWindow(code: Assembler, d: readonly number[]): number[] {
  const [d0, d1, d2, d3, d4, d5] = d as [number, number, number, number, number, number];
  code.addVectors(6, d0, d4);
  code.addVectors(7, d5, d1);
  const v0 = sum(code, 6, 6, d2, both!, true);
  const v5 = sum(code, 7, 7, d3, both!, true);
  const even = sum(code, 8, d4, d2, b2!, true);
  const odd = sum(code, 9, d3, d1, b2!, true);
  const evenB = sum(code, 10, d4, d2, a2!, true);
  const oddB = sum(code, 11, d3, d1, a2!, true);
  const v1 = sum(code, 12, even, odd, a!);
  const v2 = sum(code, 13, even, odd, a!, true);
  const v3 = sum(code, 14, evenB, oddB, b!);
  const v4 = sum(code, 15, evenB, oddB, b!, true);
  return [v0, v1, v2, v3, v4, v5];
}

/** The 4 pixels of 6 products, which lie in registers 0 to 5, in registers 8 to 11. */
export function toPixels(code: Assembler): readonly number[] {
  code.addVectors(6, 1, 2);
  code.subtractVectors(7, 1, 2);
  code.addVectors(12, 3, 4);
  code.subtractVectors(13, 3, 4);
  code.addVectors(8, 0, 6);
  code.addVectors(8, 8, 12);
  code.multiplyVectors(9, 7, a!);
  code.multiplyAdd(9, 13, b!);
  code.multiplyVectors(10, 6, a2!);
  code.multiplyAdd(10, 12, b2!);
  code.moveVector(11, 5);
  code.multiplyAdd(11, 7, a3!);
  code.multiplyAdd(11, 13, b3!);
  return [8, 9, 10, 11];
}

/** Of a point z and its negative, beside the other two: 1, z and z² over what Lagrange's polynomial is at z. */
const weights = [A, B].flatMap((z) => {
  const scale = 2 * z ** 2 * (z ** 2 - (1 / z) ** 2);
  return [1 / scale, z / scale, z ** 2 / scale];
});
const [oneA, firstA, secondA, oneB, firstB, secondB] = [26, 27, 28, 29, 30, 31];

/** Numbers that the transforms of filters keep in registers, `loadFilterConstants` loads. */
export const filterConstants = weights;

export function loadFilterConstants(code: Assembler, { base, offset = 0 }: Place): void {
  for (const k of filterConstants.keys()) code.spread(26 + k, { base, offset: offset + 4 * k });
}

/** The 6 numbers of a tile of 4, which lie in registers 0 to 3. @returns where they are */
export function ofTile(code: Assembler, g: readonly number[]): number[] {
  const [g0, g1, g2, g3] = g as [number, number, number, number];
  const pair = (even: number, odd: number, z: number, z2: number, z3: number) => {
    sum(code, even, g0, g2, z2);
    code.multiplyVectors(odd, g1, z);
    code.multiplyAdd(odd, g3, z3);
    code.addVectors(even + 2, even, odd);
    code.subtractVectors(even, even, odd);
    return [even + 2, even] as const;
  };
  const [v1, v2] = pair(4, 5, a!, a2!, a3!);
  const [v3, v4] = pair(7, 8, b!, b2!, b3!);
  return [g0, v1, v2, v3, v4, g3];
}

/** The 3 taps of 6 products, which lie in registers 0 to 5, in registers 8 to 10. */
export function toTaps(code: Assembler): readonly number[] {
  code.addVectors(6, 1, 2);
  code.subtractVectors(1, 1, 2);
  code.addVectors(7, 3, 4);
  code.subtractVectors(3, 3, 4);
  code.moveVector(8, 0);
  code.multiplyAdd(8, 6, oneA!);
  code.multiplyAdd(8, 7, oneB!);
  code.multiplyVectors(9, 1, firstA!);
  code.multiplyAdd(9, 3, firstB!);
  code.moveVector(10, 5);
  code.multiplyAdd(10, 6, secondA!);
  code.multiplyAdd(10, 7, secondB!);
  return [8, 9, 10];
}

/** What 3 taps weigh each of 6 products by. @param to six registers, none of the taps' but the first and last may be */
export function ofTaps(code: Assembler, taps: readonly number[], to: readonly number[], spare: number): void {
  const [g0, g1, g2] = taps as [number, number, number];
  const pair = (plus: number, minus: number, one: number, first: number, second: number) => {
    code.multiplyVectors(minus, g0, one);
    code.multiplyAdd(minus, g2, second);
    code.multiplyVectors(spare, g1, first);
    code.addVectors(plus, minus, spare);
    code.subtractVectors(minus, minus, spare);
  };
  pair(to[1]!, to[2]!, oneA!, firstA!, secondA!);
  pair(to[3]!, to[4]!, oneB!, firstB!, secondB!);
  if (to[0] !== g0) code.moveVector(to[0]!, g0);
  if (to[5] !== g2) code.moveVector(to[5]!, g2);
}
