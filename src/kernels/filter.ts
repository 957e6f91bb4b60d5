/**
 * The filter of a convolution of 3 × 3, or 3 × 3 × 3, as the minimal filter's products take it: of a weight `[O, C,
 * 3, 3]` the products `[36, O / 32, C, 32]`, of which the last group has 16 outputs where they are an odd number of
 * blocks. Taps of the depth are as many times the channels, those of a tap one after the other.
 */
import { type Assembler, r10, r11, r13, r14, rax, rbx, rcx, rdi, rsi, VECTOR } from './assembler.js';
import { fields } from './entries.js';
import { BLOCK, type Kernel, slots } from './kernel.js';
import { eachPiece } from './pieces.js';
import { Routines } from './routines.js';
import { filterConstants, loadFilterConstants, ofTaps, POINTS, PRODUCTS, TAPS } from './transforms.js';

/** Bytes of a kernel of 3 × 3. */
const KERNEL = 4 * TAPS ** 2;

/** Taps and channels of a piece of the work at most. */
const ROWS = 32;

/**
 * A piece: where its outputs lie in the weight, the bytes of the first of its rows in their table and behind the last,
 * the blocks of its outputs, and where the first product goes.
 */
const piece = fields('weight', 'first', 'end', 'blocks', 'to');

/** Inputs: the weight, and what is to be there before; that is not read. */
export interface FilterShape {
  readonly out: number;
  readonly channels: number;
  /** Taps along the depth. */
  readonly deep: number;
  /**
   * The filter of the gradient of the input, or of some of its channels: these are the outputs, the weight is
   * `[channels, all, …]`, and it is mirrored. Null for the filter of the convolution itself.
   */
  readonly adjoint: { readonly all: number; readonly begin: number } | null;
}

export function filter(code: Assembler, { out, channels, deep, adjoint }: FilterShape): Kernel {
  const ofOut = KERNEL * deep * (adjoint ? 1 : channels);
  const ofChannel = KERNEL * deep * (adjoint ? adjoint.all : 1);
  const begin = adjoint ? KERNEL * deep * adjoint.begin : 0;
  const tap = (y: number, x: number) => 4 * (adjoint ? TAPS ** 2 - 1 - (TAPS * y + x) : TAPS * y + x);
  const rows = deep * channels;
  const stride = 4 * rows * out;
  /** Where the kernel of each tap and channel lies, of the first output. */
  const kernels = Int32Array.from({ length: rows }, (_, row) => {
    const [slice, channel] = [Math.floor(row / channels), row % channels];
    return begin + channel * ofChannel + KERNEL * (adjoint ? deep - 1 - slice : slice);
  });

  // Row after row of one group of outputs, so that what is written follows on what was.
  const pieces = Array.from({ length: Math.ceil(out / (2 * BLOCK)) }, (_, group) => {
    const blocks = Math.min(2, out / BLOCK - 2 * group);
    return Array.from({ length: Math.ceil(rows / ROWS) }, (_, some) => {
      const first = some * ROWS;
      const to = VECTOR * (2 * group * rows + first * blocks);
      return [2 * group * BLOCK * ofOut, 4 * first, 4 * Math.min(rows, first + ROWS), blocks, to];
    });
  }).flat();

  const routines = new Routines(code);
  const block = routines.of('block', blockRoutine);
  const start = eachPiece(code, pieces.length, 0, work);
  routines.write();

  function work(): void {
    code.multiply(rax, rax, piece.bytes);
    code.add(rax, { base: rbx, offset: slots.tables + 24 });
    code.loadInt32(r10, { base: rax, offset: piece.weight });
    code.add(r10, { base: rbx, offset: slots.inputs });
    code.loadInt32(rdi, { base: rax, offset: piece.to });
    code.add(rdi, { base: rbx, offset: slots.outputs });
    code.loadInt32(r14, { base: rax, offset: piece.blocks });
    code.load(r13, { base: rbx, offset: slots.tables + 16 });
    code.loadInt32(r11, { base: rax, offset: piece.end });
    code.add(r11, { register: r13 });
    code.loadInt32(rcx, { base: rax, offset: piece.first });
    code.add(r13, { register: rcx });
    code.load(rax, { base: rbx, offset: slots.tables });
    code.loadVector(25, { base: rax });
    code.load(rax, { base: rbx, offset: slots.tables + 8 });
    loadFilterConstants(code, { base: rax });
    const row = code.here();
    code.loadInt32(rsi, { base: r13 });
    code.add(rsi, { register: r10 });
    code.move(rcx, r14);
    const blocks = code.here();
    code.callLabel(block);
    code.add(rsi, BLOCK * ofOut);
    code.add(rdi, VECTOR);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', blocks);
    code.add(r13, 4);
    code.compare(r13, { register: r11 });
    code.jumpIf('below', row);
  }

  /** rsi: the first output's kernel; rdi: where the first product goes. */
  function blockRoutine(): void {
    const lines = [0, 1, 2].map((x) => Array.from({ length: POINTS }, (_, y) => 6 + x * POINTS + y));
    for (let x = 0; x < TAPS; x++) {
      for (let y = 0; y < TAPS; y++) {
        code.gather(y, { base: rsi, offset: tap(y, x) }, 25);
      }
      ofTaps(code, [0, 1, 2], lines[x]!, 3);
    }
    for (let y = 0; y < POINTS; y++) {
      const to = [0, 1, 2, 3, 4, 5];
      const taps = lines.map((line) => line[y]!);
      ofTaps(code, taps, [taps[0]!, 1, 2, 3, 4, taps[2]!], 5);
      for (const x of to) {
        const from = x === 0 ? taps[0]! : x === 5 ? taps[2]! : x;
        code.storeVector({ base: rdi, offset: stride * (POINTS * y + x) }, from);
      }
    }
    code.return();
  }

  return {
    inputs: 1,
    outputs: [[PRODUCTS, rows, out]],
    tables: [
      Int32Array.from({ length: BLOCK }, (_, k) => k * ofOut),
      Float32Array.from(filterConstants),
      kernels,
      Int32Array.from(pieces.flat()),
    ],
    scratch: 0,
    phases: [start],
  };
}
