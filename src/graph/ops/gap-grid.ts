/**
 * Maps whose rows lie in one line with a gap of zeros between them, as wide as a window's radius. What a window needs of a
 * neighbouring row is then a piece of one line, moved at once, and not a copy of each row.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { pad, reshape, slice } from './arrange.js';

/** What a position outside of the map gets as its logit. */
const OUTSIDE = -1000;

export interface GapGrid {
  /** `[...lead, H · (W + gap)]` of the extents `[...lead, H, W]`. */
  readonly shape: Shape;
  /** `[N, C, J, ...S]` on the grid. */
  laid(map: Value): Value;
  /** `[N, C, J, ...S]` on the grid, with zeros around it for all windows. */
  winged(map: Value): Value;
  /** The same of what lies on the grid already, with zeros in its gaps. */
  widened(map: Value): Value;
  /** What lies at an offset from each position, of what has wings; `channels` picks some of C. */
  window(winged: Value, offset: readonly number[], channels?: readonly [number, number]): Value;
  /** `[N, C, J, ...S]` of what lies on the grid. */
  taken(map: Value): Value;
  /** −1000 where a position's neighbour at an offset lies outside of the map, else 0: `[offsets, ...shape]`. */
  outsideBias(offsets: readonly (readonly number[])[]): Float32Array;
}

export function gapGrid(extents: Shape, radius: number): GapGrid {
  const lead = extents.slice(0, -2);
  const [height, width] = extents.slice(-2) as [number, number];
  const row = width + radius;
  const shape = [...lead, height * row];
  // A row more than the window's, for an offset may begin before the first pixel of its line.
  const wings = [0, 0, 0, ...lead.map(() => radius), radius + 1];
  const none = wings.map(() => 0);
  const wide = [...lead.map((extent) => extent + 2 * radius), (height + 2 * wings.at(-1)!) * row];
  const axes = [1, ...shape.map((_, axis) => axis + 3)];
  const first = (map: Value) => map.shape.slice(0, 3);
  const inRows = (map: Value) => reshape(map, [...first(map), ...lead, height, row]);
  const withWings = (rows: Value, gap: number) =>
    reshape(pad(rows, [...wings, 0], [...wings, gap]), [...first(rows), ...wide]);
  return {
    shape,
    laid: (map) => reshape(pad(map, [...none, 0], [...none, radius]), [...first(map), ...shape]),
    winged: (map) => withWings(map, radius),
    widened: (map) => withWings(inRows(map), 0),
    window(winged, offset, [begin, end] = [0, winged.shape[1]!]) {
      const [across, along] = offset.slice(-2) as [number, number];
      const begins = [...lead.map((_, axis) => radius + offset[axis]!), (radius + 1 + across) * row + along];
      const ends = begins.map((from, axis) => from + shape[axis]!);
      return slice(winged, axes, [begin, ...begins], [end, ...ends]);
    },
    taken(map) {
      const rows = inRows(map);
      return slice(rows, [rows.shape.length - 1], [0], [width]);
    },
    outsideBias(offsets) {
      const positions = [...lead, height, row];
      const pixels = sizeOf(positions);
      const bias = new Float32Array(offsets.length * pixels);
      offsets.forEach((offset, index) => {
        for (let pixel = 0; pixel < pixels; pixel++) {
          let rest = pixel;
          let inside = true;
          for (let axis = positions.length - 1; axis >= 0; axis--) {
            const neighbour = (rest % positions[axis]!) + offset[axis]!;
            rest = Math.floor(rest / positions[axis]!);
            if (neighbour < 0 || neighbour >= extents[axis]!) inside = false;
          }
          if (!inside) bias[index * pixels + pixel] = OUTSIDE;
        }
      });
      return bias;
    },
  };
}
