/**
 * A convolution of 3 × 3, or 3 × 3 × 3, of maps in blocks of 16 channels by a minimal filter along the last two axes:
 * 36 products for a tile of 4 × 4 pixels in place of 144. What a thread takes at once are some tiles, so that all
 * between their windows and their pixels stays in its cache. Of a volume these are tiles of some slices; a tap along
 * the depth reads the windows of another slice, which are weighed once for all taps.
 */
import {
  type Assembler,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  VECTOR,
} from './assembler.js';
import { eachEntry } from './entries.js';
import { BLOCK, type Kernel, slots, spaced } from './kernel.js';
import { eachPiece } from './pieces.js';
import { Routines } from './routines.js';
import { cheapestUnit, countsOf, entry, type Maps, tilesOf } from './tiles.js';
import { constants, loadConstants, POINTS, PRODUCTS, toPixels } from './transforms.js';
import { weighing, zeros } from './windows.js';

/**
 * The convolution of the concatenation of maps, by their parts of the filter.
 * Inputs: each part, in blocks; the filter's products `[36, O / 32, taps of the depth, channels, 32]`; the bias `[O]`,
 * if there is one.
 */
export interface ConvShape extends Maps {
  /** Of each part of the map. */
  readonly channels: readonly number[];
  readonly out: number;
  readonly bias: boolean;
}

/** What a window and a tile cost for 16 channels, in additions of products of vectors. */
const [WINDOW, PIXELS] = [500, 300];
/** What beginning a product costs, and the fewest rows that are not slower than more. */
const [BEGIN, FEWEST] = [2, 5];
/**
 * Bytes of a core's cache that any processor has, the most of it that the filter takes, and what a vector costs that
 * does not fit.
 */
const [CACHE, OF_FILTER, SPILLED] = [450_000, 220_000, 20];
/** Rows whose products take as long as reading the filter, from a cache and from beyond. */
const [NEAR, FAR, FAR_BYTES] = [3, 8, 8_000_000];

/** Blocks of outputs whose products are kept in registers, and of how many rows. */
function tileOf({ capacity }: Assembler) {
  const blocks = capacity < 2 * FEWEST ? 1 : 2;
  return { blocks, rows: capacity / blocks };
}

function unitOf(shape: ConvShape, most: number) {
  const { out, deep } = shape;
  const total = shape.channels.reduce((a, b) => a + b);
  const perRow = PRODUCTS * deep * total * (out / BLOCK);
  const filter = perRow * VECTOR;
  return cheapestUnit(shape, ({ windows: windowCount, tiles: tileCount }) => {
    const rest = tileCount % most;
    const rows = tileCount - rest + (rest && Math.max(rest, FEWEST)) + BEGIN * Math.ceil(tileCount / most);
    const bytes = PRODUCTS * 4 * (total * windowCount + out * tileCount);
    const spilled = Math.max(0, bytes + Math.min(filter, OF_FILTER) - CACHE) / VECTOR;
    const transforms = (total / BLOCK) * windowCount * WINDOW + (out / BLOCK) * tileCount * PIXELS;
    return (rows + (filter < FAR_BYTES ? NEAR : FAR)) * perRow + transforms + spilled * SPILLED;
  });
}

export function conv(code: Assembler, shape: ConvShape): Kernel {
  const { batch, channels, out, depth, height, width, deep, bias } = shape;
  const total = channels.reduce((a, b) => a + b);
  const plane = depth * height * width * VECTOR;
  const { blocks, rows: most } = tileOf(code);
  const unit = unitOf(shape, most);
  const routines = new Routines(code);
  const nothing = routines.of('nothing', () => code.return());
  const outside = routines.of('outside', () => zeros(code, strides.windows));
  /** Of a unit; and bytes of a product. */
  const counts = countsOf(shape, unit);
  const strides = { windows: spaced(counts.windows * 4 * total), tiles: spaced(counts.tiles * 4 * out) };
  const windows = weighing(code, routines, 'windows', { width, plane, stride: strides.windows });
  const tiles = tilesOf(
    shape,
    unit,
    (y, x) => [
      windows(y.window, x.window),
      routines.of(`pixels ${y.tile} ${x.tile}`, () => pixelRoutine(y.tile[1], x.tile[1])),
    ],
    outside,
    [nothing, nothing],
  );
  const scratch = PRODUCTS * (strides.windows + strides.tiles);
  const productRoutineOf = (rows: number, blocks: number, wide: number) =>
    routines.of(`products ${rows} ${blocks} ${wide}`, () =>
      productRoutine(code, { rows, blocks, wide, channels: total, out, deep, ofTap: unit.positions * 4 * total }),
    );
  const constantsAt = () => {
    code.load(rax, { base: rbx, offset: slots.tables + 8 });
    loadConstants(code, { base: rax });
  };

  const start = eachPiece(code, tiles.units, scratch, work);
  routines.write();

  function work(): void {
    code.multiply(r13, rax, tiles.bytes(1));
    code.add(r13, { base: rbx, offset: slots.tables });
    constantsAt();
    // Windows: of each part, its place among the channels.
    let before = 0;
    for (const [part, count] of channels.entries()) {
      code.address(r11, { base: r12, offset: 4 * before });
      eachEntry(code, entry, 0, counts.windows, () => {
        pixelAt(rsi, count, slots.inputs + 8 * part);
        code.move(rdi, r11);
        code.set(rcx, count / BLOCK);
        routines.callAt({ base: r14, offset: entry.routine });
        code.add(r11, 4 * total);
      });
      before += count;
    }

    // Products.
    const productsAt = PRODUCTS * strides.windows;
    const groups = Array.from({ length: Math.ceil(out / (2 * BLOCK)) }, (_, k) => Math.min(2, out / BLOCK - 2 * k));
    code.move(r14, r12);
    code.address(r11, { base: r12, offset: productsAt });
    code.load(r15, { base: rbx, offset: slots.inputs + 8 * channels.length });
    code.set(r10, PRODUCTS);
    const product = code.here();
    for (const [k, wide] of groups.entries()) {
      for (let block = 0; block < wide; block += blocks) {
        for (let row = 0; row < counts.tiles; row += most) {
          code.address(rsi, { base: r14, offset: 4 * total * row });
          code.address(rdi, { base: r11, offset: 4 * (out * row + BLOCK * (2 * k + block)) });
          code.address(rdx, { base: r15, offset: VECTOR * block });
          code.callLabel(productRoutineOf(Math.min(most, counts.tiles - row), Math.min(blocks, wide - block), wide));
        }
      }
      code.add(r15, deep * total * wide * VECTOR);
    }
    code.add(r14, strides.windows);
    code.add(r11, strides.tiles);
    code.subtract(r10, 1);
    code.jumpIf('notEqual', product);

    // Pixels.
    constantsAt();
    code.address(r11, { base: r12, offset: productsAt });
    eachEntry(code, entry, counts.windows, counts.tiles, () => {
      pixelAt(rdi, out, slots.outputs);
      code.move(rsi, r11);
      if (bias) code.load(rdx, { base: rbx, offset: slots.inputs + 8 * (channels.length + 1) });
      code.set(rcx, out / BLOCK);
      routines.callAt({ base: r14, offset: entry.routine });
      code.add(r11, 4 * out);
    });
  }

  /** The address of an entry's pixel, in a map of so many channels that a slot says. */
  function pixelAt(to: number, count: number, slot: number): void {
    code.loadInt32(rax, { base: r14, offset: entry.sample });
    code.multiply(rax, rax, (count / BLOCK) * plane);
    code.loadInt32(to, { base: r14, offset: entry.pixel });
    code.add(to, { register: rax });
    code.add(to, { base: rbx, offset: slot });
  }

  /** rsi: the first product; rdi: the tile's first pixel; rdx: the bias; rcx: blocks of channels. */
  function pixelRoutine(tall: number, wide: number): void {
    const stride = strides.tiles;
    const at = (row: number, column: number) => ({ base: r9, offset: VECTOR * (POINTS * row + column) });
    const loop = code.here();
    for (let x = 0; x < POINTS; x++) {
      for (let y = 0; y < POINTS; y++) code.loadVector(y, { base: rsi, offset: stride * (POINTS * y + x) });
      for (const [y, from] of toPixels(code).entries()) if (y < tall) code.storeVector(at(y, x), from);
    }
    if (bias) code.loadVector(14, { base: rdx });
    for (let y = 0; y < tall; y++) {
      for (let x = 0; x < POINTS; x++) code.loadVector(x, at(y, x));
      for (const [x, from] of toPixels(code).entries()) {
        if (x >= wide) continue;
        if (bias) code.addVectors(from, from, 14);
        code.storeVector({ base: rdi, offset: VECTOR * (y * width + x) }, from);
      }
    }
    code.add(rsi, VECTOR);
    code.add(rdi, plane);
    if (bias) code.add(rdx, VECTOR);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', loop);
    code.return();
  }

  return {
    inputs: channels.length + (bias ? 2 : 1),
    outputs: [[batch, out, depth * height, width]],
    get tables() {
      return [tiles.table(tiles.units, routines), Float32Array.from(constants)];
    },
    scratch,
    phases: [start],
  };
}

interface Product {
  readonly rows: number;
  /** Blocks of 16 columns, and those of the panel that they are of. */
  readonly blocks: number;
  readonly wide: number;
  readonly channels: number;
  readonly out: number;
  /** Taps of the depth, and the bytes from the rows of one to those of the next. */
  readonly deep: number;
  readonly ofTap: number;
}

/**
 * `[rows, channels] · [channels, 16 · blocks]`, summed over the taps of the depth. rsi: the rows; rdx: the first of the
 * columns in the panel `[taps, channels, 16 · wide]`; rdi: where the first row of the result goes.
 */
function productRoutine(code: Assembler, { rows, blocks, wide, channels, out, deep, ofTap }: Product): void {
  const UNROLLED = 4;
  const sum = (row: number, block: number) => row * blocks + block;
  const panel = (block: number) => code.capacity + block;
  const sums = Array.from({ length: rows * blocks }, (_, k) => k);
  code.resident(sums, () => {
    for (const one of sums) code.clear(one);
    code.set(rcx, deep);
    const tap = code.here();
    code.set(r8, channels / UNROLLED);
    const loop = code.here();
    for (let channel = 0; channel < UNROLLED; channel++) {
      for (let block = 0; block < blocks; block++) {
        code.loadVector(panel(block), { base: rdx, offset: VECTOR * (channel * wide + block) });
      }
      for (let row = 0; row < rows; row++) {
        const place = { base: rsi, offset: 4 * (row * channels + channel) };
        if (blocks === 1) {
          code.multiplyAdd(sum(row, 0), panel(0), { each: place });
          continue;
        }
        const spread = code.capacity + 2 + (row % 2);
        code.spread(spread, place);
        for (let block = 0; block < blocks; block++) code.multiplyAdd(sum(row, block), panel(block), spread);
      }
    }
    code.add(rsi, 4 * UNROLLED);
    code.add(rdx, UNROLLED * wide * VECTOR);
    code.subtract(r8, 1);
    code.jumpIf('notEqual', loop);
    if (deep > 1) {
      code.add(rsi, ofTap - 4 * channels);
      code.subtract(rcx, 1);
      code.jumpIf('notEqual', tap);
    }
    for (let row = 0; row < rows; row++) {
      for (let block = 0; block < blocks; block++) {
        code.storeVector({ base: rdi, offset: 4 * (out * row + BLOCK * block) }, sum(row, block));
      }
    }
  });
  code.return();
}
