/** Work on maps in blocks row by row: a piece of the work is a row of pixels, in all blocks one after the other. */
import { positionsOf, sizeOf } from '../core/tensor.js';
import { type Assembler, r8, r14, rax, rbx, rcx, VECTOR } from './assembler.js';
import type { Label } from './code-bytes.js';
import { BLOCK, slots } from './kernel.js';
import { eachPiece } from './pieces.js';

/** A map in blocks; of a volume the slices lie one below the other. */
export interface RowsShape {
  readonly batch: number;
  readonly channels: number;
  readonly extents: readonly number[];
}

/** For each row so many offsets in bytes from the begin of a block: where what is read and written of it lies. */
export interface Rows {
  readonly table: Int32Array;
  readonly count: number;
  readonly offsets: number;
}

/** A register that leads to the place of a row in a map. */
export interface RowOf {
  readonly register: number;
  /** Which of the kernel's inputs or outputs the map is. */
  readonly map: 'output' | number;
  /** Which of the offsets is the row's. */
  readonly offset: number;
  readonly shape: RowsShape;
}

/** Bytes of a pixel. */
export const PIXEL = VECTOR;

/** @param grid the rows, by their positions along all axes but the last */
export function rowsOf(grid: readonly number[], of: (position: readonly number[]) => readonly number[]): Rows {
  const rows = positionsOf(grid).map(of);
  return { table: Int32Array.from(rows.flat()), count: rows.length, offsets: rows[0]!.length };
}

/** Where a row begins in a block of a map. */
export function rowAt({ extents }: RowsShape, position: readonly number[]): number {
  const row = position.reduce((index, at, axis) => index * extents[axis]! + at, 0);
  return PIXEL * row * extents.at(-1)!;
}

/** The shape of a map as the runtime knows it: a volume is an image of all its slices. */
export function asImage({ batch, channels, extents }: RowsShape): number[] {
  return [batch, channels, sizeOf(extents.slice(0, -1)), extents.at(-1)!];
}

/** A routine over all rows, whose table is the kernel's first. r8, r14 and rax are lost. */
export function eachRow(code: Assembler, rows: Rows, maps: readonly RowOf[], scratch: number, work: () => void): Label {
  const [{ shape }] = maps as [RowOf];
  return eachPiece(code, rows.count, scratch, () => {
    code.multiply(r14, rax, 4 * rows.offsets);
    code.add(r14, { base: rbx, offset: slots.tables });
    for (const { register, map, offset } of maps) {
      code.loadInt32(register, { base: r14, offset: 4 * offset });
      code.add(register, { base: rbx, offset: map === 'output' ? slots.outputs : slots.inputs + 8 * map });
    }
    code.set(r8, (shape.batch * shape.channels) / BLOCK);
    const block = code.here();
    work();
    for (const { register, shape: own } of maps) code.add(register, PIXEL * sizeOf(own.extents));
    code.subtract(r8, 1);
    code.jumpIf('notEqual', block);
  });
}

/** Runs code for `count` pixels of a row: rcx is the bytes from the row's begin. */
export function eachPixel(code: Assembler, count: number, work: () => void): void {
  if (count === 0) return;
  code.set(rcx, 0);
  const loop = code.here();
  work();
  code.add(rcx, PIXEL);
  code.compare(rcx, PIXEL * count);
  code.jumpIf('below', loop);
}
