/**
 * The grid points around where each pixel of a warp reads (docs/method.md §0): two along each axis, 2^nd in all, in
 * row-major order. What belongs to one axis is computed for both of its sides, what belongs to a corner is a product or
 * a sum over the axes.
 */
import { sizeOf, stridesOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import type { Corners } from '../lowering.js';
import { reshape, slice, transpose } from './arrange.js';
import { abs, add, and, cast, floor, less, lessOrEqual, mul, sub, where } from './elementwise.js';

/** @param read where each pixel reads, in pixels: `[N, nd, ...S]` */
export function cornersAround(read: Value): Corners<Value> {
  const { graph } = read;
  const [batch, rank, ...extents] = read.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const ofAxes = (numbers: readonly number[]) => graph.constant(numbers, [rank, 1, 1, 1]);
  const ofSides = (low: number, high: number) => graph.constant([low, high], [1, 2, 1, 1]);
  // By axis, side, sample and pixel.
  const place = reshape(transpose(reshape(read, [batch, rank, pixels]), [1, 0, 2]), [rank, 1, batch, pixels]);
  const low = floor(place);
  const sides = add(low, ofSides(0, 1));
  const inside = and(lessOrEqual(0, sides), less(sides, ofAxes(extents)));
  const steps = mul(where(inside, sides, 0), ofAxes(stridesOf(extents)));
  const shares = where(inside, abs(sub(ofSides(1, 0), sub(place, low))), 0);
  const signs = where(inside, ofSides(-1, 1), 0);

  const count = 2 ** rank;
  /** What an axis has, spread over all corners. */
  const ofAxis = (values: Value, axis: number) => {
    const shape = extents.map((_, other) => (other === axis ? 2 : 1));
    return reshape(slice(values, [0], [axis], [axis + 1]), [...shape, batch, pixels]);
  };
  const overAxes = (valuesOf: (axis: number) => Value, combine: (a: Value, b: Value) => Value) => {
    const all = extents.map((_, axis) => ofAxis(valuesOf(axis), axis)).reduce((a, b) => combine(a, b));
    return reshape(all, [count, batch, pixels]);
  };
  const within = overAxes(() => steps, add);
  const firsts = Array.from({ length: batch }, (_, sample) => sample * pixels);
  return {
    count,
    pixels: within,
    rows: add(within, graph.constant(firsts, [1, batch, 1])),
    weights: overAxes(() => shares, mul),
    slopes: (axis) => overAxes((other) => (other === axis ? signs : shares), mul),
  };
}

/** Numbers of corners from `begin` to `end`, which are `[K, N, P]`, as those of the places `[N, 1, K · P]`. */
export function ofCorners(numbers: Value, begin: number, end: number): Value {
  const [, batch, pixels] = numbers.shape as [number, number, number];
  const chosen = transpose(slice(numbers, [0], [begin], [end]), [1, 0, 2]);
  return reshape(chosen, [batch, 1, (end - begin) * pixels]);
}

/** The rows of corners from `begin` to `end` among the pixels of all samples, as indices of a shape. */
export function rowsOf({ rows }: Corners<Value>, begin: number, end: number, shape: Shape): Value {
  // Reshaped as float32: WebGPU leaves the reshaping of int64 to the CPU.
  return cast(reshape(slice(rows, [0], [begin], [end]), shape), 'int64');
}

/** Spans of all corners: one of them all where what they make is small, for starting an operator costs, too. */
export function cornerSpans(count: number, elements: number, limit: number): [begin: number, end: number][] {
  const step = count * elements <= limit ? count : 1;
  return Array.from({ length: count / step }, (_, index) => [index * step, (index + 1) * step]);
}
