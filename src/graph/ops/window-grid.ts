/** The layout of maps for windows: as they are, with zeros around them. */
import { positionsOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import type { WindowGrid } from '../lowering.js';
import { pad, slice } from './arrange.js';

export function plainGrid(extents: Shape, radius: number): WindowGrid<Value> {
  const wings = [0, 0, 0, ...extents.map(() => radius)];
  const axes = [1, ...extents.map((_, axis) => axis + 3)];
  const winged = (map: Value) => pad(map, wings, wings);
  return {
    shape: extents,
    laid: (map) => map,
    winged,
    widened: winged,
    window(map, offset, [begin, end] = [0, map.shape[1]!]) {
      const begins = offset.map((o) => radius + o);
      const ends = begins.map((from, axis) => from + extents[axis]!);
      return slice(map, axes, [begin, ...begins], [end, ...ends]);
    },
    taken: (map) => map,
    inside: (offset) => insideOf(extents, extents, offset),
  };
}

/**
 * Where each position's neighbour at an offset lies within the extents, as spans `[from, to)`; positions fill `laid`,
 * which may be wider.
 */
export function insideOf(extents: Shape, laid: Shape, offset: readonly number[]): [from: number, to: number][] {
  const last = laid.length - 1;
  const width = laid[last]!;
  const from = Math.max(0, -offset[last]!);
  const to = Math.min(width, extents[last]! - offset[last]!);
  if (from >= to) return [];
  const rows = positionsOf(laid.slice(0, last));
  const isInside = (row: readonly number[]) =>
    row.every((at, axis) => at + offset[axis]! >= 0 && at + offset[axis]! < extents[axis]!);
  return rows.flatMap((row, index) => (isInside(row) ? [[index * width + from, index * width + to]] : []));
}
