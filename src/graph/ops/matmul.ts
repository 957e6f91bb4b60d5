/** Matrix products over the last two axes, with the leading axes broadcast; softmax over one axis. */
import { type Shape, shapeError, type Value } from '../graph.js';
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
  const y = product(a, b, shape);
  return a.graph.record({
    name: 'MatMul',
    inputs: [a, b],
    outputs: [y],
    backward: ([dy], [wantA, wantB]) => [
      wantA ? sumTo(matmul(dy!, swapLast(b)), a.shape) : null,
      wantB ? sumTo(matmul(swapLast(a), dy!), b.shape) : null,
    ],
  });
}

/** The product; what is swapped before it is read as it lies where the runtime has an operator for that. */
function product(a: Value, b: Value, shape: Shape): Value {
  const { graph } = a;
  const [left, right] = graph.target === 'x64' ? [beforeSwap(a), beforeSwap(b)] : [undefined, undefined];
  if (!left && !right) return graph.node('MatMul', [a, b], {}, [{ shape }])[0]!;
  const attributes = { transA: left ? 1 : 0, transB: right ? 1 : 0 };
  return graph.node('com.microsoft.FusedMatMul', [left ?? a, right ?? b], attributes, [{ shape }])[0]!;
}

/** What `swapLast` has been given, where `x` comes from it. */
function beforeSwap(x: Value): Value | undefined {
  const { op, inputs, attributes } = x.node;
  const swapped = op === 'Transpose' && String(attributes.perm) === String(lastSwapped(x.shape.length));
  return swapped ? inputs[0] : undefined;
}

/** Swaps the last two axes. */
export function swapLast(x: Value): Value {
  return transpose(x, lastSwapped(x.shape.length));
}

function lastSwapped(rank: number): number[] {
  return [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2];
}

/** Softmax over one axis; the maximum is subtracted first. */
export function softmax(x: Value, axis: number): Value {
  const weights = exp(sub(x, reduceMax(x, [axis])));
  return div(weights, reduceSum(weights, [axis]));
}
