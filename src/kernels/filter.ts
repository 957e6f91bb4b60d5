/**
 * The filter of a convolution of 3 × 3, or 3 × 3 × 3, as the minimal filter's products take it: of a weight `[O, C,
 * 3, 3]` the products `[36, O / 32, C, 32]`, of which the last group has 16 outputs where they are an odd number of
 * blocks. Taps of the depth are as many times the channels, those of a tap one after the other.
 */
import { type Assembler, r11, r13, rax, rbx, rcx, rdi, rsi, VECTOR } from './assembler.js';
import { BLOCK, type Kernel, slots } from './kernel.js';
import { eachPiece } from './pieces.js';
import { Routines } from './routines.js';
import { filterConstants, loadFilterConstants, ofTaps, POINTS, PRODUCTS, TAPS } from './transforms.js';

/** Bytes of a kernel of 3 × 3. */
const KERNEL = 4 * TAPS ** 2;

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
  const pairs = Math.floor(out / (2 * BLOCK));
  /** Where the kernel of each tap and channel lies, of the first output. */
  const kernels = Int32Array.from({ length: rows }, (_, row) => {
    const [slice, channel] = [Math.floor(row / channels), row % channels];
    return begin + channel * ofChannel + KERNEL * (adjoint ? deep - 1 - slice : slice);
  });

  const routines = new Routines(code);
  const block = routines.of('block', blockRoutine);
  const start = eachPiece(code, rows, 0, work);
  routines.write();

  function work(): void {
    code.move(r13, rax);
    code.load(rsi, { base: rbx, offset: slots.tables + 16 });
    code.multiply(rax, rax, 4);
    code.add(rsi, { register: rax });
    code.loadInt32(rsi, { base: rsi });
    code.add(rsi, { base: rbx, offset: slots.inputs });
    code.load(rax, { base: rbx, offset: slots.tables });
    code.loadVector(25, { base: rax });
    code.load(rax, { base: rbx, offset: slots.tables + 8 });
    loadFilterConstants(code, { base: rax });
    code.load(r11, { base: rbx, offset: slots.outputs });
    /** The blocks of some groups, each `wide` blocks. */
    const groups = (count: number, wide: number) => {
      if (count === 0) return;
      code.multiply(rdi, r13, wide * VECTOR);
      code.add(rdi, { register: r11 });
      code.set(rcx, count);
      const loop = code.here();
      for (let k = 0; k < wide; k++) {
        code.callLabel(block);
        code.add(rsi, BLOCK * ofOut);
        code.add(rdi, k + 1 < wide ? VECTOR : VECTOR * (rows * wide - wide + 1));
      }
      code.subtract(rcx, 1);
      code.jumpIf('notEqual', loop);
      code.add(r11, count * rows * wide * VECTOR);
    };
    groups(pairs, 2);
    groups((out / BLOCK) % 2, 1);
  }

  /** rsi: the first output's kernel; rdi: where the first product goes. */
  function blockRoutine(): void {
    const lines = [0, 1, 2].map((x) => Array.from({ length: POINTS }, (_, y) => 6 + x * POINTS + y));
    for (let x = 0; x < TAPS; x++) {
      for (let y = 0; y < TAPS; y++) {
        code.allPlaces();
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
    tables: [Int32Array.from({ length: BLOCK }, (_, k) => k * ofOut), Float32Array.from(filterConstants), kernels],
    scratch: 0,
    phases: [start],
  };
}
