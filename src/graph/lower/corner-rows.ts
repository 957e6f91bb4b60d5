/**
 * Warping through rows of channels, one for each pixel, for a device that samples no grid in 3D and adds at indices
 * with all its threads at once.
 */
import type { Value } from '../graph.js';
import type { Corner } from '../lowering.js';
import { gather, zeros } from '../ops/arrange.js';
import { add, mul } from '../ops/elementwise.js';
import { fromRows, toRows } from '../ops/rows.js';

/** The forward pass: every corner is gathered and weighted. */
export function gathered(source: Value, corners: readonly Corner<Value>[]): Value {
  const rows = toRows(source);
  const count = rows.shape.slice(0, 1);
  const parts = corners.map(({ rowAs, weight }) => mul(gather(rows, rowAs(count), 0), weight()));
  return fromRows(
    parts.reduce((a, b) => add(a, b)),
    source.shape,
  );
}

/** The gradient of the source: rows of channels are added where each corner lies. */
export function spreadRows(dy: Value, corners: readonly Corner<Value>[]): Value {
  const upstream = toRows(dy);
  let rows = zeros(upstream);
  for (const { rowAs, weight } of corners) {
    const inputs = [rows, rowAs([rows.shape[0]!, 1]), mul(upstream, weight())];
    rows = dy.graph.node('ScatterND', inputs, { reduction: 'add' }, [{ shape: rows.shape }])[0]!;
  }
  return fromRows(rows, dy.shape);
}
