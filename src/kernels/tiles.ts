/**
 * The tiles of 4 × 4 pixels of a batch of maps, or of the slices of volumes, in units that a thread takes at once, as a
 * table that code goes through.
 */
import { VECTOR } from './assembler.js';
import type { Label } from './code-bytes.js';
import { fields } from './entries.js';
import type { Routines } from './routines.js';
import { POINTS, TILE } from './transforms.js';

/** Maps `[batch, channels, height, width]`, or volumes. */
export interface Maps {
  readonly batch: number;
  /** Slices; 1 of a map. */
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  /** Taps of the kernel along the depth: 1 or 3. */
  readonly deep: number;
}

/** Tiles at some positions, of slices that follow one another. A slice's tiles lie one after the other. */
export interface Unit {
  readonly positions: number;
  readonly slices: number;
}

/** From the first pixel that lies within a map to the one behind the last. */
export type Span = readonly [from: number, to: number];

/** Along an axis, what of a tile, and of the window of 6 pixels around it, lies within the map. */
export interface Cut {
  readonly window: Span;
  readonly tile: Span;
}

/** What an entry says of a window or a tile: its sample, its pixel in the first block of channels, and its routine. */
export const entry = fields('sample', 'pixel', 'routine');

/** What is done with a window, and with a tile. */
type Pair = readonly [window: Label, tile: Label];

export interface Tiles {
  readonly units: number;
  /** Bytes of the entries of so many units. */
  bytes(units: number): number;
  /** The table of so many units: of each its windows, then its tiles. */
  table(units: number, routines: Routines): Int32Array;
}

/** The most tiles of a unit, and its most slices. */
const [MOST, DEEPEST] = [56, 4];

/** The unit by which all of the work costs least, where `costOf` says what one costs. */
export function cheapestUnit(
  maps: Maps,
  costOf: (counts: { readonly windows: number; readonly tiles: number }) => number,
): Unit {
  const perSlice = maps.batch * Math.ceil(maps.height / TILE) * Math.ceil(maps.width / TILE);
  let best: Unit = { positions: 1, slices: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (let slices = 1; slices <= (maps.deep > 1 ? Math.min(maps.depth, DEEPEST) : 1); slices++) {
    for (let positions = 1; positions * slices <= MOST; positions++) {
      const units = Math.ceil(perSlice / positions) * Math.ceil(maps.depth / slices);
      // Few units, or a few more than there are threads, leave threads idle.
      const rounds = Math.ceil(units / 4) * 4;
      const cost = rounds * costOf(countsOf(maps, { positions, slices }));
      if (cost < least) [best, least] = [{ positions, slices }, cost];
    }
  }
  return best;
}

/** Of a unit; a tap of the depth begins a slice of windows after the one before. */
export function countsOf({ deep }: Maps, { positions, slices }: Unit) {
  return { windows: positions * (slices + deep - 1), tiles: positions * slices };
}

/**
 * @param routinesOf asked once for each pair of cuts that there is
 * @param outside for what lies before the first slice or behind the last
 * @param none for what fills a unit
 */
export function tilesOf(
  maps: Maps,
  unit: Unit,
  routinesOf: (rows: Cut, columns: Cut) => Pair,
  outside: Label,
  none: Pair,
): Tiles {
  const { batch, depth, height, width, deep } = maps;
  const [rows, columns] = [cutsOf(height), cutsOf(width)];
  const pairs = rows.cuts.map((y) => columns.cuts.map((x) => routinesOf(y, x)));
  const ofSlice = rows.of.length * columns.of.length;
  const groups = Math.ceil((batch * ofSlice) / unit.positions);
  const blocks = Math.ceil(depth / unit.slices);
  const { windows, tiles } = countsOf(maps, unit);
  const before = (deep - 1) / 2;
  const bytes = (units: number) => units * (windows + tiles) * entry.bytes;
  return {
    units: groups * blocks,
    bytes,
    table(units, routines) {
      const table = new Int32Array(bytes(units) / 4);
      let at = 0;
      const put = (sample: number, pixel: number, routine: number) => {
        table[at++] = sample;
        table[at++] = VECTOR * pixel;
        table[at++] = routine;
      };
      const offsets = pairs.map((row) => row.map((pair) => pair.map((label) => routines.offset(label))));
      const [noWindow, noTile] = none.map((label) => routines.offset(label)) as [number, number];
      const outsideAt = routines.offset(outside);
      /** Puts the windows (0) or the tiles (1) of a slice at the positions of a group. */
      const putSlice = (which: 0 | 1, group: number, slice: number, nothing: number) => {
        for (let position = group * unit.positions; position < (group + 1) * unit.positions; position++) {
          const sample = Math.floor(position / ofSlice);
          const [row, column] = [Math.floor((position % ofSlice) / columns.of.length), position % columns.of.length];
          const pixel = slice * height * width + TILE * (row * width + column);
          const routine = offsets[rows.of[row]!]![columns.of[column]!]![which]!;
          if (sample >= batch) put(0, 0, which === 0 ? noWindow : noTile);
          else if (slice < 0 || slice >= depth) put(0, 0, nothing);
          else put(sample, which === 0 ? pixel - width - 1 : pixel, routine);
        }
      };
      for (let k = 0; k < units; k++) {
        // Behind the last unit all samples are taken.
        const group = k < groups * blocks ? k % groups : batch * ofSlice;
        const first = Math.floor(k / groups) * unit.slices;
        for (let slice = -before; slice < unit.slices + before; slice++) putSlice(0, group, first + slice, outsideAt);
        for (let slice = 0; slice < unit.slices; slice++) putSlice(1, group, first + slice, noTile);
      }
      return table;
    },
  };
}

/** The cuts that there are along an axis, and which of them each tile has. */
function cutsOf(extent: number): { readonly cuts: readonly Cut[]; readonly of: readonly number[] } {
  const cuts: Cut[] = [];
  const known = new Map<string, number>();
  const of = Array.from({ length: Math.ceil(extent / TILE) }, (_, k) => {
    const cut = { window: within(TILE * k - 1, POINTS, extent), tile: within(TILE * k, TILE, extent) };
    const key = `${cut.window} ${cut.tile}`;
    if (!known.has(key)) known.set(key, cuts.push(cut) - 1);
    return known.get(key)!;
  });
  return { cuts, of };
}

/** The part of `count` pixels from `begin` on that lies within a map of `extent`. */
function within(begin: number, count: number, extent: number): Span {
  return [Math.max(0, -begin), Math.min(count, extent - begin)];
}
