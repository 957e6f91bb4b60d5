/** Operators that move elements and compute nothing: reshape, transpose, slice, pad, concat, split, gather. */
import { sizeOf } from '../../core/tensor.js';
import { type Shape, shapeError, type Value } from '../graph.js';

export function reshape(x: Value, shape: Shape): Value {
  if (sizeOf(shape) !== sizeOf(x.shape)) throw shapeError('Reshape', 'the element counts differ', x.shape, shape);
  if (shape.join() === x.shape.join()) return x;
  const from = x.node.op === 'Reshape' ? x.node.inputs[0]! : x;
  if (shape.join() === from.shape.join()) return from;
  const y = x.graph.node('Reshape', [from, x.graph.integers(shape)], {}, [{ shape, dtype: x.dtype }])[0]!;
  return x.graph.record({
    name: 'Reshape',
    inputs: [x],
    outputs: [y],
    backward: ([dy]) => [reshape(dy!, x.shape)],
  });
}

/** Axes in another order. Where none but those of extent 1 move, the elements stay where they are. */
export function transpose(x: Value, order: readonly number[]): Value {
  if ([...order].sort((a, b) => a - b).join() !== x.shape.map((_, axis) => axis).join()) {
    throw shapeError('Transpose', `[${order.join(', ')}] is not an order of the axes`, x.shape);
  }
  if (order.every((axis, position) => axis === position)) return x;
  const shape = order.map((axis) => x.shape[axis]!);
  const long = order.filter((axis) => x.shape[axis]! > 1);
  if (long.every((axis, index) => index === 0 || axis > long[index - 1]!)) return reshape(x, shape);
  const y = x.graph.node('Transpose', [x], { perm: order }, [{ shape, dtype: x.dtype }])[0]!;
  const back = order.map((_, axis) => order.indexOf(axis));
  return x.graph.record({ name: 'Transpose', inputs: [x], outputs: [y], backward: ([dy]) => [transpose(dy!, back)] });
}

/** The elements `begin … end − 1` along each of `axes`. */
export function slice(x: Value, axes: readonly number[], begins: readonly number[], ends: readonly number[]): Value {
  const shape = x.shape.slice();
  axes.forEach((axis, k) => {
    const [begin, end] = [begins[k]!, ends[k]!];
    if (!(begin >= 0 && begin < end && end <= x.shape[axis]!)) {
      throw shapeError('Slice', `${begin} to ${end} does not lie inside of axis ${axis}`, x.shape);
    }
    shape[axis] = end - begin;
  });
  if (shape.join() === x.shape.join()) return x;
  const { graph } = x;
  const inputs = [x, graph.integers(begins), graph.integers(ends), graph.integers(axes)];
  const y = graph.node('Slice', inputs, {}, [{ shape, dtype: x.dtype }])[0]!;
  const before = x.shape.map((_, axis) => (axes.includes(axis) ? begins[axes.indexOf(axis)]! : 0));
  const after = x.shape.map((extent, axis) => extent - shape[axis]! - before[axis]!);
  return graph.record({
    name: 'Slice',
    inputs: [x],
    outputs: [y],
    backward: ([dy]) => [pad(dy!, before, after)],
  });
}

/** Adds zeros before and after each axis. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  if (before.length !== x.shape.length || after.length !== x.shape.length) {
    throw shapeError('Pad', 'one pad per axis and side is needed', x.shape, before, after);
  }
  if ([...before, ...after].every((count) => count === 0)) return x;
  const { graph } = x;
  const shape = x.shape.map((extent, axis) => extent + before[axis]! + after[axis]!);
  const y = graph.node('Pad', [x, graph.integers([...before, ...after])], { mode: 'constant' }, [{ shape }])[0]!;
  return graph.record({
    name: 'Pad',
    inputs: [x],
    outputs: [y],
    backward: ([dy]) => [
      slice(
        dy!,
        x.shape.map((_, axis) => axis),
        before,
        before.map((count, axis) => count + x.shape[axis]!),
      ),
    ],
  });
}

/** Moves the elements along an axis towards its end, or its beginning where `by` is negative; zeros come in. */
export function shift(x: Value, axis: number, by: number): Value {
  if (by === 0) return x;
  const extent = x.shape[axis]!;
  if (Math.abs(by) >= extent) return full(x, x.shape, 0);
  const { graph } = x;
  const y = graph.unrecorded(() => {
    const lowered = graph.lowering.shift?.(x, axis, by);
    if (lowered) return lowered;
    const zeros = (count: number) => x.shape.map((_, other) => (other === axis ? count : 0));
    const kept = slice(x, [axis], [Math.max(-by, 0)], [extent - Math.max(by, 0)]);
    return pad(kept, zeros(Math.max(by, 0)), zeros(Math.max(-by, 0)));
  });
  return graph.record({ name: 'Shift', inputs: [x], outputs: [y], backward: ([dy]) => [shift(dy!, axis, -by)] });
}

export function concat(parts: readonly Value[], axis: number): Value {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  for (const part of parts) {
    const fits = part.shape.length === first.shape.length;
    if (!fits || part.shape.some((extent, a) => a !== axis && extent !== first.shape[a])) {
      throw shapeError('Concat', `the shapes differ outside of axis ${axis}`, ...parts.map((p) => p.shape));
    }
  }
  const extents = parts.map((part) => part.shape[axis]!);
  const shape = first.shape.with(axis, sizeOf([extents.reduce((a, b) => a + b, 0)]));
  const y = first.graph.node('Concat', parts, { axis }, [{ shape, dtype: first.dtype }])[0]!;
  return first.graph.record({
    name: 'Concat',
    inputs: parts,
    outputs: [y],
    backward: ([dy], wanted) => {
      let begin = 0;
      return parts.map((_, k) => {
        begin += extents[k]!;
        return wanted[k] ? slice(dy!, [axis], [begin - extents[k]!], [begin]) : null;
      });
    },
  });
}

/** Cuts `x` along `axis` into parts of the given extents. */
export function split(x: Value, extents: readonly number[], axis: number): readonly Value[] {
  if (extents.reduce((a, b) => a + b, 0) !== x.shape[axis]) {
    throw shapeError('Split', `the parts ${extents.join(' + ')} do not fill axis ${axis}`, x.shape);
  }
  const { graph } = x;
  if (extents.length === 1) return [x];
  const lowered = graph.lowering.split?.(x, extents, axis);
  if (lowered) return lowered;
  const parts = graph.node(
    'Split',
    [x, graph.integers(extents)],
    { axis },
    extents.map((extent) => ({ shape: x.shape.with(axis, extent) })),
  );
  graph.record({
    name: 'Split',
    inputs: [x],
    outputs: parts,
    backward: (gradients) => [
      concat(
        gradients.map((gradient, k) => gradient ?? zeros(parts[k]!)),
        axis,
      ),
    ],
  });
  return parts;
}

/** Rows of `x` along `axis` by constant or computed int64 indices; has no gradient (see `warp`). */
export function gather(x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return x.graph.node('Gather', [x, indices], { axis }, [{ shape, dtype: x.dtype }])[0]!;
}

/** Zeros of the shape of `x`. */
export function zeros(x: Value): Value {
  return full(x, x.shape, 0);
}

/** A tensor of one value, made when the graph runs. */
export function full(like: Value, shape: Shape, value: number): Value {
  const { graph } = like;
  return graph.node('Expand', [graph.constant(value), graph.integers(shape)], {}, [{ shape }])[0]!;
}
