/** The layout of maps for windows: as they are, with zeros around them. */
import { sizeOf } from '../../core/tensor.js';
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
 * Whether each position's neighbour at an offset lies within the extents; positions fill `laid`, which may be wider.
 */
export function insideOf(extents: Shape, laid: Shape, offset: readonly number[]): boolean[] {
  return Array.from({ length: sizeOf(laid) }, (_, pixel) => {
    let rest = pixel;
    for (let axis = laid.length - 1; axis >= 0; axis--) {
      const neighbour = (rest % laid[axis]!) + offset[axis]!;
      if (neighbour < 0 || neighbour >= extents[axis]!) return false;
      rest = Math.floor(rest / laid[axis]!);
    }
    return true;
  });
}
