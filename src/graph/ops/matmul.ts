/** Matrix products over the last two axes, with the leading axes broadcast; softmax over one axis. */
import { shapeError, type Value } from '../graph.js';
import { transpose } from './arrange.js';
import { broadcastShape, div, exp, sub, sumTo } from './elementwise.js';
import { reduceMax, reduceSum } from './reduce.js';

export function matmul(a: Value, b: Value): Value {
  const [ra, rb] = [a.shape.length, b.shape.length];
  if (ra < 2 || rb < 2 || a.shape[ra - 1] !== b.shape[rb - 2]) {
    throw shapeError('MatMul', 'the inner extents differ', a.shape, b.shape);
  }
  const lead = broadcastShape('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...lead, a.shape[ra - 2]!, b.shape[rb - 1]!];
  const { graph } = a;
  const lowered = graph.unrecorded(() => graph.lowering.product?.(a, b, shape));
  const y = lowered ?? graph.node('MatMul', [a, b], {}, [{ shape }])[0]!;
  return graph.record({
    name: 'MatMul',
    inputs: [a, b],
    outputs: [y],
    backward: ([dy], [wantA, wantB]) => [
      wantA ? sumTo(matmul(dy!, swapLast(b)), a.shape) : null,
      wantB ? sumTo(matmul(swapLast(a), dy!), b.shape) : null,
    ],
  });
}

/** Swaps the last two axes. */
export function swapLast(x: Value): Value {
  return transpose(x, lastSwapped(x.shape.length));
}

/** The order of the axes with the last two swapped. */
export function lastSwapped(rank: number): number[] {
  return [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2];
}

/** Softmax over one axis; the maximum is subtracted first. */
export function softmax(x: Value, axis: number): Value {
  const weights = exp(sub(x, reduceMax(x, [axis])));
  return div(weights, reduceSum(weights, [axis]));
}
