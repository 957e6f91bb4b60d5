/**
 * Sums in two stages, rows and then the sums of rows, for a runtime that adds one number after the other: the error of
 * a sum grows with the count of what it adds, and two times its root is little.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import type { Reduction } from '../lowering.js';
import { reshape, slice } from '../ops/arrange.js';
import { add, div, square } from '../ops/elementwise.js';

/** Numbers that are added one after the other without a second stage. */
const ROW = 32;

export function reduceInStages(
  operator: Reduction,
  x: Value,
  axes: readonly number[],
  shape: Shape,
): Value | undefined {
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  if (count <= ROW) return undefined;
  let sum = operator === 'ReduceSumSquare' ? square(x) : x;
  for (const axis of [...axes].sort((a, b) => b - a)) sum = along(sum, axis);
  return reshape(operator === 'ReduceMean' ? div(sum, count) : sum, shape);
}

/** The sum along an axis, which is kept with extent 1. */
function along(x: Value, axis: number): Value {
  const extent = x.shape[axis]!;
  if (extent <= ROW) return plain(x, axis);
  const row = rowOf(extent);
  const whole = extent - (extent % row);
  const rows = reshape(slice(x, [axis], [0], [whole]), [
    ...x.shape.slice(0, axis),
    whole / row,
    row,
    ...x.shape.slice(axis + 1),
  ]);
  const sum = reshape(along(plain(rows, axis + 1), axis), x.shape.with(axis, 1));
  return whole === extent ? sum : add(sum, plain(slice(x, [axis], [whole], [extent]), axis));
}

/** A length near the root; a divisor, so that nothing is cut, where there is one. */
function rowOf(extent: number): number {
  const root = Math.ceil(Math.sqrt(extent));
  for (let row = root; row <= 4 * root; row++) if (extent % row === 0) return row;
  return root;
}

/** One stage: a sum of so few that it is not divided again. */
function plain(x: Value, axis: number): Value {
  const { graph } = x;
  if (x.shape[axis] === 1) return x;
  return graph.node('ReduceSum', [x, graph.integers([axis])], { keepdims: 1 }, [{ shape: x.shape.with(axis, 1) }])[0]!;
}
