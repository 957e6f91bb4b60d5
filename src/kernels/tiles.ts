/** The tiles of 4 × 4 pixels of a batch of maps, as a table that code goes through. */
import { type Assembler, type Label, r13, r14, r15, VECTOR } from './assembler.js';
import type { Routines } from './routines.js';
import { POINTS, TILE } from './transforms.js';

export interface Maps {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** From the first pixel that lies within a map to the one behind the last. */
export type Span = readonly [from: number, to: number];

/** Along an axis, what of a tile, and of the window of 6 pixels around it, lies within the map. */
export interface Cut {
  readonly window: Span;
  readonly tile: Span;
}

/** Where the numbers of an entry lie, in bytes: pixels are those of the first block of channels of a sample. */
export const entry = { sample: 0, window: 4, tile: 8, first: 12, second: 16 } as const;
const NUMBERS = 5;
const ENTRY = 4 * NUMBERS;

/** Two routines for a tile: what is done with it by which code. */
type Pair = readonly [first: Label, second: Label];

export interface Tiles {
  readonly count: number;
  /** Bytes of `count` entries. */
  bytes(count: number): number;
  /** The table, filled up to `length` with entries of the routines `none`. */
  table(length: number, none: Pair, routines: Routines): Int32Array;
}

/** @param routinesOf asked once for each pair of cuts that there is */
export function tilesOf({ batch, height, width }: Maps, routinesOf: (rows: Cut, columns: Cut) => Pair): Tiles {
  const [rows, columns] = [cutsOf(height), cutsOf(width)];
  const pairs = new Map<string, Pair>();
  const pairOf = (y: Cut, x: Cut) => {
    const key = `${y.window} ${y.tile} ${x.window} ${x.tile}`;
    const pair = pairs.get(key) ?? routinesOf(y, x);
    pairs.set(key, pair);
    return pair;
  };
  const ofMap = rows.map((y) => columns.map((x) => pairOf(y, x)));
  return {
    count: batch * rows.length * columns.length,
    bytes: (count) => count * ENTRY,
    table(length, none, routines) {
      const table = new Int32Array(length * NUMBERS);
      const [first, second] = none.map((label) => routines.offset(label));
      let at = 0;
      const put = (...numbers: [number, number, number, number, number]) => {
        table.set(numbers, at);
        at += NUMBERS;
      };
      for (let sample = 0; sample < batch; sample++) {
        for (const [row, pairsOfRow] of ofMap.entries()) {
          for (const [column, pair] of pairsOfRow.entries()) {
            const pixel = TILE * (row * width + column);
            const window = VECTOR * (pixel - width - 1);
            put(sample, window, VECTOR * pixel, routines.offset(pair[0]), routines.offset(pair[1]));
          }
        }
      }
      while (at < table.length) put(0, 0, 0, first!, second!);
      return table;
    },
  };
}

/** Runs code for each of `count` entries from r13 on: r14 is its entry. */
export function eachTile(code: Assembler, count: number, perTile: () => void): void {
  code.move(r14, r13);
  code.address(r15, { base: r13, offset: count * ENTRY });
  const loop = code.here();
  perTile();
  code.add(r14, ENTRY);
  code.compare(r14, { register: r15 });
  code.jumpIf('below', loop);
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
