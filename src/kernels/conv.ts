/**
 * A convolution of 3 × 3 of maps in blocks of 16 channels by a minimal filter along both axes: 36 products for a tile
 * of 4 × 4 pixels in place of 144. What a thread takes at once are some tiles, so that all between their windows and
 * their pixels stays in its cache.
 */
import {
  type Assembler,
  type Label,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  VECTOR,
} from './assembler.js';
import { BLOCK, type Kernel, slots } from './kernel.js';
import { constants, loadConstants, POINTS, PRODUCTS, TILE, toPixels } from './transforms.js';
import { windows, within } from './windows.js';

/** Rows of a product that are kept in registers. */
const ROWS = 14;

/**
 * The convolution of the concatenation of maps, by their parts of the filter.
 * Inputs: each part, in blocks; the filter's products `[36, O / 32, channels, 32]`; the bias `[O]`, if there is one.
 */
export interface ConvShape {
  readonly batch: number;
  /** Of each part of the map. */
  readonly channels: readonly number[];
  readonly out: number;
  readonly height: number;
  readonly width: number;
  readonly bias: boolean;
}

/** Bytes of an entry of the table of tiles. */
const ENTRY = 20;

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
  const classes = new Map<string, { readonly label: Label; readonly emit: () => void }>();
  const classOf = (key: string, emit: () => void) => {
    const known = classes.get(key) ?? { label: code.label(), emit };
    classes.set(key, known);
    return known.label;
  };
  const tiles: (readonly [number, number, number, Label, Label])[] = [];
  for (let sample = 0; sample < batch; sample++) {
    for (let y = 0; y < height; y += TILE) {
      for (let x = 0; x < width; x += TILE) {
        const rows = within(y - 1, POINTS, height);
        const columns = within(x - 1, POINTS, width);
        const window = classOf(`in ${rows} ${columns}`, () =>
          windows(code, { rows, columns, width, plane, stride: atOnce * 4 * total }),
        );
        const [tall, wide] = [within(y, TILE, height)[1], within(x, TILE, width)[1]];
        const pixels = classOf(`out ${tall} ${wide}`, () => pixelRoutine(tall, wide));
        tiles.push([sample, ((y - 1) * width + x - 1) * VECTOR, (y * width + x) * VECTOR, window, pixels]);
      }
    }
  }
  const blocks = Math.ceil(tiles.length / atOnce);
  const nothing = classOf('none', () => code.return());
  while (tiles.length < blocks * atOnce) tiles.push([0, 0, 0, nothing, nothing]);

  const saved = [rbx, rbp, r12, r13, r14, r15];
  const STACK = PRODUCTS * VECTOR;
  const start = code.here();
  for (const register of saved) code.push(register);
  // The stack as it was comes back from rbp.
  code.move(rbp, rsp);
  code.subtract(rsp, STACK + VECTOR);
  code.and(rsp, -VECTOR);
  code.move(r9, rsp);
  code.move(rbx, rdi);
  code.multiply(rax, rsi, scratch);
  code.load(r12, { base: rbx, offset: slots.scratch });
  code.add(r12, { register: rax });
  const [next, end] = [code.here(), code.label()];
  code.set(rax, 1);
  code.exchangeAdd({ base: rbx, offset: slots.counter }, rax);
  code.compare(rax, blocks);
  code.jumpIf('atLeast', end);
  code.multiply(rax, rax, atOnce * ENTRY);
  code.load(r13, { base: rbx, offset: slots.tables });
  code.add(r13, { register: rax });
  code.load(rax, { base: rbx, offset: slots.tables + 8 });
  loadConstants(code, { base: rax });

  /** Runs a routine for each tile: r14 is its entry. */
  const eachTile = (perTile: () => void) => {
    code.move(r14, r13);
    code.address(r15, { base: r13, offset: atOnce * ENTRY });
    const loop = code.here();
    perTile();
    code.add(r14, ENTRY);
    code.compare(r14, { register: r15 });
    code.jumpIf('below', loop);
  };
  const callClass = (offset: number) => {
    code.addressOf(rax, start);
    code.loadInt32(r8, { base: r14, offset });
    code.add(rax, { register: r8 });
    code.call(rax);
  };

  // Windows: of each part, its place among the channels.
  let before = 0;
  for (const [part, count] of channels.entries()) {
    code.address(r11, { base: r12, offset: 4 * before });
    eachTile(() => {
      code.loadInt32(rax, { base: r14 });
      code.multiply(rax, rax, (count / BLOCK) * plane);
      code.loadInt32(rsi, { base: r14, offset: 4 });
      code.add(rsi, { register: rax });
      code.load(rax, { base: rbx, offset: slots.inputs + 8 * part });
      code.add(rsi, { register: rax });
      code.move(rdi, r11);
      code.set(rcx, count / BLOCK);
      callClass(12);
      code.add(r11, 4 * total);
    });
    before += count;
  }

  // Products.
  const productsAt = atOnce * PRODUCTS * 4 * total;
  const groups = Array.from({ length: Math.ceil(out / (2 * BLOCK)) }, (_, k) => Math.min(2, out / BLOCK - 2 * k));
  const gemms = new Map([...new Set(groups)].map((wide) => [wide, code.label()]));
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
      code.callLabel(gemms.get(wide)!);
    }
    code.add(r15, total * wide * VECTOR);
  }
  code.add(r14, atOnce * 4 * total);
  code.add(r11, atOnce * 4 * out);
  code.subtract(r10, 1);
  code.jumpIf('notEqual', product);

  // Pixels.
  code.load(rax, { base: rbx, offset: slots.tables + 8 });
  loadConstants(code, { base: rax });
  code.address(r11, { base: r12, offset: productsAt });
  eachTile(() => {
    code.loadInt32(rax, { base: r14 });
    code.multiply(rax, rax, (out / BLOCK) * plane);
    code.loadInt32(rdi, { base: r14, offset: 8 });
    code.add(rdi, { register: rax });
    code.load(rax, { base: rbx, offset: slots.outputs });
    code.add(rdi, { register: rax });
    code.move(rsi, r11);
    if (bias) code.load(rdx, { base: rbx, offset: slots.inputs + 8 * (channels.length + 1) });
    code.set(rcx, out / BLOCK);
    callClass(16);
    code.add(r11, 4 * out);
  });
  code.jump(next);
  code.here(end);
  code.move(rsp, rbp);
  for (const register of saved.toReversed()) code.pop(register);
  code.return();

  for (const [wide, label] of gemms) {
    code.here(label);
    productRoutine(code, total, out, wide, r8);
  }
  for (const { label, emit } of classes.values()) {
    code.here(label);
    emit();
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

  const table = tiles.flatMap(([sample, from, to, window, pixels]) => [
    ...[sample, from, to],
    ...[window.at! - start.at!, pixels.at! - start.at!],
  ]);
  return {
    inputs: channels.length + (bias ? 2 : 1),
    outputs: [[batch, out, height, width]],
    tables: [Int32Array.from(table), Float32Array.from(constants)],
    scratch,
    phases: [start],
  };
}

/**
 * `[14, channels] · [channels, 16 · wide]`. rsi: the rows; rdx: the panel `[channels, 16 · wide]`; rdi: where the first
 * row of the result goes.
 */
function productRoutine(code: Assembler, channels: number, out: number, wide: number, counter: number): void {
  const UNROLLED = 8;
  const sum = (row: number, block: number) => row * wide + block;
  const panel = (block: number) => ROWS * 2 + block;
  for (let row = 0; row < ROWS; row++) for (let block = 0; block < wide; block++) code.clear(sum(row, block));
  code.set(counter, channels / UNROLLED);
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
  code.subtract(counter, 1);
  code.jumpIf('notEqual', loop);
  for (let row = 0; row < ROWS; row++) {
    for (let block = 0; block < wide; block++) {
      code.storeVector({ base: rdi, offset: 4 * (out * row + BLOCK * block) }, sum(row, block));
    }
  }
  code.return();
}
