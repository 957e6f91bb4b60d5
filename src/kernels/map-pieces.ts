/**
 * Passes over a map in blocks: the numbers of a pixel's 16 channels are a vector. A piece of the work is some pixels of
 * one block.
 */
import { type Assembler, type Place, r10, r11, r14, rax, rbx, rcx, VECTOR } from './assembler.js';
import type { Label } from './code-bytes.js';
import { fields } from './entries.js';
import { BLOCK, slots } from './kernel.js';
import { eachPiece } from './pieces.js';

export interface MapShape {
  readonly batch: number;
  readonly channels: number;
  readonly pixels: number;
}

/** Pixels of a piece at least, and pieces of a block at most. */
const [LEAST, MOST] = [512, 256];
/** Vectors that a loop takes at once. */
const UNROLLED = 4;

/**
 * A piece: the bytes from the map's begin, the bytes up to which whole loops go and where it ends, and, of numbers for
 * each sample and channel, the sample's number and the bytes from the first channel's.
 */
export const entry = fields('map', 'whole', 'end', 'sample', 'channel');

/** Pieces of a block of channels. */
function piecesOfBlock({ pixels }: MapShape): number {
  return Math.ceil(pixels / lengthOf(pixels));
}

function pieceCount(shape: MapShape): number {
  return ((shape.batch * shape.channels) / BLOCK) * piecesOfBlock(shape);
}

function lengthOf(pixels: number): number {
  return Math.max(LEAST, Math.ceil(pixels / MOST));
}

/** The table of the pieces, block after block. */
export function piecesTable(shape: MapShape): Int32Array {
  const { channels, pixels } = shape;
  const [ofBlock, length, blocks] = [piecesOfBlock(shape), lengthOf(pixels), channels / BLOCK];
  const table = Array.from({ length: pieceCount(shape) }, (_, piece) => {
    const [block, begin] = [Math.floor(piece / ofBlock), (piece % ofBlock) * length];
    const count = Math.min(length, pixels - begin);
    return [
      VECTOR * (block * pixels + begin),
      VECTOR * (count - (count % UNROLLED)),
      VECTOR * count,
      Math.floor(block / blocks),
      VECTOR * (block % blocks),
    ];
  });
  return Int32Array.from(table.flat());
}

/** A routine over all pieces, whose table is the kernel's first: `work` finds the entry in r14, the piece in rax. */
export function eachMapPiece(code: Assembler, shape: MapShape, scratch: number, work: () => void): Label {
  return eachPiece(code, pieceCount(shape), scratch, () => {
    code.multiply(r14, rax, entry.bytes);
    code.add(r14, { base: rbx, offset: slots.tables });
    work();
  });
}

/** The address of the piece in a map whose address a slot holds. */
export function mapAt(code: Assembler, to: number, slot: number): void {
  code.loadInt32(to, { base: r14, offset: entry.map });
  code.add(to, { base: rbx, offset: slot });
}

/** The address of the piece's channels in rows of numbers, of which a sample has so many. rax is lost. */
export function numbersAt(code: Assembler, to: number, slot: number, rows: number, { channels }: MapShape): void {
  code.loadInt32(to, { base: r14, offset: entry.sample });
  code.multiply(to, to, 4 * channels * rows);
  code.loadInt32(rax, { base: r14, offset: entry.channel });
  code.add(to, { register: rax });
  code.add(to, { base: rbx, offset: slot });
}

/**
 * Runs code for all vectors of the piece, some at once: `at(map, k)` is where the k-th lies, of a map whose piece a
 * register has the address of. rcx, r10 and r11 are lost.
 */
export function eachVectors(code: Assembler, work: (count: number, at: (map: number, k: number) => Place) => void) {
  const at = (map: number, k: number): Place => ({ base: map, index: rcx, offset: VECTOR * k });
  const upTo = (limit: number, count: number) => {
    const end = code.label();
    code.compare(rcx, { register: limit });
    code.jumpIf('atLeast', end);
    const loop = code.here();
    work(count, at);
    code.add(rcx, VECTOR * count);
    code.compare(rcx, { register: limit });
    code.jumpIf('below', loop);
    code.here(end);
  };
  code.loadInt32(r10, { base: r14, offset: entry.whole });
  code.loadInt32(r11, { base: r14, offset: entry.end });
  code.set(rcx, 0);
  upTo(r10, UNROLLED);
  upTo(r11, 1);
}

/**
 * Sums that pieces leave behind, two vectors each: in the memory of all threads, piece after piece.
 * @returns bytes of that memory
 */
export function bytesOfSums(shape: MapShape): number {
  return 2 * VECTOR * pieceCount(shape);
}

/** Clears the sums of a piece: vectors 0 to 3 of the first and 4 to 7 of the second, by the place in a loop. */
export function clearSums(code: Assembler): void {
  for (let sum = 0; sum < 2 * UNROLLED; sum++) code.clear(sum);
}

/** Leaves the sums of the piece whose number `piece` has. */
export function leaveSums(code: Assembler, piece: number): void {
  code.multiply(piece, piece, 2 * VECTOR);
  code.add(piece, { base: rbx, offset: slots.shared });
  for (const first of [0, UNROLLED]) {
    code.addVectors(first, first, first + 1);
    code.addVectors(first + 2, first + 2, first + 3);
    code.addVectors(first, first, first + 2);
  }
  code.storeVector({ base: piece }, 0);
  code.storeVector({ base: piece, offset: VECTOR }, UNROLLED);
}

/** Adds up what the pieces of a block have left from `from` on, to vectors 0 and 1; `from` is the next block's then. */
export function gatherSums(code: Assembler, shape: MapShape, from: number): void {
  code.clear(0);
  code.clear(1);
  code.set(rcx, piecesOfBlock(shape));
  const loop = code.here();
  code.addVectors(0, 0, { base: from });
  code.addVectors(1, 1, { base: from, offset: VECTOR });
  code.add(from, 2 * VECTOR);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', loop);
}
