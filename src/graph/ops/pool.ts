/**
 * Max-pooling 2 with stride 2, 2D and 3D; an odd extent loses its last row. The gradient goes to the first maximum of a
 * window, which comparisons find.
 */
import { type Shape, shapeError, type Value } from '../graph.js';
import { concat, full, pad, reshape, slice } from './arrange.js';
import { equal, mul, where } from './elementwise.js';

/** `[N, C, ...S]` to `[N, C, ...⌊S/2⌋]`. */
export function maxPool(x: Value): Value {
  const extents = x.shape.slice(2);
  if (extents.some((extent) => extent < 2)) throw shapeError('MaxPool', 'every extent must be at least 2', x.shape);
  const { graph } = x;
  const { y, gradient } = graph.unrecorded(() => graph.lowering.maxPool?.(x) ?? plain(x));
  return graph.record({ name: 'MaxPool', inputs: [x], outputs: [y], backward: ([dy]) => [gradient(dy!)] });
}

/** The extents after pooling, and the attributes of the operators that pool. */
export function pooled(x: Value) {
  const half = x.shape.slice(2).map((extent) => Math.floor(extent / 2));
  const attributes = { kernel_shape: half.map(() => 2), strides: half.map(() => 2) };
  return { half, shape: [...x.shape.slice(0, 2), ...half], attributes };
}

function plain(x: Value) {
  const { half, shape, attributes } = pooled(x);
  const y = x.graph.node('MaxPool', [x], attributes, [{ shape }])[0]!;
  return { y, gradient: (dy: Value) => compared(x, y, dy, half) };
}

function compared(x: Value, y: Value, dy: Value, half: Shape): Value {
  const lead = x.shape.slice(0, 2);
  const rank = half.length;
  const even = slice(
    x,
    half.map((_, axis) => axis + 2),
    half.map(() => 0),
    half.map((extent) => extent * 2),
  );
  const windows = reshape(even, [...lead, ...half.flatMap((extent) => [extent, 2])]);
  const cornerAxes = half.map((_, axis) => 3 + 2 * axis);
  const thin = [...lead, ...half.flatMap((extent) => [extent, 1])];
  const maximum = reshape(y, thin);
  const upstream = reshape(dy, thin);
  let open = full(x, thin, 1);
  const parts: Value[] = [];
  for (let corner = 0; corner < 2 ** rank; corner++) {
    const bits = half.map((_, axis) => (corner >> (rank - 1 - axis)) & 1);
    const here = slice(
      windows,
      cornerAxes,
      bits,
      bits.map((bit) => bit + 1),
    );
    const isMaximum = equal(here, maximum);
    parts.push(where(isMaximum, mul(upstream, open), 0));
    open = where(isMaximum, 0, open);
  }
  let joined = parts;
  for (let axis = rank - 1; axis >= 0; axis--) {
    joined = Array.from({ length: joined.length / 2 }, (_, pair) =>
      concat([joined[2 * pair]!, joined[2 * pair + 1]!], cornerAxes[axis]!),
    );
  }
  const flat = reshape(joined[0]!, [...lead, ...half.map((extent) => extent * 2)]);
  const rest = x.shape.map((extent, axis) => extent - flat.shape[axis]!);
  return pad(
    flat,
    rest.map(() => 0),
    rest,
  );
}
