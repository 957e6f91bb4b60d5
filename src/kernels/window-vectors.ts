/**
 * Mixture of Vectors (docs/method.md §3): the products of a pixel's query with the keys of a window around it, their
 * softmax and the offset that it expects, and the gradients. No map of the window's size is made: the gradients compute
 * the products again.
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
import type { Label } from './code-bytes.js';
import { exponential, exponentialConstants } from './exponential.js';
import { type Kernel, slots } from './kernel.js';
import { eachPiece } from './pieces.js';
import {
  KEPT,
  lineBytes,
  lineCount,
  maskBytes,
  masksTable,
  OUTSIDE,
  outside,
  outsideBytes,
  planeBytes,
  reachOf,
  row,
  rowsTable,
  type WindowShape,
} from './window-lines.js';

/** Masks: of the pixels of a line, and of those of the row. */
const [IN_LINE, IN_ROW] = [2, 7];
/** Vectors: up to 8 channels of the pixel, and what adds up for them; a product or weight; what is lost; OUTSIDE. */
const [OWN, SUMS, WEIGHT, LOST, OTHER, NOTHING] = [0, 8, 16, [17, 18], 19, 31] as const;

/** Numbers of a kernel: the scale of products, OUTSIDE, one, those of the exponential, and the offsets of a line. */
const [SCALE, NO_PRODUCT, ONE, EXPONENTIAL] = [0, 1, 2, 3];
const OFFSETS = EXPONENTIAL + exponentialConstants.length;

function constantsOf(shape: WindowShape): Float32Array {
  const offsets = Array.from({ length: reachOf(shape) }, (_, k) => k - shape.radius);
  return Float32Array.of(1 / Math.sqrt(shape.depth), OUTSIDE, 1, ...exponentialConstants, ...offsets);
}

/** A number of the fourth table, to which r10 leads. */
const constant = (index: number): Place => ({ base: r10, offset: 4 * index });

/** A kernel's tables: rows, lines, masks and numbers. */
function tablesOf(shape: WindowShape): Kernel['tables'] {
  const { rows, lines } = rowsTable(shape);
  return [rows, lines, masksTable(shape), constantsOf(shape)];
}

/**
 * A routine over all rows. For each vector of a row, rcx is the bytes of its first pixel from the row's, and r9 has the
 * address of its masks, of which that of the row is set; r14 is the row's entry, r10 leads to the constants.
 */
function eachVector(code: Assembler, shape: WindowShape, scratch: number, begin: () => void, work: () => void): Label {
  const { batch, heads, extents } = shape;
  const width = extents.at(-1)!;
  const count = (batch * heads * planeBytes(shape)) / (4 * width);
  return eachPiece(code, count, scratch, () => {
    code.multiply(r14, rax, row.bytes);
    code.add(r14, { base: rbx, offset: slots.tables });
    code.load(r9, { base: rbx, offset: slots.tables + 16 });
    code.load(r10, { base: rbx, offset: slots.tables + 24 });
    begin();
    code.spread(NOTHING, constant(NO_PRODUCT));
    code.set(rcx, 0);
    const loop = code.here();
    code.loadInt32(rax, { base: r9 });
    code.setMask(IN_ROW, rax);
    work();
    code.add(r9, maskBytes(shape));
    code.add(rcx, VECTOR);
    code.compare(rcx, 4 * width);
    code.jumpIf('below', loop);
  });
}

/** The address of a row in a map that a slot has. */
function rowAt(code: Assembler, to: number, slot: number, place: number): void {
  code.loadInt32(to, { base: r14, offset: place });
  code.add(to, { base: rbx, offset: slot });
}

/** The address of what is known of the lines around a row that lie outside of the map. */
function outsideAt(code: Assembler, shape: WindowShape, to: number): void {
  code.loadInt32(to, { base: r14, offset: row.lines });
  code.add(to, { base: rbx, offset: slots.tables + 8 });
  code.subtract(to, outsideBytes(shape));
}

/** Runs code for each line of the window that lies in the map: r13 is its entry, r8 leads to it from `from`. */
function eachLine(code: Assembler, shape: WindowShape, from: number, work: () => void): void {
  code.loadInt32(r13, { base: r14, offset: row.lines });
  code.add(r13, { base: rbx, offset: slots.tables + 8 });
  code.loadInt32(r11, { base: r14, offset: row.end });
  code.add(r11, { base: rbx, offset: slots.tables + 8 });
  const loop = code.here();
  code.loadInt32(r8, { base: r13 });
  code.add(r8, { register: from });
  work();
  code.add(r13, lineBytes(shape));
  code.compare(r13, { register: r11 });
  code.jumpIf('below', loop);
}

/** The offset of a line along an axis that is not the last. */
const lineOffset = (axis: number): Place => ({ base: r13, offset: 4 * (1 + axis) });

/** Sets the mask of the pixels that have a neighbour at the k-th offset of a line. rax is lost. */
function setLineMask(code: Assembler, k: number): void {
  code.loadInt32(rax, { base: r9, offset: 4 * (1 + k) });
  code.setMask(IN_LINE, rax);
}

/** Loads the channels of the pixels, times the scale, from a row. */
function loadOwn(code: Assembler, shape: WindowShape, from: number): void {
  code.spread(WEIGHT, constant(SCALE));
  for (let c = 0; c < shape.depth; c++) {
    code.loadVector(OWN + c, channel(shape, from, c), IN_ROW);
    code.multiplyVectors(OWN + c, OWN + c, WEIGHT);
  }
}

/** Where a channel of the pixels lies, and of their neighbours at an offset. */
function channel(shape: WindowShape, base: number, c: number, offset = 0): Place {
  return { base, index: rcx, offset: c * shape.heads * planeBytes(shape) + 4 * offset };
}

/** The products of the pixels with their neighbours in a line, at an offset. */
function products(code: Assembler, shape: WindowShape, offset: number): void {
  code.moveVector(WEIGHT, NOTHING);
  for (let c = 0; c < shape.depth; c++) {
    const other = channel(shape, r8, c, offset);
    if (c === 0) code.multiplyVectors(WEIGHT, OWN, other, IN_LINE);
    else code.multiplyAdd(WEIGHT, OWN + c, other, IN_LINE);
  }
}

/** Adds the neighbours at an offset, times their weights, for each channel. */
function addNeighbours(code: Assembler, shape: WindowShape, offset: number): void {
  for (let c = 0; c < shape.depth; c++) code.multiplyAdd(SUMS + c, WEIGHT, channel(shape, r8, c, offset), IN_LINE);
}

/** Writes what has been added up, times the scale. */
function storeSums(code: Assembler, shape: WindowShape): void {
  for (let c = 0; c < shape.depth; c++) {
    code.multiplyVectors(SUMS + c, SUMS + c, { each: constant(SCALE) });
    code.storeVector(channel(shape, rdi, c), SUMS + c, IN_ROW);
  }
}

/**
 * Inputs: query and key. Output: of each pixel and head the expected offset, the largest product, and one over the sum
 * of the exponentials, `[batch, axes + 2, heads, ...extents]`.
 */
export function windowVectors(code: Assembler, shape: WindowShape): Kernel {
  const { batch, heads, radius, extents } = shape;
  const [axes, reach] = [extents.length, reachOf(shape)];
  const scratch = VECTOR * reach * lineCount(shape);
  // Vectors: the largest product, the sum, the sums of offsets, and the sum of a line.
  const [largest, total, ofAxis, ofLine] = [20, 21, 22, 26];
  const begin = () => {
    rowAt(code, rsi, slots.inputs, row.map);
    rowAt(code, rdx, slots.inputs + 8, row.map);
    rowAt(code, rdi, slots.outputs, row.made);
  };
  const phase = eachVector(code, shape, scratch, begin, () => {
    loadOwn(code, shape, rsi);
    outsideAt(code, shape, r13);
    code.spread(largest, { base: r13, offset: outside.product });
    code.move(r15, r12);
    eachLine(code, shape, rdx, () => {
      for (let k = 0; k < reach; k++) {
        setLineMask(code, k);
        products(code, shape, k - radius);
        code.storeVector({ base: r15, offset: VECTOR * k }, WEIGHT);
        code.maximum(largest, largest, WEIGHT);
      }
      code.add(r15, VECTOR * reach);
    });
    for (let sum = total; sum < ofAxis + axes; sum++) code.clear(sum);
    code.move(r15, r12);
    eachLine(code, shape, rdx, () => {
      code.clear(ofLine);
      for (let k = 0; k < reach; k++) {
        code.loadVector(WEIGHT, { base: r15, offset: VECTOR * k });
        code.subtractVectors(WEIGHT, WEIGHT, largest);
        exponential(code, WEIGHT, LOST, constant(EXPONENTIAL));
        code.addVectors(ofLine, ofLine, WEIGHT);
        code.multiplyAdd(ofAxis + axes - 1, WEIGHT, { each: constant(OFFSETS + k) });
      }
      code.addVectors(total, total, ofLine);
      for (let axis = 0; axis < axes - 1; axis++) code.multiplyAdd(ofAxis + axis, ofLine, { each: lineOffset(axis) });
      code.add(r15, VECTOR * reach);
    });
    outsideAt(code, shape, r13);
    code.spread(WEIGHT, { base: r13, offset: outside.product });
    code.subtractVectors(WEIGHT, WEIGHT, largest);
    exponential(code, WEIGHT, LOST, constant(EXPONENTIAL));
    code.multiplyAdd(total, WEIGHT, { each: { base: r13, offset: outside.count } });
    for (let axis = 0; axis < axes - 1; axis++) {
      code.multiplyAdd(ofAxis + axis, WEIGHT, { each: { base: r13, offset: outside.sums + 4 * axis } });
    }
    code.spread(WEIGHT, constant(ONE));
    code.divideVectors(total, WEIGHT, total);
    for (let axis = 0; axis < axes; axis++) code.multiplyVectors(ofAxis + axis, ofAxis + axis, total);
    const made = [...extents.map((_, axis) => ofAxis + axis), largest, total];
    for (const [c, vector] of made.entries()) code.storeVector(channel(shape, rdi, c), vector, IN_ROW);
  });
  return {
    inputs: 2,
    outputs: [[batch, axes + KEPT, heads, ...extents]],
    tables: tablesOf(shape),
    scratch,
    phases: [phase],
  };
}

/**
 * Inputs: query, key, what `windowVectors` made, and the gradient of the offsets, `[batch, axes, heads, ...extents]`.
 * Output: the gradients of all queries, then of all keys, `[2 · batch, d · heads, ...extents]`.
 */
export function windowGradients(code: Assembler, shape: WindowShape): Kernel {
  const { batch, depth, heads, radius, extents } = shape;
  const [axes, reach, plane] = [extents.length, reachOf(shape), planeBytes(shape)];
  /** What lies in the memory of all threads, head by head: the gradient of each offset over the sum, and for all. */
  const kept = (base: number, index: number, offset = 0): Place => ({
    base,
    index: rcx,
    offset: index * plane + 4 * offset,
  });
  const [ofAll, ofLargest] = [axes, axes + 1];
  const [upstream, centre, largest] = [20, 24, 25];

  const ofQueries = () => {
    rowAt(code, rsi, slots.inputs, row.map);
    rowAt(code, rdx, slots.inputs + 8, row.map);
    rowAt(code, rdi, slots.outputs, row.map);
    rowAt(code, r15, slots.shared, row.own);
  };
  const queries = eachVector(code, shape, 0, ofQueries, () => {
    loadOwn(code, shape, rsi);
    for (let c = 0; c < depth; c++) code.clear(SUMS + c);
    rowAt(code, r8, slots.inputs + 16, row.made);
    rowAt(code, r13, slots.inputs + 24, row.vectors);
    code.loadVector(OTHER, channel(shape, r8, axes + 1), IN_ROW);
    code.clear(centre);
    for (let axis = 0; axis < axes; axis++) {
      code.loadVector(upstream + axis, channel(shape, r13, axis), IN_ROW);
      code.multiplyVectors(upstream + axis, upstream + axis, OTHER);
      code.loadVector(WEIGHT, channel(shape, r8, axis), IN_ROW);
      code.multiplySubtract(centre, upstream + axis, WEIGHT);
      code.storeVector(kept(r15, axis), upstream + axis, IN_ROW);
    }
    code.loadVector(largest, channel(shape, r8, axes), IN_ROW);
    code.storeVector(kept(r15, ofAll), centre, IN_ROW);
    code.storeVector(kept(r15, ofLargest), largest, IN_ROW);
    eachLine(code, shape, rdx, () => {
      code.moveVector(OTHER, centre);
      for (let axis = 0; axis < axes - 1; axis++) code.multiplyAdd(OTHER, upstream + axis, { each: lineOffset(axis) });
      for (let k = 0; k < reach; k++) {
        setLineMask(code, k);
        products(code, shape, k - radius);
        code.subtractVectors(WEIGHT, WEIGHT, largest);
        exponential(code, WEIGHT, LOST, constant(EXPONENTIAL));
        code.moveVector(LOST[0], OTHER);
        code.multiplyAdd(LOST[0], upstream + axes - 1, { each: constant(OFFSETS + k) });
        code.multiplyVectors(WEIGHT, WEIGHT, LOST[0]);
        addNeighbours(code, shape, k - radius);
      }
    });
    storeSums(code, shape);
  });

  const ofKeys = () => {
    rowAt(code, rsi, slots.inputs, row.map);
    rowAt(code, rdx, slots.inputs + 8, row.map);
    rowAt(code, rdi, slots.outputs, row.map);
    code.add(rdi, batch * depth * heads * plane);
    rowAt(code, r15, slots.shared, row.own);
  };
  const keys = eachVector(code, shape, VECTOR, ofKeys, () => {
    loadOwn(code, shape, rdx);
    for (let c = 0; c < depth; c++) code.clear(SUMS + c);
    eachLine(code, shape, rsi, () => {
      code.loadInt32(rax, { base: r13 });
      code.add(rax, { register: r15 });
      code.store({ base: r12 }, rax);
      for (let k = 0; k < reach; k++) {
        const offset = k - radius;
        setLineMask(code, k);
        products(code, shape, offset);
        code.load(rax, { base: r12 });
        code.subtractVectors(WEIGHT, WEIGHT, kept(rax, ofLargest, offset), IN_LINE);
        exponential(code, WEIGHT, LOST, constant(EXPONENTIAL));
        // The key lies at the opposite offset from the query.
        code.loadVector(OTHER, kept(rax, ofAll, offset), IN_LINE);
        for (let axis = 0; axis < axes; axis++) {
          code.spread(LOST[0], axis === axes - 1 ? constant(OFFSETS + k) : lineOffset(axis));
          code.multiplySubtract(OTHER, LOST[0], kept(rax, axis, offset), IN_LINE);
        }
        code.multiplyVectors(WEIGHT, WEIGHT, OTHER);
        addNeighbours(code, shape, offset);
      }
    });
    storeSums(code, shape);
  });
  return {
    inputs: 4,
    outputs: [[2 * batch, depth * heads, ...extents]],
    tables: tablesOf(shape),
    scratch: VECTOR,
    shared: batch * heads * (axes + KEPT) * plane,
    phases: [queries, keys],
  };
}
