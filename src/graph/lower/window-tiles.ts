/**
 * Windows by matrix products: of the queries of up to 8 pixels of a row, a tile, with all keys that these see in one
 * line of the window. What belongs to the window is a band of that product: a constant matrix takes it out, and another
 * one puts slopes back into it. Whether a key lies outside of the map is a channel of its own.
 */
import { positionsOf, sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { OUTSIDE, type WindowOperands, type WindowProducts } from '../lowering.js';
import { concat, gather, pad, reshape, slice, transpose } from '../ops/arrange.js';
import { add, mul } from '../ops/elementwise.js';
import { matmul, swapLast } from '../ops/matmul.js';

/** Pixels of a tile at most: the longer it is, the smaller a part of the product is the band. */
const TILE = 8;
/** Pixels that are moved together at most. */
const UNIT = 4;

export function windowByTiles({ scaled, key, scale, radius, offsets }: WindowOperands<Value>): WindowProducts<Value> {
  const { graph } = key;
  const [batch, depth, heads, ...extents] = key.shape as [number, number, number, ...number[]];
  const [rows, width] = [extents.slice(0, -1), extents.at(-1)!];
  const reach = 2 * radius + 1;
  const tile = commonDivisor(width, TILE);
  const unit = Math.min(tile, UNIT);
  /** Keys of a row that a tile sees. */
  const seen = Math.ceil((tile + 2 * radius) / unit) * unit;
  const perRow = width / tile;
  const tiles = batch * heads * sizeOf(rows) * perRow;
  const wide = width - tile + seen;
  const padded = rows.map((extent) => extent + 2 * radius);
  /** Lines that differ along the second last axis go together; in 3D the window has several such groups. */
  const groups = Array.from({ length: offsets.length / reach ** 2 }, (_, group) => group);
  const wings = [0, 0, 0, ...rows.map(() => radius)];
  const winged = (map: Value) => pad(map, [...wings, radius], [...wings, wide - width - radius]);

  /** `[N, c, J, ...S]` in pieces of rows, `[N · J, pieces, size · c]`: pixel by pixel, or channel by channel. */
  const inPieces = (map: Value, size: number, byPixel: boolean) => {
    const channels = map.shape[1]!;
    const count = sizeOf(map.shape.slice(3)) / size;
    const cut = reshape(map, [batch, channels, heads, count, size]);
    return reshape(transpose(cut, byPixel ? [0, 2, 3, 4, 1] : [0, 2, 3, 1, 4]), [
      batch * heads,
      count,
      size * channels,
    ]);
  };
  /** Of the padded rows those that a group of lines moves to the map's own along the first of three axes. */
  const ofGroup = (pieces: Value, begin: number) => {
    if (groups.length === 1) return pieces;
    const plane = pieces.shape[1]! / padded[0]!;
    return slice(pieces, [1], [begin * plane], [(begin + rows[0]!) * plane]);
  };
  /** Indices for each line that a tile sees, where its rows are padded along the second last axis. */
  const ofLines = (index: (row: number, column: number, line: number) => number | readonly number[]) => {
    const grid = rows.with(-1, padded.at(-1)!);
    const indices = positionsOf([...rows, perRow]).flatMap((position) => {
      const row = rowMajor(grid, position.slice(0, -1));
      return Array.from({ length: reach }, (_, line) => index(row, position.at(-1)!, line)).flat();
    });
    return graph.integers(indices);
  };

  const toUnits = ofLines((row, column, line) =>
    Array.from({ length: seen / unit }, (_, k) => ((row + line) * wide + column * tile) / unit + k),
  );
  /** The keys of a group that each tile sees, `[tiles, reach · seen, c]`. */
  const keysOf = (units: Value, group: number) =>
    reshape(gather(ofGroup(units, group), toUnits, 1), [tiles, reach * seen, units.shape[2]! / unit]);
  const band = bandOf(tile, seen, reach);
  const matrix = (entries: readonly (readonly number[])[]) =>
    graph.constant(entries.flat(), [entries.length, entries[0]!.length]);

  /** `[N, c, J, ...S]` as `[tiles, c, tile]`, and back. */
  const laid = (map: Value) => reshape(inPieces(map, tile, false), [tiles, map.shape[1]!, tile]);
  const taken = (value: Value) => {
    const channels = value.shape[1]!;
    const cut = reshape(value, [batch, heads, tiles / (batch * heads), channels, tile]);
    return reshape(transpose(cut, [0, 3, 1, 2, 4]), [batch, channels, heads, ...extents]);
  };

  const queries = laid(withChannel(scaled, new Float32Array(sizeOf(extents)).fill(1)));
  const units = inPieces(withChannel(winged(key), outsideOf(extents, [...padded, wide], radius)), unit, true);
  const products = groups.map((group) => {
    const all = matmul(keysOf(units, group), queries);
    const ofWindow = matmul(reshape(all, [tiles * reach, seen * tile]), matrix(band));
    return reshape(ofWindow, [tiles, reach ** 2, tile]);
  });

  return {
    products: concat(products, 1),
    laid,
    taken,
    queryGradient(slopes) {
      // Scaled, these are values of their own: the keys of the forward pass are not kept.
      const scaledUnits = inPieces(winged(mul(key, scale)), unit, true);
      const put = matrix(swapped(band));
      const terms = groups.map((group) => {
        const own = slice(slopes, [1], [group * reach ** 2], [(group + 1) * reach ** 2]);
        const spread = matmul(reshape(own, [tiles * reach, reach * tile]), put);
        return matmul(swapLast(keysOf(scaledUnits, group)), reshape(spread, [tiles, reach * seen, tile]));
      });
      return taken(total(terms));
    },
    keyGradient(slopes) {
      // A row of keys is seen by rows of queries at the opposite offsets; those outside of the map are zero.
      const pieces = inPieces(pad(scaled, [...wings, 0], [...wings, 0]), tile, true);
      const toTiles = ofLines((row, column, line) => (row + 2 * radius - line) * perRow + column);
      const ofLine = reshape(slopes, [
        batch * heads,
        (tiles / (batch * heads)) * (offsets.length / reach),
        reach * tile,
      ]);
      const put = matrix(byPixel(band, tile, seen));
      const terms = groups.map((group) => {
        const toSlopes = positionsOf([...rows, perRow]).flatMap((position) =>
          Array.from({ length: reach }, (_, line) => {
            const from = [group, line].slice(-rows.length);
            const row = rows.map((extent, axis) => clamped(position[axis]! + radius - from[axis]!, extent));
            return (rowMajor([...rows, perRow], [...row, position.at(-1)!]) * groups.length + group) * reach + line;
          }),
        );
        const own = gather(ofLine, graph.integers(toSlopes), 1);
        const spread = reshape(matmul(reshape(own, [tiles * reach, reach * tile]), put), [tiles, reach * tile, seen]);
        const seenBy = gather(ofGroup(pieces, 2 * radius - group), toTiles, 1);
        return matmul(swapLast(spread), reshape(seenBy, [tiles, reach * tile, depth]));
      });
      return overlapped(total(terms));
    },
  };

  /** A map with a channel more, the same for all samples and heads. */
  function withChannel(map: Value, channel: Float32Array): Value {
    const space = map.shape.slice(3);
    const copies = graph.constant(new Float32Array(batch * heads).fill(1), [batch, 1, heads, ...space.map(() => 1)]);
    return concat([map, mul(copies, graph.constant(channel, [1, 1, 1, ...space]))], 1);
  }

  /** `[N, d, J, ...S]` of what each tile has for the keys that it sees, `[tiles, seen, d]`: the sum. */
  function overlapped(ofTiles: Value): Value {
    const cut = reshape(ofTiles, [batch, heads, sizeOf(rows), perRow, seen, depth]);
    const lines = transpose(cut, [0, 5, 1, 2, 3, 4]);
    const parts = Math.ceil(seen / tile);
    const full = pad(lines, [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, parts * tile - seen]);
    const moved = Array.from({ length: parts }, (_, k) => {
      const part = slice(full, [5], [k * tile], [(k + 1) * tile]);
      return pad(part, [0, 0, 0, 0, k, 0], [0, 0, 0, 0, parts - 1 - k, 0]);
    });
    const whole = reshape(total(moved), [batch, depth, heads, ...rows, (perRow + parts - 1) * tile]);
    return slice(whole, [whole.shape.length - 1], [radius], [radius + width]);
  }
}

/** A 1 where key c of those that pixel x of a tile sees is at offset o: rows (c, x), columns (o, x). */
function bandOf(tile: number, seen: number, reach: number): number[][] {
  return positionsOf([seen, tile]).map(([c, x]) =>
    positionsOf([reach, tile]).map(([o, other]) => (x === other && c === x! + o! ? 1 : 0)),
  );
}

function swapped(entries: readonly (readonly number[])[]): number[][] {
  return entries[0]!.map((_, column) => entries.map((row) => row[column]!));
}

/** The band's rows (o, x), columns (x, c). */
function byPixel(band: readonly (readonly number[])[], tile: number, seen: number): number[][] {
  return swapped(positionsOf([tile, seen]).map(([x, c]) => [...band[c! * tile + x!]!]));
}

/** For padded extents where a key lies outside of the map. */
function outsideOf(extents: readonly number[], padded: readonly number[], radius: number): Float32Array {
  return Float32Array.from(positionsOf(padded), (position) =>
    position.every((at, axis) => at >= radius && at < radius + extents[axis]!) ? 0 : OUTSIDE,
  );
}

function rowMajor(extents: readonly number[], position: readonly number[]): number {
  return position.reduce((index, at, axis) => index * extents[axis]! + at, 0);
}

function clamped(at: number, extent: number): number {
  return Math.min(Math.max(at, 0), extent - 1);
}

function total(terms: readonly Value[]): Value {
  return terms.reduce((a, b) => add(a, b));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
