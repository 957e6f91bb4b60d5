/** Elementwise operators with NumPy broadcasting, and their gradients. */
import { type Graph, type Shape, shapeError, type Value } from '../graph.js';

/** The shape of two operands spread over each other. */
export function broadcastShape(operator: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw shapeError(operator, 'the shapes do not broadcast', a, b);
    return x === 1 ? y : x;
  });
}

/** Sums a gradient over the axes along which its value was spread. */
export function sumTo(gradient: Value, shape: Shape): Value {
  if (gradient.shape.join() === shape.join()) return gradient;
  const { graph } = gradient;
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : [],
  );
  const kept = gradient.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const summed = axes.length
    ? graph.node('ReduceSum', [gradient, graph.integers(axes)], { keepdims: 1 }, [{ shape: kept }])[0]!
    : gradient;
  if (lead === 0) return summed;
  return graph.node('Reshape', [summed, graph.integers(shape)], {}, [{ shape }])[0]!;
}

type Operand = Value | number;

function graphOf(a: Operand, b: Operand): Graph {
  return (typeof a === 'number' ? (b as Value) : a).graph;
}

function lift(graph: Graph, operand: Operand): Value {
  return typeof operand === 'number' ? graph.constant(operand) : operand;
}

function binary(
  op: string,
  x: Operand,
  y: Operand,
  backward: (dz: Value, a: Value, b: Value, z: Value) => readonly [() => Value, () => Value],
): Value {
  const graph = graphOf(x, y);
  const a = lift(graph, x);
  const b = lift(graph, y);
  const z = graph.node(op, [a, b], {}, [{ shape: broadcastShape(op, a.shape, b.shape) }])[0]!;
  return graph.record({
    name: op,
    inputs: [a, b],
    outputs: [z],
    backward: ([dz], [wantA, wantB]) => {
      const [da, db] = backward(dz!, a, b, z);
      return [wantA ? sumTo(da(), a.shape) : null, wantB ? sumTo(db(), b.shape) : null];
    },
  });
}

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b, (dz) => [() => dz, () => dz]);
export const sub = (a: Operand, b: Operand): Value => binary('Sub', a, b, (dz) => [() => dz, () => neg(dz)]);
export const mul = (a: Operand, b: Operand): Value =>
  binary('Mul', a, b, (dz, x, y) => [() => mul(dz, y), () => mul(dz, x)]);
export const div = (a: Operand, b: Operand): Value =>
  binary('Div', a, b, (dz, _x, y, z) => [() => div(dz, y), () => neg(div(mul(dz, z), y))]);
/** The larger of two; the gradient goes to `a` where they are equal. */
export const maximum = (a: Operand, b: Operand): Value =>
  binary('Max', a, b, (dz, x, y) => [() => where(less(x, y), 0, dz), () => where(less(x, y), dz, 0)]);

function unary(op: string, x: Value, backward: (dy: Value, y: Value) => Value): Value {
  const y = x.graph.node(op, [x], {}, [{ shape: x.shape }])[0]!;
  return x.graph.record({ name: op, inputs: [x], outputs: [y], backward: ([dy]) => [backward(dy!, y)] });
}

export const neg = (x: Value): Value => unary('Neg', x, (dy) => neg(dy));
export const exp = (x: Value): Value => unary('Exp', x, (dy, y) => mul(dy, y));
export const log = (x: Value): Value => unary('Log', x, (dy) => div(dy, x));
export const sqrt = (x: Value): Value => unary('Sqrt', x, (dy, y) => div(mul(dy, 0.5), y));
export const square = (x: Value): Value => mul(x, x);
/** The absolute value; its gradient at 0 is 0. */
export const abs = (x: Value): Value => unary('Abs', x, (dy) => where(less(0, x), dy, where(less(x, 0), neg(dy), 0)));
/** Rounds down; has no gradient. */
export const floor = (x: Value): Value => x.graph.node('Floor', [x], {}, [{ shape: x.shape }])[0]!;

/** `a < b` as booleans; has no gradient. */
export function less(x: Operand, y: Operand): Value {
  return compare('Less', x, y);
}

export function lessOrEqual(x: Operand, y: Operand): Value {
  return compare('LessOrEqual', x, y);
}

export function equal(x: Operand, y: Operand): Value {
  return compare('Equal', x, y);
}

function compare(op: string, x: Operand, y: Operand): Value {
  const graph = graphOf(x, y);
  const a = lift(graph, x);
  const b = lift(graph, y);
  return graph.node(op, [a, b], {}, [{ shape: broadcastShape(op, a.shape, b.shape), dtype: 'bool' }])[0]!;
}

export function and(a: Value, b: Value): Value {
  return a.graph.node('And', [a, b], {}, [{ shape: broadcastShape('And', a.shape, b.shape), dtype: 'bool' }])[0]!;
}

/** `condition ? a : b`, element by element; gradients flow to `a` and `b`. */
export function where(condition: Value, x: Operand, y: Operand): Value {
  const { graph } = condition;
  const a = lift(graph, x);
  const b = lift(graph, y);
  const shape = broadcastShape('Where', broadcastShape('Where', condition.shape, a.shape), b.shape);
  const z = graph.node('Where', [condition, a, b], {}, [{ shape }])[0]!;
  return graph.record({
    name: 'Where',
    inputs: [a, b],
    outputs: [z],
    backward: ([dz], [wantA, wantB]) => [
      wantA ? sumTo(where(condition, dz!, 0), a.shape) : null,
      wantB ? sumTo(where(condition, 0, dz!), b.shape) : null,
    ],
  });
}

/** Element types by their number in the standard. */
const CAST_TO = { float32: 1, int64: 7, float16: 10 } as const;

/** Casts to another type; has no gradient. */
export function cast(x: Value, dtype: keyof typeof CAST_TO): Value {
  return x.graph.node('Cast', [x], { to: CAST_TO[dtype] }, [{ shape: x.shape, dtype }])[0]!;
}
