/**
 * The gradient of the weight of a convolution of 3 × 3, or 3 × 3 × 3, of maps in blocks: tiles of 4 × 4 pixels of dy
 * are correlated with windows of 6 × 6 of x by a minimal filter, for a tap along the depth with those of another
 * slice, and the products of all tiles are summed before 9 taps of a slice are made of them. A piece of the work is a
 * group of channels of x, one of dy, and a share of the tiles; how it is cut depends on the shapes alone, and so does
 * the order of the sum.
 */
import { type Assembler, r10, r11, r12, r13, r14, rax, rbp, rbx, rcx, rdi, rsi, VECTOR } from './assembler.js';
import type { Label } from './code-bytes.js';
import { eachEntry, fields } from './entries.js';
import { BLOCK, type Kernel, slots, spaced } from './kernel.js';
import { eachPiece } from './pieces.js';
import { productSums } from './product-sums.js';
import { Routines } from './routines.js';
import { tapsOfSums } from './sums-to-taps.js';
import { cheapestUnit, countsOf, entry, type Maps, tilesOf } from './tiles.js';
import { constants, filterConstants, loadConstants, PRODUCTS, TAPS } from './transforms.js';
import { weighing, zeros } from './windows.js';

/** Inputs: each part of x, and dy, in blocks. Output: `[O, channels of all parts, taps of the depth · 9]`. */
export interface WeightGradientShape extends Maps {
  readonly channels: readonly number[];
  readonly out: number;
}

/** The most channels of a group, and of one of x by the taps of the depth. */
const GROUP = 64;
const groupOfX = (deep: number) => (deep > 1 ? GROUP / 2 : GROUP);
/** Pieces that there are at least, where the tiles suffice, so that several threads have some. */
const PIECES = 8;
/** Bytes of a core's cache that a piece fills, and what a vector costs that does not fit. */
const [CACHE, SPILLED] = [900_000, 4];
/** Tiles that a product's loop takes at once. */
const UNROLLED = 4;
/** What a window and a tile cost for 16 channels, in additions of products of vectors. */
const [WINDOW, TILE] = [500, 400];
/** Tiles whose products take the time of reading and writing the sums. */
const SUMMING = 6;
/** Bytes of a kernel of 3 × 3. */
const KERNEL = 4 * TAPS ** 2;

/** Channels of x and of dy that a piece has. */
interface Extents {
  readonly count: number;
  readonly ofDy: number;
}

/** What a piece works on, in bytes from where it lies; `block` is one of 16 channels of x, for the second phase. */
interface Piece {
  /** The slot of its part of x. */
  readonly part: number;
  readonly x: number;
  readonly dy: number;
  readonly tiles: number;
  readonly sums: number;
  readonly taps: number;
  /** Of x from one sample to the next. */
  readonly ofSample: number;
  readonly extents: Extents;
}

/** Where numbers of an entry of the table of pieces lie, and of that of the second phase. */
const field = fields(
  ...(['part', 'x', 'dy', 'tiles', 'sums', 'taps', 'ofSample', 'blocks', 'blocksOfDy', 'multiply', 'finish'] as const),
);
const end = fields('sums', 'taps', 'finish');

/** Numbers that a piece keeps on the stack, in bytes from its frame. */
const local = {
  x: { base: rbp, offset: -8 },
  dy: { base: rbp, offset: -16 },
  sums: { base: rbp, offset: -24 },
  ofSample: { base: rbp, offset: -32 },
  left: { base: rbp, offset: -40 },
  piece: { base: rbp, offset: -48 },
} as const;

function groupsOf(channels: number, most: number): { readonly begin: number; readonly count: number }[] {
  return Array.from({ length: Math.ceil(channels / most) }, (_, k) => ({
    begin: most * k,
    count: Math.min(most, channels - most * k),
  }));
}

export function weightGradient(code: Assembler, shape: WeightGradientShape): Kernel {
  const { channels, out, depth, height, width, deep } = shape;
  const all = channels.reduce((a, b) => a + b);
  const plane = depth * height * width * VECTOR;
  const kernel = KERNEL * deep;
  const [most, mostOut] = [Math.min(groupOfX(deep), Math.max(...channels)), Math.min(GROUP, out)];
  /** Bytes of a piece's sums. */
  const sums = PRODUCTS * 4 * deep * most * mostOut;
  const unit = cheapestUnit(shape, ({ windows: windowCount, tiles: tileCount }) => {
    if (tileCount % UNROLLED > 0) return Number.POSITIVE_INFINITY;
    const bytes = sums + PRODUCTS * 4 * (most * windowCount + mostOut * tileCount);
    const products = (tileCount + SUMMING) * PRODUCTS * deep * most * (mostOut / BLOCK);
    const transforms = (most / BLOCK) * windowCount * WINDOW + (mostOut / BLOCK) * tileCount * TILE;
    return products + transforms + (Math.max(0, bytes - CACHE) / VECTOR) * SPILLED;
  });

  const routines = new Routines(code);
  const noWindow = routines.of('no window', () => zeros(code, strides.x));
  const noTile = routines.of('no tile', () => zeros(code, strides.dy));
  const counts = countsOf(shape, unit);
  const strides = { x: spaced(counts.windows * 4 * most), dy: spaced(counts.tiles * 4 * mostOut) };
  const ofX = weighing(code, routines, 'windows', { width, plane, stride: strides.x });
  const ofDy = weighing(code, routines, 'tiles', { width, plane, stride: strides.dy });
  const tiles = tilesOf(shape, unit, (y, x) => [ofX(y.window, x.window), ofDy(y.tile, x.tile)], noWindow, [
    noWindow,
    noTile,
  ]);
  const places = { dy: PRODUCTS * strides.x, sums: PRODUCTS * (strides.x + strides.dy) };

  const groupsOfX = (whole: number) => groupsOf(whole, groupOfX(deep));
  const pairs = channels.flatMap(groupsOfX).length * groupsOf(out, GROUP).length;
  const shares = Math.max(1, Math.min(Math.ceil(PIECES / pairs), tiles.units));
  const perShare = Math.ceil(tiles.units / shares);
  const pieces = piecesOf();
  const multiplyOf = ({ count, ofDy }: Extents) =>
    routines.of(`multiply ${count} ${ofDy}`, () =>
      productSums(code, routines, {
        count,
        ofDy,
        deep,
        ofTap: 4 * most * unit.positions,
        tiles: counts.tiles,
        unrolled: UNROLLED,
        strides,
        ofX: 4 * most,
        ofTile: 4 * mostOut,
      }),
    );
  const finishOf = ({ count, ofDy }: Extents) =>
    routines.of(`finish ${count} ${ofDy}`, () =>
      tapsOfSums(code, { rows: deep * count, ofDy, kernel, ofOut: kernel * all, shares, ofShare: sums }),
    );
  const ofTable = (table: number) => ({ base: rbx, offset: slots.tables + 8 * table });
  /** `to` becomes the address of what an entry says. */
  const addressAt = (to: number, offset: { base: number; offset: number }, of: { base: number; offset: number }) => {
    code.loadInt32(to, offset);
    code.add(to, of);
  };

  const phases = [eachPiece(code, pieces.length, places.sums + (shares > 1 ? 0 : sums), accumulate)];
  if (shares > 1) phases.push(eachPiece(code, ends().length, 0, finish));
  for (const { extents } of pieces) {
    multiplyOf(extents);
    finishOf(extents);
  }
  routines.write();

  function piecesOf(): Piece[] {
    const found: Piece[] = [];
    let before = 0;
    for (const [part, whole] of channels.entries()) {
      for (const { begin, count } of groupsOfX(whole)) {
        for (const { begin: first, count: ofDy } of groupsOf(out, GROUP)) {
          for (let share = 0; share < shares; share++) {
            found.push({
              part: slots.inputs + 8 * part,
              x: (begin / BLOCK) * plane,
              dy: (first / BLOCK) * plane,
              tiles: tiles.bytes(share * perShare),
              sums: found.length * sums,
              taps: kernel * (first * all + before + begin),
              ofSample: (whole / BLOCK) * plane,
              extents: { count, ofDy },
            });
          }
        }
      }
      before += whole;
    }
    return found;
  }

  /** First phase: the sums of a piece, and where there is one share, their taps. */
  function accumulate(): void {
    code.multiply(r10, rax, field.bytes);
    code.add(r10, ofTable(1));
    code.store(local.piece, r10);
    const at = (name: keyof typeof field) => ({ base: r10, offset: field[name] });
    code.loadInt32(rax, at('part'));
    code.load(rsi, { base: rbx, index: rax });
    code.loadInt32(rax, at('x'));
    code.add(rsi, { register: rax });
    code.store(local.x, rsi);
    addressAt(rsi, at('dy'), { base: rbx, offset: slots.inputs + 8 * channels.length });
    code.store(local.dy, rsi);
    addressAt(r13, at('tiles'), ofTable(0));
    code.loadInt32(rax, at('ofSample'));
    code.store(local.ofSample, rax);
    if (shares > 1) addressAt(rdi, at('sums'), { base: rbx, offset: slots.shared });
    else code.address(rdi, { base: r12, offset: places.sums });
    code.store(local.sums, rdi);
    code.clear(0);
    code.set(rcx, sums / VECTOR);
    const clearing = code.here();
    code.storeVector({ base: rdi }, 0);
    code.add(rdi, VECTOR);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', clearing);
    code.set(rax, perShare);
    code.store(local.left, rax);

    const some = code.here();
    code.load(rax, ofTable(2));
    loadConstants(code, { base: rax });
    code.move(r11, r12);
    eachEntry(code, entry, 0, counts.windows, () =>
      transformed(local.x, () => code.multiplyBy(rsi, local.ofSample), 'blocks', 4 * most),
    );
    code.address(r11, { base: r12, offset: places.dy });
    eachEntry(code, entry, counts.windows, counts.tiles, () =>
      transformed(local.dy, () => code.multiply(rsi, rsi, (out / BLOCK) * plane), 'blocksOfDy', 4 * mostOut),
    );
    code.load(r10, local.piece);
    code.load(r11, local.sums);
    routines.callAt(at('multiply'));
    code.add(r13, tiles.bytes(1));
    code.load(rax, local.left);
    code.subtract(rax, 1);
    code.store(local.left, rax);
    code.compare(rax, 0);
    code.jumpIf('notEqual', some);
    if (shares > 1) return;
    code.load(r10, local.piece);
    code.load(rsi, local.sums);
    addressAt(r11, at('taps'), { base: rbx, offset: slots.outputs });
    for (let tap = 0; tap < deep; tap++) {
      code.address(rdi, { base: r11, offset: KERNEL * tap });
      code.loadInt32(r14, at('blocks'));
      const loop = code.here();
      routines.callAt(at('finish'));
      code.subtract(r14, 1);
      code.jumpIf('notEqual', loop);
    }
  }

  /** The numbers of an entry's window or tile, at r11. */
  function transformed(
    map: typeof local.x | typeof local.dy,
    ofSample: () => void,
    blocks: 'blocks' | 'blocksOfDy',
    row: number,
  ): void {
    code.loadInt32(rsi, { base: r14, offset: entry.sample });
    ofSample();
    code.loadInt32(rax, { base: r14, offset: entry.pixel });
    code.add(rsi, { register: rax });
    code.add(rsi, map);
    code.move(rdi, r11);
    code.load(rcx, local.piece);
    code.loadInt32(rcx, { base: rcx, offset: field[blocks] });
    routines.callAt({ base: r14, offset: entry.routine });
    code.add(r11, row);
  }

  /** Blocks of 16 channels of x of each group, in bytes. */
  function ends(): readonly { readonly sums: number; readonly taps: number; readonly extents: Extents }[] {
    return pieces
      .filter((_, k) => k % shares === 0)
      .flatMap(({ sums: from, taps, extents }) =>
        Array.from({ length: (deep * extents.count) / BLOCK }, (_, k) => {
          const [tap, block] = [Math.floor((BLOCK * k) / extents.count), k % (extents.count / BLOCK)];
          return {
            sums: from + 4 * BLOCK * k * extents.ofDy,
            taps: taps + KERNEL * tap + kernel * BLOCK * block,
            extents,
          };
        }),
      );
  }

  /** Second phase: the sums of all shares, and their taps. */
  function finish(): void {
    code.multiply(r10, rax, end.bytes);
    code.add(r10, ofTable(4));
    addressAt(rsi, { base: r10, offset: end.sums }, { base: rbx, offset: slots.shared });
    addressAt(rdi, { base: r10, offset: end.taps }, { base: rbx, offset: slots.outputs });
    routines.callAt({ base: r10, offset: end.finish });
  }

  const taps = new Float32Array(2 * BLOCK);
  taps.set(filterConstants);
  new Int32Array(taps.buffer, VECTOR).set(Array.from({ length: BLOCK }, (_, k) => k * kernel * all));
  const offsetOf = (label: Label) => routines.offset(label);
  return {
    inputs: channels.length + 1,
    outputs: [[out, all, deep * TAPS ** 2]],
    get tables() {
      return [
        tiles.table(shares * perShare, routines),
        Int32Array.from(
          pieces.flatMap(({ extents, ...one }) => [
            ...[one.part, one.x, one.dy, one.tiles, one.sums, one.taps, one.ofSample],
            ...[extents.count / BLOCK, extents.ofDy / BLOCK],
            ...[offsetOf(multiplyOf(extents)), offsetOf(finishOf(extents))],
          ]),
        ),
        Float32Array.from(constants),
        taps,
        Int32Array.from(ends().flatMap((one) => [one.sums, one.taps, offsetOf(finishOf(one.extents))])),
      ];
    },
    scratch: places.sums + (shares > 1 ? 0 : sums),
    shared: shares > 1 ? pieces.length * sums : 0,
    phases,
  };
}
