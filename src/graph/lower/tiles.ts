/**
 * Maps in tiles: pieces of up to 8 pixels of a row. Each tile sees, in every line of the window around it, the keys of
 * a piece of a row that is longer by the window's width.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Graph, Shape, Value } from '../graph.js';
import { gather, pad, reshape, slice, transpose } from '../ops/arrange.js';
import { add } from '../ops/elementwise.js';

/** Pixels of a tile at most: the longer it is, the smaller a part of its products belongs to the window. */
const TILE = 8;
/** Pixels that are moved together at most. */
const UNIT = 4;

export class Tiles {
  /** Offsets of a window along an axis. */
  readonly reach: number;
  /** Pixels of a tile. */
  readonly size: number;
  /** Keys of a row that a tile sees. */
  readonly seen: number;
  /** All tiles, of all samples and heads. */
  readonly count: number;
  /**
   * Lines of the window that differ along the second last axis go together: 2D has one such group, 3D one for each
   * plane of the window.
   */
  readonly groups: readonly number[];
  /** The extents of a map with all around it that its tiles see. */
  readonly padded: Shape;
  readonly #graph: Graph;
  readonly #batch: number;
  readonly #heads: number;
  readonly #extents: Shape;
  readonly #rows: Shape;
  readonly #perRow: number;
  readonly #radius: number;
  #toUnits: Value | undefined;

  /** @param map `[N, c, J, ...S]` */
  constructor({ graph, shape }: Value, radius: number) {
    const [batch, , heads, ...extents] = shape as [number, number, number, ...number[]];
    const width = extents.at(-1)!;
    this.#graph = graph;
    this.#batch = batch;
    this.#heads = heads;
    this.#extents = extents;
    this.#rows = extents.slice(0, -1);
    this.#radius = radius;
    this.reach = 2 * radius + 1;
    this.size = commonDivisor(width, TILE);
    const unit = Math.min(this.size, UNIT);
    this.seen = Math.ceil((this.size + 2 * radius) / unit) * unit;
    this.#perRow = width / this.size;
    this.count = batch * heads * sizeOf(this.#rows) * this.#perRow;
    this.groups = Array.from({ length: this.reach ** (this.#rows.length - 1) }, (_, group) => group);
    this.padded = [...this.#rows.map((extent) => extent + 2 * radius), width - this.size + this.seen];
  }

  /** `[N, c, J, ...S]` as `[tiles, c, pixels]`. */
  laid(map: Value): Value {
    return reshape(this.#pieces(map, this.size, [0, 2, 3, 1, 4]), [this.count, map.shape[1]!, this.size]);
  }

  /** `[N, c, J, ...S]` of `[tiles, c, pixels]`. */
  taken(laid: Value): Value {
    const channels = laid.shape[1]!;
    const perMap = this.count / (this.#batch * this.#heads);
    const cut = reshape(laid, [this.#batch, this.#heads, perMap, channels, this.size]);
    return reshape(transpose(cut, [0, 3, 1, 2, 4]), [this.#batch, channels, this.#heads, ...this.#extents]);
  }

  /** A map with zeros around it, of extents `padded`. */
  winged(map: Value): Value {
    const behind = this.padded.at(-1)! - this.#extents.at(-1)! - this.#radius;
    return pad(map, this.#wings(this.#radius), this.#wings(behind));
  }

  /** Of a map that has wings, in order of the groups, what each tile sees: `[tiles, reach · seen, c]`. */
  keys(winged: Value): Value[] {
    const { size, seen } = this;
    const unit = Math.min(size, UNIT);
    const wide = this.padded.at(-1)!;
    const units = this.#pieces(winged, unit, [0, 2, 3, 4, 1]);
    const first = ({ paddedRow, column, line }: Line) => ((paddedRow + line) * wide + column * size) / unit;
    this.#toUnits ??= this.#ofLines(first, seen / unit);
    const indices = this.#toUnits;
    return this.groups.map((group) =>
      reshape(gather(this.#fromPlane(units, group), indices, 1), [this.count, this.reach * seen, winged.shape[1]!]),
    );
  }

  /**
   * The other way round: for each tile of keys the tiles of queries that see it, `[tiles, reach · pixels, c]`; outside
   * of the map these are zeros.
   */
  queries(map: Value): Value[] {
    const pieces = this.#pieces(pad(map, this.#wings(0), this.#wings(0)), this.size, [0, 2, 3, 4, 1]);
    const last = 2 * this.#radius;
    const indices = this.#ofLines(({ paddedRow, column, line }) => (paddedRow + last - line) * this.#perRow + column);
    return this.groups.map((group) => {
      const seenBy = gather(this.#fromPlane(pieces, last - group), indices, 1);
      return reshape(seenBy, [this.count, this.reach * this.size, map.shape[1]!]);
    });
  }

  /** The slopes of these queries for the lines in which they see the tile, `[tiles, reach · offsets · pixels]`. */
  slopesOf(slopes: Value): Value[] {
    const [planes, height] = this.#planes();
    const lines = planes * height * this.#perRow * this.groups.length * this.reach;
    const ofLines = reshape(slopes, [this.#batch * this.#heads, lines, this.reach * this.size]);
    return this.groups.map((group) => {
      const indices = this.#ofLines(({ row, column, line }) => {
        // Queries outside of the map are zero, whatever their slopes.
        const plane = clamped(Math.floor(row / height) + this.#radius - group, planes);
        const along = clamped((row % height) + this.#radius - line, height);
        const tile = (plane * height + along) * this.#perRow + column;
        return (tile * this.groups.length + group) * this.reach + line;
      });
      return gather(ofLines, indices, 1);
    });
  }

  /** `[N, c, J, ...S]` of what each tile has for the keys that it sees in its own row, `[tiles, seen, c]`: the sum. */
  added(ofTiles: Value): Value {
    const { size, seen } = this;
    const channels = ofTiles.shape[2]!;
    const cut = reshape(ofTiles, [this.#batch, this.#heads, sizeOf(this.#rows), this.#perRow, seen, channels]);
    const parts = Math.ceil(seen / size);
    const full = pad(transpose(cut, [0, 5, 1, 2, 3, 4]), [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, parts * size - seen]);
    const moved = Array.from({ length: parts }, (_, k) =>
      pad(slice(full, [5], [k * size], [(k + 1) * size]), [0, 0, 0, 0, k, 0], [0, 0, 0, 0, parts - 1 - k, 0]),
    );
    const whole = moved.reduce((a, b) => add(a, b));
    const shape = [this.#batch, channels, this.#heads, ...this.#rows, (this.#perRow + parts - 1) * size];
    const begin = this.#radius;
    return slice(reshape(whole, shape), [shape.length - 1], [begin], [begin + this.#extents.at(-1)!]);
  }

  /** Zeros before or behind the rows of a map, and along them. */
  #wings(along: number): number[] {
    return [0, 0, 0, ...this.#rows.map(() => this.#radius), along];
  }

  /** Rows of `[N, c, J, ...]` in pieces, `[N · J, pieces, …]`, in an order of `[N, c, J, pieces, pixels]`. */
  #pieces(map: Value, size: number, order: readonly number[]): Value {
    const [batch, channels, heads, ...extents] = map.shape as [number, number, number, ...number[]];
    const count = sizeOf(extents) / size;
    const cut = reshape(map, [batch, channels, heads, count, size]);
    return reshape(transpose(cut, order), [batch * heads, count, size * channels]);
  }

  /** Of pieces with rows around them, in 3D, as many planes as the map has. */
  #fromPlane(pieces: Value, begin: number): Value {
    if (this.groups.length === 1) return pieces;
    const plane = pieces.shape[1]! / this.padded[0]!;
    return slice(pieces, [1], [begin * plane], [(begin + this.#rows[0]!) * plane]);
  }

  /** For every tile and line of a group, so many indices that follow the first one. */
  #ofLines(first: (of: Line) => number, count = 1): Value {
    const [planes, height] = this.#planes();
    const tall = this.padded.at(-2)!;
    const indices = new Int32Array(planes * height * this.#perRow * this.reach * count);
    let at = 0;
    for (let row = 0; row < planes * height; row++) {
      const paddedRow = Math.floor(row / height) * tall + (row % height);
      for (let column = 0; column < this.#perRow; column++) {
        for (let line = 0; line < this.reach; line++) {
          const from = first({ row, paddedRow, column, line });
          for (let k = 0; k < count; k++) indices[at++] = from + k;
        }
      }
    }
    return this.#graph.integers(indices);
  }

  /** How many planes of how many rows a map has; an image is one. */
  #planes(): readonly [planes: number, height: number] {
    const [planes, height] = this.#rows.length > 1 ? this.#rows : [1, ...this.#rows];
    return [planes!, height!];
  }
}

/** A line that a tile sees. */
interface Line {
  /** The tile's row among all rows of a map, and among those of a map with rows around it. */
  readonly row: number;
  readonly paddedRow: number;
  /** The tile's place in its row. */
  readonly column: number;
  readonly line: number;
}

function clamped(at: number, extent: number): number {
  return Math.min(Math.max(at, 0), extent - 1);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
