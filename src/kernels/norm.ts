/**
 * Group normalisation of a map in blocks, with a LeakyReLU where asked, and its gradients (`graph/ops/group-norm.ts`
 * has the formulas). Numbers for each sample and channel come in rows of all channels.
 */
import {
  type Assembler,
  type Place,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  VECTOR,
} from './assembler.js';
import { type Kernel, slots } from './kernel.js';
import {
  bytesOfSums,
  clearSums,
  eachMapPiece,
  eachVectors,
  gatherSums,
  leaveSums,
  type MapShape,
  mapAt,
  numbersAt,
  piecesTable,
} from './map-pieces.js';
import { eachPiece } from './pieces.js';

export interface NormShape extends MapShape {
  /** Of what is made. */
  readonly shape: readonly number[];
  readonly groups: number;
  /** Whether a LeakyReLU follows. */
  readonly leaky: boolean;
}

/** Rows of the statistics of a sample: `y = a·x + b`, and what gradients are made of. */
const [A, B, MEAN, DEVIATION, CHANNEL_MEAN, STATISTICS] = [0, 1, 2, 3, 4, 5];
/** Rows of a sample's slopes, `dx = a·dz + q·x + c`; behind those of all samples the gradients that they share. */
const [Q, C, SLOPES] = [0, 1, 2];
const [OF_SCALE, OF_SHIFT, OF_SUM, SHARED] = [0, 1, 2, 3];

/** Inputs: x, scale, shift and epsilon. Output: the statistics, `[batch, rows, channels]`. */
export function normStatistics(code: Assembler, shape: NormShape): Kernel {
  const { batch, channels, pixels, groups } = shape;
  const row = 4 * channels;
  const size = channels / groups;
  const sums = eachMapPiece(code, shape, 2 * row, () => {
    mapAt(code, rsi, slots.inputs);
    clearSums(code);
    eachVectors(code, (count, at) => {
      for (let k = 0; k < count; k++) {
        code.loadVector(8 + k, at(rsi, k));
        code.addVectors(k, k, 8 + k);
        code.multiplyAdd(4 + k, 8 + k, 8 + k);
      }
    });
    leaveSums(code, rax);
  });

  const constants = Float32Array.of(1 / pixels, 1 / (size * pixels), 1);
  const [ofPixels, ofGroup, one] = [constant(0), constant(1), constant(2)];
  const statistics = eachPiece(code, batch, 2 * row, () => {
    code.multiply(r8, rax, bytesOfSums({ ...shape, batch: 1 }));
    code.add(r8, { base: rbx, offset: slots.shared });
    code.multiply(rdi, rax, STATISTICS * row);
    code.add(rdi, { base: rbx, offset: slots.outputs });
    code.load(r13, { base: rbx, offset: slots.tables + 8 });
    eachBlock(code, row, () => {
      gatherSums(code, shape, r8);
      code.storeVector({ base: r12, index: rdx }, 0);
      code.storeVector({ base: r12, index: rdx, offset: row }, 1);
      code.multiplyVectors(0, 0, ofPixels);
      code.storeVector({ base: rdi, index: rdx, offset: CHANNEL_MEAN * row }, 0);
    });
    groupSums(code, 2 * channels, size);
    code.load(r9, { base: rbx, offset: slots.inputs + 8 });
    code.load(r10, { base: rbx, offset: slots.inputs + 16 });
    code.load(r11, { base: rbx, offset: slots.inputs + 24 });
    code.clear(8);
    eachBlock(code, row, () => {
      const to = (index: number) => ({ base: rdi, index: rdx, offset: index * row });
      code.loadVector(0, { base: r12, index: rdx });
      code.multiplyVectors(0, 0, ofGroup);
      code.storeVector(to(MEAN), 0);
      code.loadVector(1, { base: r12, index: rdx, offset: row });
      code.multiplyVectors(1, 1, ofGroup);
      code.multiplySubtract(1, 0, 0);
      code.maximum(1, 1, 8);
      code.addVectors(1, 1, { each: { base: r11 } });
      code.squareRoot(1, 1);
      code.spread(2, one.each);
      code.divideVectors(1, 2, 1);
      code.storeVector(to(DEVIATION), 1);
      code.multiplyVectors(1, 1, { base: r9, index: rdx });
      code.storeVector(to(A), 1);
      code.loadVector(2, { base: r10, index: rdx });
      code.multiplySubtract(2, 0, 1);
      code.storeVector(to(B), 2);
    });
  });
  return {
    inputs: 4,
    outputs: [[batch, STATISTICS, channels]],
    tables: [piecesTable(shape), constants],
    scratch: 2 * row,
    shared: bytesOfSums(shape),
    phases: [sums, statistics],
  };
}

/** Inputs: x, the statistics, and with a LeakyReLU its slope. Output: y, `[batch, channels, pixels]` in blocks. */
export function normed(code: Assembler, shape: NormShape): Kernel {
  const { channels, leaky } = shape;
  const phase = eachMapPiece(code, shape, 0, () => {
    mapAt(code, rsi, slots.inputs);
    mapAt(code, rdi, slots.outputs);
    numbersAt(code, rdx, slots.inputs + 8, STATISTICS, shape);
    code.loadVector(29, { base: rdx, offset: A * 4 * channels });
    code.loadVector(30, { base: rdx, offset: B * 4 * channels });
    if (leaky) loadSlope(code, slots.inputs + 16);
    eachVectors(code, (count, at) => {
      for (let k = 0; k < count; k++) {
        code.moveVector(k, 30);
        code.multiplyAdd(k, 29, at(rsi, k));
        if (leaky) {
          code.multiplyVectors(8 + k, k, 31);
          code.maximum(k, k, 8 + k);
        }
        code.storeVector(at(rdi, k), k);
      }
    });
  });
  return {
    inputs: leaky ? 3 : 2,
    outputs: [shape.shape],
    tables: [piecesTable(shape)],
    scratch: 0,
    phases: [phase],
  };
}

/**
 * Inputs: x, dy, the statistics, scale, and with a LeakyReLU its slope. Output: q and c of each sample, then the
 * gradients of scale and shift and the sum of dx, `[2 · batch + 3, channels]`.
 */
export function normSlopes(code: Assembler, shape: NormShape): Kernel {
  const { batch, channels, pixels, groups, leaky } = shape;
  const row = 4 * channels;
  const scratch = 3 * row;
  const sums = eachMapPiece(code, shape, scratch, () => {
    code.move(r13, rax);
    mapAt(code, rsi, slots.inputs);
    mapAt(code, rdi, slots.inputs + 8);
    if (leaky) {
      numbersAt(code, rdx, slots.inputs + 16, STATISTICS, shape);
      loadLeaky(code, channels, slots.inputs + 32);
    }
    clearSums(code);
    eachVectors(code, (count, at) => {
      for (let k = 0; k < count; k++) {
        code.loadVector(8 + k, at(rsi, k));
        code.loadVector(12 + k, at(rdi, k));
        if (leaky) beforeLeaky(code, 12 + k, 8 + k, 16 + k);
        code.addVectors(k, k, 12 + k);
        code.multiplyAdd(4 + k, 8 + k, 12 + k);
      }
    });
    leaveSums(code, r13);
  });

  const constants = Float32Array.of(-1 / pixels, groups / channels, pixels);
  const [ofPixels, ofGroup, count] = [constant(0), constant(1), constant(2)];
  const shared = (index: number) => ({ base: r11, index: rdx, offset: index * row });
  const statistic = (index: number) => ({ base: r15, index: rdx, offset: index * row });
  const kept = (index: number) => ({ base: r12, index: rdx, offset: index * row });
  const slopes = eachPiece(code, 1, scratch, () => {
    code.load(r8, { base: rbx, offset: slots.shared });
    code.load(rdi, { base: rbx, offset: slots.outputs });
    code.load(r15, { base: rbx, offset: slots.inputs + 16 });
    code.load(r9, { base: rbx, offset: slots.inputs + 24 });
    code.load(r13, { base: rbx, offset: slots.tables + 8 });
    code.address(r11, { base: rdi, offset: batch * SLOPES * row });
    code.clear(0);
    eachBlock(code, row, () => {
      for (let index = 0; index < SHARED; index++) code.storeVector(shared(index), 0);
    });
    code.set(r14, batch);
    const sample = code.here();
    eachBlock(code, row, () => {
      gatherSums(code, shape, r8);
      // How dz, and how x as normalised times dz, add up.
      code.loadVector(2, statistic(MEAN));
      code.multiplySubtract(1, 2, 0);
      code.multiplyVectors(1, 1, statistic(DEVIATION));
      code.storeVector(kept(2), 0);
      code.addVectors(2, 0, shared(OF_SHIFT));
      code.storeVector(shared(OF_SHIFT), 2);
      code.addVectors(2, 1, shared(OF_SCALE));
      code.storeVector(shared(OF_SCALE), 2);
      code.loadVector(2, { base: r9, index: rdx });
      code.multiplyVectors(0, 0, 2);
      code.storeVector(kept(0), 0);
      code.multiplyVectors(1, 1, 2);
      code.storeVector(kept(1), 1);
    });
    groupSums(code, 2 * channels, channels / groups);
    eachBlock(code, row, () => {
      code.loadVector(2, statistic(DEVIATION));
      code.multiplyVectors(3, 2, ofPixels);
      code.multiplyVectors(3, 3, ofGroup);
      code.multiplyVectors(0, 3, kept(0));
      code.multiplyVectors(1, 3, kept(1));
      code.multiplyVectors(1, 1, 2);
      code.storeVector({ base: rdi, index: rdx, offset: Q * row }, 1);
      code.loadVector(2, statistic(MEAN));
      code.multiplySubtract(0, 2, 1);
      code.storeVector({ base: rdi, index: rdx, offset: C * row }, 0);
      code.multiplyAdd(0, 1, statistic(CHANNEL_MEAN));
      code.loadVector(2, statistic(A));
      code.multiplyVectors(2, 2, kept(2));
      code.multiplyAdd(2, 0, count);
      code.addVectors(2, 2, shared(OF_SUM));
      code.storeVector(shared(OF_SUM), 2);
    });
    code.add(rdi, SLOPES * row);
    code.add(r15, STATISTICS * row);
    code.subtract(r14, 1);
    code.jumpIf('notEqual', sample);
  });
  return {
    inputs: leaky ? 5 : 4,
    outputs: [[SLOPES * batch + SHARED, channels]],
    tables: [piecesTable(shape), constants],
    scratch,
    shared: bytesOfSums(shape),
    phases: [sums, slopes],
  };
}

/** Inputs: x, dy, the statistics, the slopes, and with a LeakyReLU its own. Output: dx, in blocks. */
export function normGradient(code: Assembler, shape: NormShape): Kernel {
  const { channels, leaky } = shape;
  const phase = eachMapPiece(code, shape, 0, () => {
    mapAt(code, rsi, slots.inputs);
    mapAt(code, r8, slots.inputs + 8);
    mapAt(code, rdi, slots.outputs);
    numbersAt(code, rdx, slots.inputs + 16, STATISTICS, shape);
    if (leaky) loadLeaky(code, channels, slots.inputs + 32);
    else code.loadVector(29, { base: rdx, offset: A * 4 * channels });
    numbersAt(code, rdx, slots.inputs + 24, SLOPES, shape);
    code.loadVector(27, { base: rdx, offset: Q * 4 * channels });
    code.loadVector(26, { base: rdx, offset: C * 4 * channels });
    eachVectors(code, (count, at) => {
      for (let k = 0; k < count; k++) {
        code.loadVector(8 + k, at(rsi, k));
        code.loadVector(12 + k, at(r8, k));
        if (leaky) beforeLeaky(code, 12 + k, 8 + k, 16 + k);
        code.moveVector(k, 26);
        code.multiplyAdd(k, 27, 8 + k);
        code.multiplyAdd(k, 29, 12 + k);
        code.storeVector(at(rdi, k), k);
      }
    });
  });
  return {
    inputs: leaky ? 5 : 4,
    outputs: [shape.shape],
    tables: [piecesTable(shape)],
    scratch: 0,
    phases: [phase],
  };
}

/** What the gradient before a LeakyReLU takes: a in 29, b in 30, the slope in 31 and zeros in 28. rdx: statistics. */
function loadLeaky(code: Assembler, channels: number, slope: number): void {
  code.clear(28);
  code.loadVector(29, { base: rdx, offset: A * 4 * channels });
  code.loadVector(30, { base: rdx, offset: B * 4 * channels });
  loadSlope(code, slope);
}

function loadSlope(code: Assembler, slot: number): void {
  code.load(rax, { base: rbx, offset: slot });
  code.spread(31, { base: rax });
}

/** The gradient before a LeakyReLU, in place of that behind it; `to` is lost. */
function beforeLeaky(code: Assembler, gradient: number, x: number, to: number): void {
  code.moveVector(to, 30);
  code.multiplyAdd(to, 29, x);
  code.compareVectors(2, to, 'atMost', 28);
  code.multiplyVectors(gradient, gradient, 31, 2);
}

/** A number of the kernel's second table, whose address r13 has. */
function constant(index: number): { readonly each: Place } {
  return { each: { base: r13, offset: 4 * index } };
}

/** Runs code for each block of channels: rdx is the bytes of its first one from that of the row. */
function eachBlock(code: Assembler, row: number, work: () => void): void {
  code.set(rdx, 0);
  const loop = code.here();
  work();
  code.add(rdx, VECTOR);
  code.compare(rdx, row);
  code.jumpIf('below', loop);
}

/** Puts in place of each of `count` numbers from r12 on the sum of its group of `size`. rsi, rcx and r10 are lost. */
function groupSums(code: Assembler, count: number, size: number): void {
  code.move(rsi, r12);
  code.address(r10, { base: r12, offset: 4 * count });
  const group = code.here();
  const each = (work: () => void) => {
    code.set(rcx, 0);
    const loop = code.here();
    work();
    code.add(rcx, 4);
    code.compare(rcx, 4 * size);
    code.jumpIf('below', loop);
  };
  code.clear(0);
  each(() => code.addNumbers(0, 0, { base: rsi, index: rcx }));
  each(() => code.storeNumber({ base: rsi, index: rcx }, 0));
  code.add(rsi, 4 * size);
  code.compare(rsi, { register: r10 });
  code.jumpIf('below', group);
}
