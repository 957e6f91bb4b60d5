/**
 * Warping through rows of channels, one for each pixel, for a device that samples no grid in 3D and adds at indices
 * with all its threads at once.
 */
import type { Shape, Value } from '../graph.js';
import type { Corners, Read } from '../lowering.js';
import { gather, reshape, slice, zeros } from '../ops/arrange.js';
import { rowsOf } from '../ops/corners.js';
import { add, mul } from '../ops/elementwise.js';
import { fromRows, toRows } from '../ops/rows.js';

/** The forward pass: every corner is gathered and weighted. */
export function gathered(source: Value, read: Read<Value>): Value {
  const rows = toRows(source);
  const parts = eachCorner(read.corners()).map(({ rowAs, weight }) =>
    mul(gather(rows, rowAs(rows.shape.slice(0, 1)), 0), weight),
  );
  return fromRows(
    parts.reduce((a, b) => add(a, b)),
    source.shape,
  );
}

/** The gradient of the source: rows of channels are added where each corner lies. */
export function spreadRows(dy: Value, read: Read<Value>): Value {
  const upstream = toRows(dy);
  let rows = zeros(upstream);
  for (const { rowAs, weight } of eachCorner(read.corners())) {
    const inputs = [rows, rowAs(weight.shape), mul(upstream, weight)];
    rows = dy.graph.node('ScatterND', inputs, { reduction: 'add' }, [{ shape: rows.shape }])[0]!;
  }
  return fromRows(rows, dy.shape);
}

/** For each pixel of all samples the corner's row, in a shape, and weight, `[N·P, 1]`. */
function eachCorner(corners: Corners<Value>) {
  const { weights } = corners;
  const pixels = weights.shape[1]! * weights.shape[2]!;
  return Array.from({ length: corners.count }, (_, corner) => ({
    rowAs: (shape: Shape) => rowsOf(corners, corner, corner + 1, shape),
    weight: reshape(slice(weights, [0], [corner], [corner + 1]), [pixels, 1]),
  }));
}
