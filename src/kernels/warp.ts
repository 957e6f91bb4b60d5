/**
 * A warp at positions in pixels, linear interpolation, zero outside (docs/method.md §0), and its gradients, 16 pixels
 * at a time. Maps are `[batch, channels, ...extents]`, positions `[batch, axes, ...extents]`.
 */

import { sizeOf } from '../core/tensor.js';
import { type Assembler, r8, r10, r11, r12, r13, r14, rax, rbx, rcx, rdi, rdx, rsi, VECTOR } from './assembler.js';
import {
  bytesOfCorners,
  cornerShares,
  corners,
  cornersOf,
  gridConstants,
  placesAt,
  sharesAt,
  sideAt,
  sideOf,
  slopeAt,
} from './corners.js';
import { eachEntry, fields } from './entries.js';
import { type Kernel, slots } from './kernel.js';
import { eachPiece } from './pieces.js';

export interface WarpShape {
  readonly batch: number;
  readonly channels: number;
  readonly extents: readonly number[];
}

/** Pixels of a vector, which a sample has at least. */
export const LANES = 16;
/** Vectors of a piece of the work, where a piece is some pixels. */
const VECTORS = 32;
/** The most channels whose gradient is spread at once. */
const MOST = 4;

/** A vector: its sample, the bytes of its first pixel from that of the sample, and of the pixels another has, too. */
const entry = fields('sample', 'pixel', 'begin');

/** The vectors of all pixels, one after the other; the last of a sample ends with it. Filled up with the first. */
function vectorsOf({ batch, extents }: WarpShape, multiple: number): Int32Array {
  const pixels = sizeOf(extents);
  const ofSample = Math.ceil(pixels / LANES);
  const count = Math.ceil((batch * ofSample) / multiple) * multiple;
  return Int32Array.from(
    Array.from({ length: count }, (_, index) => {
      const [sample, vector] = [Math.floor(index / ofSample), index % ofSample];
      const first = Math.min(vector * LANES, pixels - LANES);
      return sample < batch ? [sample, 4 * first, 4 * (vector * LANES - first)] : [0, 0, 0];
    }).flat(),
  );
}

/** The address of what lies at an entry's pixel, of a map of so many bytes a sample that a slot says; rax is lost. */
function pixelOf(code: Assembler, to: number, ofSample: number, slot: number, atPixel = true): void {
  code.loadInt32(rax, { base: r14, offset: entry.sample });
  code.multiply(rax, rax, ofSample);
  code.load(to, { base: rbx, offset: slot });
  code.add(to, { register: rax });
  if (!atPixel) return;
  code.loadInt32(rax, { base: r14, offset: entry.pixel });
  code.add(to, { register: rax });
}

/** A kernel whose pieces are pixels. */
function ofPixels(code: Assembler, shape: WarpShape, inputs: number, of: number, perVector: () => void): Kernel {
  const { batch, extents } = shape;
  const table = vectorsOf(shape, VECTORS);
  const pieces = (4 * table.length) / entry.bytes / VECTORS;
  const start = eachPiece(code, pieces, 0, () => {
    code.multiply(r13, rax, VECTORS * entry.bytes);
    code.add(r13, { base: rbx, offset: slots.tables });
    eachEntry(code, entry, 0, VECTORS, perVector);
  });
  return {
    inputs,
    outputs: [[batch, of, ...extents]],
    tables: [table, gridConstants(extents)],
    scratch: 0,
    phases: [start],
  };
}

/** Inputs: the source and the positions. Output: the source at the positions. */
export function warp(code: Assembler, shape: WarpShape): Kernel {
  const { channels, extents } = shape;
  const plane = 4 * sizeOf(extents);
  return ofPixels(code, shape, 2, channels, () => {
    pixelOf(code, rsi, extents.length * plane, slots.inputs + 8);
    pixelOf(code, rdx, channels * plane, slots.inputs, false);
    pixelOf(code, rdi, channels * plane, slots.outputs);
    corners(code, { extents, slopes: false });
    cornerShares(code, extents);
    code.set(rcx, channels);
    const loop = code.here();
    for (let corner = 0; corner < cornersOf(extents); corner++) {
      code.gather(2 + corner, { base: rdx }, placesAt + corner);
      // Two sums, which do not wait for one another.
      if (corner < 2) code.multiplyVectors(corner, 2 + corner, sharesAt + corner);
      else code.multiplyAdd(corner % 2, 2 + corner, sharesAt + corner);
    }
    code.addVectors(0, 0, 1);
    code.storeVector({ base: rdi }, 0);
    code.add(rdx, plane);
    code.add(rdi, plane);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', loop);
  });
}

/** The gradient of the positions. Inputs: the source, the positions and dy. */
export function warpSlopes(code: Assembler, shape: WarpShape): Kernel {
  const { channels, extents } = shape;
  const rank = extents.length;
  const plane = 4 * sizeOf(extents);
  const product = (corner: number) => sharesAt + corner;
  return ofPixels(code, shape, 3, rank, () => {
    pixelOf(code, rsi, rank * plane, slots.inputs + 8);
    pixelOf(code, rdx, channels * plane, slots.inputs, false);
    pixelOf(code, r11, channels * plane, slots.inputs + 16);
    pixelOf(code, rdi, rank * plane, slots.outputs);
    corners(code, { extents, slopes: true });
    for (let corner = 0; corner < cornersOf(extents); corner++) code.clear(product(corner));
    // What lies at each corner times dy, summed over the channels.
    code.set(rcx, channels);
    const loop = code.here();
    code.loadVector(12, { base: r11 });
    for (let corner = 0; corner < cornersOf(extents); corner++) {
      const to = 13 + (corner % 3);
      code.gather(to, { base: rdx }, placesAt + corner);
      code.multiplyAdd(product(corner), to, 12);
    }
    code.add(rdx, plane);
    code.add(r11, plane);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', loop);
    for (const axis of extents.keys()) {
      code.clear(12);
      for (let corner = 0; corner < cornersOf(extents); corner++) {
        code.multiplyVectors(13, product(corner), slopeAt(axis, sideOf(rank, corner, axis)));
        const others = [...extents.keys()].filter((other) => other !== axis);
        for (const other of others.slice(1)) code.multiplyVectors(13, 13, sideAt(other, sideOf(rank, corner, other)));
        code.multiplyAdd(12, 13, sideAt(others[0]!, sideOf(rank, corner, others[0]!)));
      }
      code.storeVector({ base: rdi, offset: plane * axis }, 12);
    }
  });
}

/**
 * The gradient of the source: dy is added where the corners lie, pixel by pixel. A piece is some channels of a sample,
 * so that no two threads add to the same number. Inputs: dy and the positions.
 */
export function warpSpread(code: Assembler, shape: WarpShape): Kernel {
  const { batch, channels, extents } = shape;
  const plane = 4 * sizeOf(extents);
  const group = [MOST, 3, 2, 1].find((count) => channels % count === 0)!;
  const table = vectorsOf({ ...shape, batch: 1 }, 1);
  const perSample = (4 * table.length) / entry.bytes;
  const pieces = fields('positions', 'map');
  const ofCorners = bytesOfCorners(extents);
  const product = (channel: number) => ofCorners * (1 + channel);

  const start = eachPiece(code, (batch * channels) / group, ofCorners * (1 + group), () => {
    code.multiply(rax, rax, pieces.bytes);
    code.add(rax, { base: rbx, offset: slots.tables + 16 });
    code.loadInt32(r10, { base: rax, offset: pieces.positions });
    code.add(r10, { base: rbx, offset: slots.inputs + 8 });
    code.loadInt32(rdi, { base: rax, offset: pieces.map });
    code.move(r11, rdi);
    code.add(r11, { base: rbx, offset: slots.inputs });
    code.add(rdi, { base: rbx, offset: slots.outputs });
    zeroed();
    code.load(r13, { base: rbx, offset: slots.tables });
    eachEntry(code, entry, 0, perSample, () => {
      code.loadInt32(r8, { base: r14, offset: entry.pixel });
      code.address(rsi, { base: r10, index: r8 });
      corners(code, { extents, slopes: false });
      cornerShares(code, extents);
      for (let corner = 0; corner < cornersOf(extents); corner++)
        code.storeVector({ base: r12, offset: VECTOR * corner }, placesAt + corner);
      for (let channel = 0; channel < group; channel++) {
        code.loadVector(0, { base: r11, index: r8, offset: channel * plane });
        for (let corner = 0; corner < cornersOf(extents); corner++) {
          code.multiplyVectors(1, 0, sharesAt + corner);
          code.storeVector({ base: r12, offset: product(channel) + VECTOR * corner }, 1);
        }
      }
      code.loadInt32(rcx, { base: r14, offset: entry.begin });
      const pixel = code.here();
      for (let corner = 0; corner < cornersOf(extents); corner++) {
        code.loadInt32(rax, { base: r12, index: rcx, offset: VECTOR * corner });
        for (let channel = 0; channel < group; channel++) {
          const to = { base: rdi, index: rax, offset: channel * plane };
          code.loadNumber(channel, { base: r12, index: rcx, offset: product(channel) + VECTOR * corner });
          code.addNumbers(channel, channel, to);
          code.storeNumber(to, channel);
        }
      }
      code.add(rcx, 4);
      code.compare(rcx, VECTOR);
      code.jumpIf('below', pixel);
    });
  });

  /** Of all numbers of the piece; the last vector ends with them. */
  function zeroed(): void {
    const last = group * plane - VECTOR;
    code.clear(0);
    code.set(rcx, 0);
    const loop = code.here();
    code.storeVector({ base: rdi, index: rcx }, 0);
    code.add(rcx, VECTOR);
    code.compare(rcx, last);
    code.jumpIf('below', loop);
    code.storeVector({ base: rdi, offset: last }, 0);
  }

  const piecesOf = Int32Array.from(
    Array.from({ length: (batch * channels) / group }, (_, piece) => [
      Math.floor((piece * group) / channels) * extents.length * plane,
      piece * group * plane,
    ]).flat(),
  );
  return {
    inputs: 2,
    outputs: [[batch, channels, ...extents]],
    tables: [table, gridConstants(extents), piecesOf],
    scratch: ofCorners * (1 + group),
    phases: [start],
  };
}
