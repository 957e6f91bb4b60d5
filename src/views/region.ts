/**
 * The part of an image grid that a computation covers. Views are cut out of larger images (paper: Self-Vector
 * Regression; crop both views and the field with one window), so fields and warps are computed on the window alone.
 */
import { invariant } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';

/** A window of `size` pixels at `start` on a grid of `shape` pixels; one entry per spatial axis. */
export interface Region {
  readonly shape: readonly number[];
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/** The region that covers the whole grid. */
export function wholeRegion(shape: readonly number[]): Region {
  return { shape, start: shape.map(() => 0), size: shape };
}

/** Cuts a region out of an array. @param data `[C, ...shape]`; @returns `[C, ...size]` */
export function cropRegion(data: Float32Array, region: Region): Float32Array {
  const { shape, start, size } = region;
  invariant(
    shape.every((extent, axis) => start[axis]! >= 0 && start[axis]! + size[axis]! <= extent),
    `the window [${size.join(', ')}] at [${start.join(', ')}] leaves the grid [${shape.join(', ')}]`,
  );
  const channels = data.length / sizeOf(shape);
  const cropped = new Float32Array(channels * sizeOf(size));
  const row = size.at(-1)!;
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    forEachRow(size, (index) => {
      let source = channel;
      for (let axis = 0; axis < shape.length; axis++) source = source * shape[axis]! + start[axis]! + index[axis]!;
      cropped.set(data.subarray(source, source + row), target);
      target += row;
    });
  }
  return cropped;
}

/** Visits the first index of every row (the last axis) of a grid, in row-major order. The index array is reused. */
export function forEachRow(size: readonly number[], visit: (index: readonly number[]) => void): void {
  const last = size.length - 1;
  const index = new Array<number>(size.length).fill(0);
  const rows = sizeOf(size.slice(0, last));
  for (let row = 0; row < rows; row++) {
    visit(index);
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      if (index[axis]! < size[axis]!) break;
      index[axis] = 0;
    }
  }
}
