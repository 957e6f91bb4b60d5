/**
 * A convolution of 3 × 3 of maps in blocks of 16 channels by a minimal filter along both axes: 36 products for a tile
 * of 4 × 4 pixels in place of 144. What a thread takes at once are some tiles, so that all between their windows and
 * their pixels stays in its cache.
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
import { BLOCK, type Kernel, slots } from './kernel.js';
import { eachPiece } from './pieces.js';
import { Routines } from './routines.js';
import { eachTile, entry, type Maps, tilesOf } from './tiles.js';
import { constants, loadConstants, POINTS, PRODUCTS, toPixels } from './transforms.js';
import { windows } from './windows.js';

/** Rows of a product that are kept in registers. */
const ROWS = 14;

/**
 * The convolution of the concatenation of maps, by their parts of the filter.
 * Inputs: each part, in blocks; the filter's products `[36, O / 32, channels, 32]`; the bias `[O]`, if there is one.
 */
export interface ConvShape extends Maps {
  /** Of each part of the map. */
  readonly channels: readonly number[];
  readonly out: number;
  readonly bias: boolean;
}

/** Tiles that a thread takes at once. */
function tilesAtOnce({ channels, out }: ConvShape): number {
  const bytes = ROWS * PRODUCTS * 4 * (channels.reduce((a, b) => a + b) + out);
  return ROWS * Math.max(1, Math.min(4, Math.floor(600_000 / bytes)));
}

export function conv(code: Assembler, shape: ConvShape): Kernel {
  const { batch, channels, out, height, width, bias } = shape;
  const total = channels.reduce((a, b) => a + b);
  const plane = height * width * VECTOR;
  const atOnce = tilesAtOnce(shape);
  const scratch = atOnce * PRODUCTS * 4 * (total + out);
  const routines = new Routines(code);
  const tiles = tilesOf(shape, (y, x) => [
    routines.of(`windows ${y.window} ${x.window}`, () =>
      windows(code, { rows: y.window, columns: x.window, width, plane, stride: atOnce * 4 * total }),
    ),
    routines.of(`pixels ${y.tile} ${x.tile}`, () => pixelRoutine(y.tile[1], x.tile[1])),
  ]);
  const nothing = routines.of('nothing', () => code.return());
  const blocks = Math.ceil(tiles.count / atOnce);
  const productRoutineOf = (wide: number) =>
    routines.of(`products ${wide}`, () => productRoutine(code, total, out, wide));
  const constantsAt = () => {
    code.load(rax, { base: rbx, offset: slots.tables + 8 });
    loadConstants(code, { base: rax });
  };

  const start = eachPiece(code, blocks, scratch, work);
  routines.write();

  function work(): void {
    code.multiply(r13, rax, tiles.bytes(atOnce));
    code.add(r13, { base: rbx, offset: slots.tables });
    constantsAt();
    // Windows: of each part, its place among the channels.
    let before = 0;
    for (const [part, count] of channels.entries()) {
      code.address(r11, { base: r12, offset: 4 * before });
      eachTile(code, atOnce, () => {
        code.loadInt32(rax, { base: r14, offset: entry.sample });
        code.multiply(rax, rax, (count / BLOCK) * plane);
        code.loadInt32(rsi, { base: r14, offset: entry.window });
        code.add(rsi, { register: rax });
        code.add(rsi, { base: rbx, offset: slots.inputs + 8 * part });
        code.move(rdi, r11);
        code.set(rcx, count / BLOCK);
        routines.callAt({ base: r14, offset: entry.first });
        code.add(r11, 4 * total);
      });
      before += count;
    }

    // Products.
    const productsAt = atOnce * PRODUCTS * 4 * total;
    const groups = Array.from({ length: Math.ceil(out / (2 * BLOCK)) }, (_, k) => Math.min(2, out / BLOCK - 2 * k));
    code.move(r14, r12);
    code.address(r11, { base: r12, offset: productsAt });
    code.load(r15, { base: rbx, offset: slots.inputs + 8 * channels.length });
    code.set(r10, PRODUCTS);
    const product = code.here();
    for (const [k, wide] of groups.entries()) {
      for (let row = 0; row < atOnce; row += ROWS) {
        code.address(rsi, { base: r14, offset: 4 * total * row });
        code.address(rdi, { base: r11, offset: 4 * (out * row + 2 * BLOCK * k) });
        code.move(rdx, r15);
        code.callLabel(productRoutineOf(wide));
      }
      code.add(r15, total * wide * VECTOR);
    }
    code.add(r14, atOnce * 4 * total);
    code.add(r11, atOnce * 4 * out);
    code.subtract(r10, 1);
    code.jumpIf('notEqual', product);

    // Pixels.
    constantsAt();
    code.address(r11, { base: r12, offset: productsAt });
    eachTile(code, atOnce, () => {
      code.loadInt32(rax, { base: r14, offset: entry.sample });
      code.multiply(rax, rax, (out / BLOCK) * plane);
      code.loadInt32(rdi, { base: r14, offset: entry.tile });
      code.add(rdi, { register: rax });
      code.add(rdi, { base: rbx, offset: slots.outputs });
      code.move(rsi, r11);
      if (bias) code.load(rdx, { base: rbx, offset: slots.inputs + 8 * (channels.length + 1) });
      code.set(rcx, out / BLOCK);
      routines.callAt({ base: r14, offset: entry.second });
      code.add(r11, 4 * out);
    });
  }

  /** rsi: the first product; rdi: the tile's first pixel; rdx: the bias; rcx: blocks of channels. */
  function pixelRoutine(tall: number, wide: number): void {
    const stride = atOnce * 4 * out;
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
    outputs: [[batch, out, height, width]],
    tables: [tiles.table(blocks * atOnce, [nothing, nothing], routines), Float32Array.from(constants)],
    scratch,
    phases: [start],
  };
}

/**
 * `[14, channels] · [channels, 16 · wide]`. rsi: the rows; rdx: the panel `[channels, 16 · wide]`; rdi: where the first
 * row of the result goes.
 */
function productRoutine(code: Assembler, channels: number, out: number, wide: number): void {
  const UNROLLED = 8;
  const sum = (row: number, block: number) => row * wide + block;
  const panel = (block: number) => ROWS * 2 + block;
  for (let row = 0; row < ROWS; row++) for (let block = 0; block < wide; block++) code.clear(sum(row, block));
  code.set(r8, channels / UNROLLED);
  const loop = code.here();
  for (let channel = 0; channel < UNROLLED; channel++) {
    for (let block = 0; block < wide; block++) {
      code.loadVector(panel(block), { base: rdx, offset: VECTOR * (channel * wide + block) });
    }
    for (let row = 0; row < ROWS; row++) {
      const place = { base: rsi, offset: 4 * (row * channels + channel) };
      if (wide === 1) {
        code.multiplyAdd(sum(row, 0), panel(0), { each: place });
        continue;
      }
      const spread = 30 + (row % 2);
      code.spread(spread, place);
      for (let block = 0; block < wide; block++) code.multiplyAdd(sum(row, block), panel(block), spread);
    }
  }
  code.add(rsi, 4 * UNROLLED);
  code.add(rdx, UNROLLED * wide * VECTOR);
  code.subtract(r8, 1);
  code.jumpIf('notEqual', loop);
  for (let row = 0; row < ROWS; row++) {
    for (let block = 0; block < wide; block++) {
      code.storeVector({ base: rdi, offset: 4 * (out * row + BLOCK * block) }, sum(row, block));
    }
  }
  code.return();
}
