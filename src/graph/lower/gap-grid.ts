/**
 * Maps whose rows lie in one line with a gap of zeros between them, as wide as a window's radius. What a window needs
 * of a neighbouring row is then a piece of one line, moved at once, and not a copy of each row.
 */
import type { Shape, Value } from '../graph.js';
import type { WindowGrid } from '../lowering.js';
import { pad, reshape, slice } from '../ops/arrange.js';
import { insideOf } from '../ops/window-grid.js';

/** The extents `[...lead, H, W]` as `[...lead, H · (W + gap)]`. */
export function gapGrid(extents: Shape, radius: number): WindowGrid<Value> {
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
    inside: (offset) => insideOf(extents, [...lead, height, row], offset),
  };
}
