/**
 * The tiles of 4 × 4 pixels of a batch of maps, or of the slices of volumes, in units that a thread takes at once, as a
 * table that code goes through.
 */
import { type Label, VECTOR } from './assembler.js';
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
  /** Of a unit; a tap of the depth begins a slice of windows after the one before. */
  readonly windows: number;
  readonly tiles: number;
  /** Bytes of the entries of so many units. */
  bytes(units: number): number;
  /** The table of so many units: of each its windows, then its tiles. */
  table(units: number, routines: Routines): Int32Array;
}

/** The most tiles of a unit, and its most slices. */
const [MOST, DEEPEST] = [56, 4];

/** The unit by which all of the work costs least, where `costOf` says what one costs. */
export function cheapestUnit(maps: Maps, costOf: (windows: number, tiles: number) => number): Unit {
  const perSlice = maps.batch * Math.ceil(maps.height / TILE) * Math.ceil(maps.width / TILE);
  let best: Unit = { positions: 1, slices: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (let slices = 1; slices <= (maps.deep > 1 ? Math.min(maps.depth, DEEPEST) : 1); slices++) {
    for (let positions = 1; positions * slices <= MOST; positions++) {
      const units = Math.ceil(perSlice / positions) * Math.ceil(maps.depth / slices);
      // Few units, or a few more than there are threads, leave threads idle.
      const rounds = Math.ceil(units / 4) * 4;
      const cost = rounds * costOf(windowsOf(maps, { positions, slices }), positions * slices);
      if (cost < least) [best, least] = [{ positions, slices }, cost];
    }
  }
  return best;
}

function windowsOf({ deep }: Maps, { positions, slices }: Unit): number {
  return positions * (slices + deep - 1);
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
  const pairs = new Map<string, Pair>();
  const pairOf = (y: Cut, x: Cut) => {
    const key = `${y.window} ${y.tile} ${x.window} ${x.tile}`;
    const pair = pairs.get(key) ?? routinesOf(y, x);
    pairs.set(key, pair);
    return pair;
  };
  const ofSlice = rows.flatMap((y, row) =>
    columns.map((x, column) => ({ pixel: TILE * (row * width + column), pair: pairOf(y, x) })),
  );
  const groups = Math.ceil((batch * ofSlice.length) / unit.positions);
  const blocks = Math.ceil(depth / unit.slices);
  const [windows, tiles] = [windowsOf(maps, unit), unit.positions * unit.slices];
  const before = (deep - 1) / 2;
  const bytes = (units: number) => units * (windows + tiles) * entry.bytes;
  return {
    units: groups * blocks,
    windows,
    tiles,
    bytes,
    table(units, routines) {
      const table = new Int32Array(bytes(units) / 4);
      let at = 0;
      const put = (sample: number, pixel: number, routine: Label) => {
        table.set([sample, VECTOR * pixel, routines.offset(routine)], at);
        at += entry.bytes / 4;
      };
      for (let k = 0; k < units; k++) {
        const [block, group] = [Math.floor(k / groups), k % groups];
        const positions = Array.from({ length: unit.positions }, (_, index) => {
          const position = group * unit.positions + index;
          const sample = Math.floor(position / ofSlice.length);
          return block < blocks && sample < batch ? { sample, ...ofSlice[position % ofSlice.length]! } : null;
        });
        const first = block * unit.slices;
        for (let slice = first - before; slice < first + unit.slices + before; slice++) {
          for (const position of positions) {
            if (position === null) put(0, 0, none[0]);
            else if (slice < 0 || slice >= depth) put(0, 0, outside);
            else put(position.sample, slice * height * width + position.pixel - width - 1, position.pair[0]);
          }
        }
        for (let slice = first; slice < first + unit.slices; slice++) {
          for (const position of positions) {
            if (position === null || slice >= depth) put(0, 0, none[1]);
            else put(position.sample, slice * height * width + position.pixel, position.pair[1]);
          }
        }
      }
      return table;
    },
  };
}

function cutsOf(extent: number): Cut[] {
  return Array.from({ length: Math.ceil(extent / TILE) }, (_, k) => ({
    window: within(TILE * k - 1, POINTS, extent),
    tile: within(TILE * k, TILE, extent),
  }));
}

/** The part of `count` pixels from `begin` on that lies within a map of `extent`. */
function within(begin: number, count: number, extent: number): Span {
  return [Math.max(0, -begin), Math.min(count, extent - begin)];
}
