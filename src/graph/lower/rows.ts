/**
 * The rows of a map, along its last axis, as the gradient of a convolution's weight needs them: stacked, moved, in
 * tiles.
 */
import { positionsOf, sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { full, gather, pad, reshape, shift } from '../ops/arrange.js';
import { matmul } from '../ops/matmul.js';

/** Up to this length rows are moved faster by a product with a matrix than one by one. */
const SHORT_ROW = 24;

export interface StackOptions {
  readonly extents: Shape;
  readonly kernel: Shape;
  /** Whether rows move with the tap, or against it. */
  readonly forward: boolean;
  /** Of the half kernel's rows around `extents` along the first axis, how many the map has not; none where absent. */
  readonly outside?: readonly [before: number, behind: number];
}

/**
 * For each tap of the leading axes the rows moved by every tap of the second last axis, with zeros for rows outside of
 * the map.
 * @param map `[N, C, ...S]`; further axes between `extents` and the last stay with their rows
 * @param inTiles what becomes of the rows before they are moved
 * @returns each `[N, C · taps of the second last axis, P]`, N as `inTiles` leaves it
 */
export function stackedRows(map: Value, options: StackOptions, inTiles = (rows: Value) => rows): Value[] {
  const { extents, kernel, forward, outside } = options;
  const channels = map.shape[1]!;
  const rowAxes = extents.length - 1;
  const around = map.shape.map((_, axis) => (axis >= 2 && axis < 2 + rowAxes ? (kernel[axis - 2]! - 1) / 2 : 0));
  const [before, behind] = outside ?? [around[2]!, around[2]!];
  const padded = inTiles(pad(map, around.with(2, before), around.with(2, behind)));
  const batch = padded.shape[0]!;
  const row = sizeOf(padded.shape.slice(2 + rowAxes));
  const rows = padded.shape.slice(2, 2 + rowAxes);
  const flat = reshape(padded, [batch, channels, sizeOf(rows), row]);
  return movedRows(extents.slice(0, -1), kernel, forward).map((ofTaps) => {
    const stack = gather(flat, map.graph.integers(ofTaps.flat()), 2);
    return reshape(stack, [batch, channels * ofTaps.length, sizeOf(extents.slice(0, -1)) * row]);
  });
}

/**
 * For each tap of the leading axes and each of the second last one: from which row of the map, padded by half of the
 * kernel on each side, every row comes.
 * @param rows the extents of the axes before the last
 */
export function movedRows(rows: Shape, kernel: Shape, forward: boolean): number[][][] {
  const padded = rows.map((extent, axis) => extent + kernel[axis]! - 1);
  const positions = positionsOf(rows);
  return positionsOf(kernel.slice(0, rows.length - 1)).map((leadTap) =>
    Array.from({ length: kernel[rows.length - 1]! }, (_, tap) =>
      positions.map((position) =>
        position.reduce((index, i, axis) => {
          const by = [...leadTap, tap][axis]!;
          return index * padded[axis]! + i + (forward ? by : kernel[axis]! - 1 - by);
        }, 0),
      ),
    ),
  );
}

/**
 * `[N, C, P]` for a tap of the last axis, with zeros for pixels outside of the map.
 * @param long the length above which all rows are moved at once, and not one by one
 */
export function shiftedRows(map: Value, tap: number, taps: number, forward: boolean, long: number): Value {
  const by = (tap - (taps - 1) / 2) * (forward ? 1 : -1);
  const width = map.shape.at(-1)!;
  if (by === 0) return flatRows(map);
  if (width <= SHORT_ROW) return flatRows(shiftedByProduct(map, by));
  return flatRows(width > long ? shiftedAtOnce(map, by) : shift(map, map.shape.length - 1, by));
}

/** `[N, C, ...S]` as `[N, C, P]`. */
export function flatRows(map: Value): Value {
  return reshape(map, [map.shape[0]!, map.shape[1]!, sizeOf(map.shape.slice(2))]);
}

/** What `shift` does along the last axis; exact, since each sum has one term at most. */
function shiftedByProduct(map: Value, by: number): Value {
  const width = map.shape.at(-1)!;
  const matrix = new Float32Array(width * width);
  for (let to = Math.max(0, by); to < Math.min(width, width + by); to++) matrix[(to - by) * width + to] = 1;
  const rows = reshape(map, [sizeOf(map.shape) / width, width]);
  return reshape(matmul(rows, map.graph.constant(matrix, [width, width])), map.shape);
}

/**
 * What `shift` does along the last axis: all pixels are moved as one row, then what came in from other rows is cleared.
 */
function shiftedAtOnce(map: Value, by: number): Value {
  const { graph } = map;
  const [width, pixels] = [map.shape.at(-1)!, sizeOf(map.shape)];
  const moved = reshape(shift(reshape(map, [pixels]), 0, by), [pixels / width, width]);
  const columns = Array.from({ length: Math.abs(by) }, (_, index) => (by > 0 ? index : width - 1 - index));
  const shape = [pixels / width, columns.length];
  const inputs = [graph.integers(columns), graph.integers(shape)];
  const indices = graph.node('Expand', inputs, {}, [{ shape, dtype: 'int64' }])[0]!;
  const cleared = graph.node('ScatterElements', [moved, indices, full(map, shape, 0)], { axis: 1 }, [moved])[0]!;
  return reshape(cleared, map.shape);
}

/**
 * Each row cut into tiles, and a product of each tile with each of some vectors; zeros lie outside of the row.
 * @param map `[N, C, ...S]`
 * @param vectors each as long as what is taken of the row for a tile
 * @param tile pixels from a tile to the next
 * @param begin where the first is taken from
 * @returns `[vectors · N, C, ..., tiles]`
 */
export function rowsInTiles(map: Value, vectors: readonly (readonly number[])[], tile: number, begin: number): Value {
  const [batch, ...rest] = map.shape as [number, ...number[]];
  const width = rest.pop()!;
  const tiles = Math.ceil(width / tile);
  const matrix = new Float32Array(vectors.length * width * tiles);
  vectors.forEach((vector, product) => {
    for (let t = 0; t < tiles; t++) {
      vector.forEach((factor, r) => {
        const pixel = t * tile + begin + r;
        if (pixel >= 0 && pixel < width) matrix[(product * width + pixel) * tiles + t] = factor;
      });
    }
  });
  const rows = reshape(map, [1, sizeOf(map.shape) / width, width]);
  const products = matmul(rows, map.graph.constant(matrix, [vectors.length, width, tiles]));
  return reshape(products, [vectors.length * batch, ...rest, tiles]);
}
