/**
 * Where 16 pixels of a warp read (docs/method.md §0), as vectors: the grid points around each position, two along each
 * axis, in row-major order, and what share of the result each has. What lies outside of the map has none.
 */
import { sizeOf, stridesOf } from '../core/tensor.js';
import { type Assembler, rax, rbx, rsi, VECTOR } from './assembler.js';
import { slots } from './kernel.js';

/** Registers: of the corners' places, in bytes from the first pixel, and of their shares. */
export const placesAt = 16;
export const sharesAt = 24;
/** Of each axis a register for its lower side, and one for its upper: of shares, and of how these grow. */
export const sideAt = (axis: number, side: number) => 2 * axis + side;
export const slopeAt = (axis: number, side: number) => 6 + sideAt(axis, side);

const [PLACE, LOW, SHARE, ONE, ZERO] = [24, 25, 26, 27, 28];
const [LOWER, UPPER] = [2, 3];

export interface Grid {
  readonly extents: readonly number[];
  /** Whether slopes are wanted beside shares. */
  readonly slopes: boolean;
}

/** Of a table: one, minus one, then of each axis its extent, and the bytes from a grid point to the next. */
export function gridConstants(extents: readonly number[]): Float32Array {
  const strides = stridesOf(extents);
  return Float32Array.from([1, -1, ...extents.flatMap((extent, axis) => [extent, 4 * strides[axis]!])]);
}

export function cornersOf({ length }: readonly number[]): number {
  return 2 ** length;
}

/** The side of an axis on which a corner lies, 0 or 1. */
export function sideOf(rank: number, corner: number, axis: number): number {
  return (corner >> (rank - 1 - axis)) & 1;
}

/**
 * Computes all of them. rsi: where the first component of the positions of 16 pixels lies; the constants are in table
 * 1. rax is lost, and of the registers those below 16 that are not sides.
 */
export function corners(code: Assembler, { extents, slopes }: Grid): void {
  const rank = extents.length;
  const pixels = sizeOf(extents);
  code.load(rax, { base: rbx, offset: slots.tables + 8 });
  const constant = (index: number) => ({ each: { base: rax, offset: 4 * index } });
  const place = (corner: number) => placesAt + corner;
  code.spread(ONE, constant(0).each);
  code.clear(ZERO);
  for (const axis of extents.keys()) {
    const [extent, stride] = [constant(2 + 2 * axis), constant(3 + 2 * axis)];
    code.loadVector(PLACE, { base: rsi, offset: 4 * pixels * axis });
    code.roundDown(LOW, PLACE);
    code.subtractVectors(SHARE, PLACE, LOW);
    for (const side of [0, 1]) {
      const mask = side === 0 ? LOWER : UPPER;
      if (side === 1) code.addVectors(LOW, LOW, ONE);
      code.compareVectors(mask, LOW, 'atLeast', ZERO);
      code.compareVectors(mask, LOW, 'below', extent, mask);
      // What lies outside is the first pixel, with no share.
      code.multiplyVectors(PLACE, LOW, stride);
      code.keep(PLACE, PLACE, mask);
      // The places of both sides, spread over the corners.
      for (let corner = 0; corner < 2 ** rank; corner++) {
        if (sideOf(rank, corner, axis) !== side) continue;
        if (axis === 0) code.moveVector(place(corner), PLACE);
        else code.addVectors(place(corner), place(corner), PLACE);
      }
      if (side === 1) code.keep(sideAt(axis, 1), SHARE, mask);
      else {
        code.subtractVectors(sideAt(axis, 0), ONE, SHARE);
        code.keep(sideAt(axis, 0), sideAt(axis, 0), mask);
      }
      if (slopes) {
        code.spread(slopeAt(axis, side), constant(side === 0 ? 1 : 0).each);
        code.keep(slopeAt(axis, side), slopeAt(axis, side), mask);
      }
    }
  }
  for (let corner = 0; corner < 2 ** rank; corner++) code.toIntegers(place(corner), place(corner));
}

/** The shares of all corners, of those of the axes. */
export function cornerShares(code: Assembler, { length: rank }: readonly number[]): void {
  for (let corner = 0; corner < 2 ** rank; corner++) {
    const sides = Array.from({ length: rank }, (_, axis) => sideAt(axis, sideOf(rank, corner, axis)));
    code.multiplyVectors(sharesAt + corner, sides[0]!, sides[1]!);
    for (const side of sides.slice(2)) code.multiplyVectors(sharesAt + corner, sharesAt + corner, side);
  }
}

/** Bytes of a vector for each corner. */
export function bytesOfCorners(extents: readonly number[]): number {
  return cornersOf(extents) * VECTOR;
}
