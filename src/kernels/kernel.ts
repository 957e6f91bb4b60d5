/**
 * What a node of an operator of ours becomes: machine code for shapes that are known, and what it is given. The work is
 * done in phases. In each, every thread runs the same routine with the address of the block of slots (rdi) and its own
 * number (rsi), and takes pieces of the work from a common counter until there is none.
 */
import type { Label } from './code-bytes.js';

/** Channels of a block of a map in blocks (NCHWc). */
export const BLOCK = 16;

export interface Kernel {
  readonly inputs: number;
  /** The shape of each output. */
  readonly outputs: readonly (readonly number[])[];
  /** Numbers that the code reads; known once it is finished, since some tell where routines lie. */
  readonly tables: readonly (Int32Array | Float32Array)[];
  /** Bytes of memory for each thread, a multiple of 64. */
  readonly scratch: number;
  /** Bytes that all threads share; none where absent. */
  readonly shared?: number;
  readonly phases: readonly Label[];
}

/** So many bytes, or a line more, of which multiples lie all over a cache: an odd number of lines. */
export function spaced(bytes: number): number {
  return (bytes / LINE) % 2 === 0 ? bytes + LINE : bytes;
}
const LINE = 64;

/** Where the addresses of what a kernel works with lie, in bytes from the begin of its block. */
export const slots = {
  /** The routine that asks the runtime for the addresses, and then does the phases. */
  compute: 0,
  /** The next piece of work. */
  counter: 8,
  /** Memory of the first thread; that of the others lies behind. */
  scratch: 16,
  /** Memory of all threads. */
  shared: 24,
  inputs: 32,
  outputs: 160,
  tables: 192,
  /** Extents of the outputs, eight for each. */
  extents: 256,
} as const;

/** Of a block. */
export const BLOCK_BYTES = 512;
