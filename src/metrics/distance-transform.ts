/**
 * The exact Euclidean distance transform on an anisotropic grid, in time linear in the number of elements: one pass
 * along each axis. Within a row the nearest seeds are enough; along every other axis a line becomes the lower envelope
 * of parabolas (P. Felzenszwalb and D. Huttenlocher, Distance Transforms of Sampled Functions, Theory of Computing 8,
 * 2012, algorithm 1). It takes 8 bytes for each element.
 */
import { invariant } from '../core/errors.js';
import { sizeOf, stridesOf } from '../core/tensor.js';

/** Lines that are gathered together, so that whole cache lines are used where the axis is not the fastest one. */
const BLOCK = 16;

/**
 * The squared distance of every element to the nearest seed; `Infinity` everywhere where there is no seed.
 * @param seeds row-major over `shape`; not 0 at a seed
 * @param shape the extents, any number of axes
 * @param spacing the distance of neighbours along each axis, positive, in mm
 * @returns row-major over `shape`, in mm²
 * @example squaredDistances(Uint8Array.of(1, 0, 0), [1, 3], [1, 0.5]) // 0, 0.25, 1
 */
export function squaredDistances(
  seeds: Uint8Array,
  shape: readonly number[],
  spacing: readonly number[],
): Float64Array {
  invariant(seeds.length === sizeOf(shape), `${seeds.length} seeds do not fill the shape [${shape.join(', ')}]`);
  const strides = stridesOf(shape);
  const last = shape.length - 1;
  const distances = distancesAlongRows(seeds, shape[last]!, spacing[last]! ** 2);
  for (let axis = last - 1; axis >= 0; axis--) {
    transformAxis(distances, shape[axis]!, strides[axis]!, spacing[axis]! ** 2);
  }
  return distances;
}

/** The squared distances within each row, from the nearest seed before and after; `weight` is the squared spacing. */
function distancesAlongRows(seeds: Uint8Array, extent: number, weight: number): Float64Array {
  const distances = new Float64Array(seeds.length);
  for (let row = 0; row < seeds.length; row += extent) {
    let steps = Number.POSITIVE_INFINITY;
    for (let index = row; index < row + extent; index++) {
      steps = seeds[index] ? 0 : steps + 1;
      distances[index] = steps;
    }
    steps = Number.POSITIVE_INFINITY;
    for (let index = row + extent - 1; index >= row; index--) {
      const before = distances[index]!;
      steps = before === 0 ? 0 : steps + 1;
      const nearer = Math.min(before, steps);
      distances[index] = weight * nearer * nearer;
    }
  }
  return distances;
}

/** Transforms every line along one axis; `weight` is the squared spacing of the axis. */
function transformAxis(distances: Float64Array, extent: number, stride: number, weight: number): void {
  if (extent === 1) return;
  const envelope = new Envelope(extent, weight);
  const lines = new Float64Array(BLOCK * extent);
  for (let outer = 0; outer < distances.length; outer += extent * stride) {
    for (let inner = 0; inner < stride; inner += BLOCK) {
      const count = Math.min(BLOCK, stride - inner);
      const base = outer + inner;
      for (let at = 0; at < extent; at++) {
        const from = base + at * stride;
        for (let line = 0; line < count; line++) lines[line * extent + at] = distances[from + line]!;
      }
      for (let line = 0; line < count; line++) envelope.transform(lines, line * extent);
      for (let at = 0; at < extent; at++) {
        const to = base + at * stride;
        for (let line = 0; line < count; line++) distances[to + line] = lines[line * extent + at]!;
      }
    }
  }
}

/** The lower envelope of the parabolas `f(q) + weight · (x − q)²` along one line, with the buffers for it. */
class Envelope {
  private readonly extent: number;
  private readonly weight: number;
  /** The apex of each parabola of the envelope, from left to right. */
  private readonly apex: Int32Array;
  /** The height of each parabola at its apex. */
  private readonly height: Float64Array;
  /** Where each parabola takes over from the one before. */
  private readonly start: Float64Array;

  constructor(extent: number, weight: number) {
    this.extent = extent;
    this.weight = weight;
    this.apex = new Int32Array(extent);
    this.height = new Float64Array(extent);
    this.start = new Float64Array(extent);
  }

  /** Replaces the line `values[offset … offset + extent)` by its envelope, sampled at the same places. */
  transform(values: Float64Array, offset: number): void {
    const { extent, weight, apex, height, start } = this;
    let last = -1;
    for (let q = 0; q < extent; q++) {
      const value = values[offset + q]!;
      if (value === Number.POSITIVE_INFINITY) continue;
      let from = Number.NEGATIVE_INFINITY;
      while (last >= 0) {
        const p = apex[last]!;
        from = (q + p) / 2 + (value - height[last]!) / (2 * weight * (q - p));
        if (from > start[last]!) break;
        last--;
      }
      if (last < 0) from = Number.NEGATIVE_INFINITY;
      last++;
      apex[last] = q;
      height[last] = value;
      start[last] = from;
    }
    if (last < 0) return;
    let current = 0;
    for (let x = 0; x < extent; x++) {
      while (current < last && start[current + 1]! < x) current++;
      const step = x - apex[current]!;
      values[offset + x] = height[current]! + weight * step * step;
    }
  }
}
