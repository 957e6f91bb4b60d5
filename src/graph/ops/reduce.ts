/** Sums, means and maxima over axes. The axes are kept with extent 1. */
import { type Shape, shapeError, type Value } from '../graph.js';
import type { Reduction } from '../lowering.js';
import { reshape } from './arrange.js';
import { mul } from './elementwise.js';

function reduced(operator: string, x: Value, axes: readonly number[]): Shape {
  for (const axis of axes) {
    if (axis < 0 || axis >= x.shape.length) throw shapeError(operator, `there is no axis ${axis}`, x.shape);
  }
  return x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

function reduction(operator: Reduction, x: Value, axes: readonly number[], shape: Shape): Value {
  const { graph } = x;
  const lowered = graph.unrecorded(() => graph.lowering.reduce?.(operator, x, axes, shape));
  return lowered ?? graph.node(operator, [x, graph.integers(axes)], { keepdims: 1 }, [{ shape }])[0]!;
}

function expand(x: Value, shape: Shape): Value {
  return x.graph.node('Expand', [x, x.graph.integers(shape)], {}, [{ shape }])[0]!;
}

const all = (x: Value): number[] => x.shape.map((_, axis) => axis);

export function reduceSum(x: Value, axes: readonly number[] = all(x)): Value {
  const shape = reduced('ReduceSum', x, axes);
  if (axes.every((axis) => x.shape[axis] === 1)) return x;
  const { graph } = x;
  const y = reduction('ReduceSum', x, axes, shape);
  return graph.record({
    name: 'ReduceSum',
    inputs: [x],
    outputs: [y],
    backward: ([dy]) => [expand(dy!, x.shape)],
  });
}

export function reduceMean(x: Value, axes: readonly number[] = all(x)): Value {
  const shape = reduced('ReduceMean', x, axes);
  const { graph } = x;
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const y = reduction('ReduceMean', x, axes, shape);
  return graph.record({
    name: 'ReduceMean',
    inputs: [x],
    outputs: [y],
    backward: ([dy]) => [expand(mul(dy!, 1 / count), x.shape)],
  });
}

/** The sum of squares; for statistics, without a gradient of its own. */
export function reduceSumSquare(x: Value, axes: readonly number[] = all(x)): Value {
  const shape = reduced('ReduceSumSquare', x, axes);
  return reduction('ReduceSumSquare', x, axes, shape);
}

/** The largest value; has no gradient (it only steadies a softmax). */
export function reduceMax(x: Value, axes: readonly number[]): Value {
  const shape = reduced('ReduceMax', x, axes);
  return x.graph.node('ReduceMax', [x, x.graph.integers(axes)], { keepdims: 1 }, [{ shape }])[0]!;
}

const channelSums = new WeakMap<Value, Value>();

/** The sum of `[N, C, ...S]` over all axes but the channels, `[C]`: a pass over the map, unless its maker knew it. */
export function channelSum(x: Value): Value {
  const axes = all(x).filter((axis) => axis !== 1);
  return channelSums.get(x) ?? reshape(reduceSum(x, axes), [x.shape[1]!]);
}

/** Tells the channel sums of `x` where they follow from what is there. */
export function knowChannelSum(x: Value, sums: Value): void {
  channelSums.set(x, sums);
}
