/**
 * The gradient of the weight of a convolution of 3 × 3, of maps in blocks: tiles of 4 × 4 pixels of dy are correlated
 * with windows of 6 × 6 of x by a minimal filter, and the products of all tiles are summed before 9 taps are made of
 * them. A piece of the work is a group of channels of x, one of dy, and a share of the tiles; how it is cut depends on
 * the shapes alone, and so does the order of the sum.
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
import {
  constants,
  filterConstants,
  loadConstants,
  loadFilterConstants,
  POINTS,
  PRODUCTS,
  TAPS,
  TILE,
  toTaps,
} from './transforms.js';
import { tiles as tileRoutine, windows, within, zeros } from './windows.js';

/** Inputs: each part of x, and dy, in blocks. Output: `[O, channels of all parts, 3, 3]`. */
export interface WeightGradientShape {
  readonly batch: number;
  readonly channels: readonly number[];
  readonly out: number;
  readonly height: number;
  readonly width: number;
}

/** The most channels of a group. */
const GROUP = 64;
/** Pieces that there are at least, where the tiles suffice, so that several threads have some. */
const PIECES = 8;
/** Bytes of a core's cache that a piece may fill. */
const CACHE = 900_000;
/** Rows of a product that are kept in registers, and tiles that its loop takes at once. */
const [ROWS, UNROLLED] = [8, 4];
/** Numbers of an entry of the tables of tiles and of pieces. */
const [ENTRY, PIECE] = [5, 10];
const KERNEL = 4 * TAPS ** 2;

interface Group {
  readonly begin: number;
  readonly count: number;
}

function groupsOf(channels: number): Group[] {
  return Array.from({ length: Math.ceil(channels / GROUP) }, (_, k) => ({
    begin: GROUP * k,
    count: Math.min(GROUP, channels - GROUP * k),
  }));
}

/** Numbers that a piece keeps on its stack, in bytes below the frame. */
const locals = { x: -8, dy: -16, sum: -24, ofSample: -32, left: -40, piece: -48 } as const;

export function weightGradient(code: Assembler, shape: WeightGradientShape): Kernel {
  const { batch, channels, out, height, width } = shape;
  const all = channels.reduce((a, b) => a + b);
  const plane = height * width * VECTOR;
  const ofOut = groupsOf(out);
  const ofParts = channels.map(groupsOf);
  const [most, mostOut] = [ofParts.flat(), ofOut].map((groups) => Math.max(...groups.map(({ count }) => count))) as [
    number,
    number,
  ];
  const sums = PRODUCTS * 4 * most * mostOut;
  const room = Math.floor((CACHE - sums) / (PRODUCTS * 4 * (most + mostOut)));
  const atOnce = UNROLLED * Math.max(2, Math.min(12, Math.floor(room / UNROLLED)));
  const rows = Math.ceil(height / TILE);
  const total = batch * rows * Math.ceil(width / TILE);
  const pairs = ofParts.flat().length * ofOut.length;
  const shares = Math.max(1, Math.min(Math.ceil(PIECES / pairs), Math.floor(total / atOnce)));
  const perShare = Math.ceil(total / shares / atOnce) * atOnce;
  const strides = { x: atOnce * 4 * most, dy: atOnce * 4 * mostOut };
  const places = { dy: PRODUCTS * strides.x, sum: PRODUCTS * (strides.x + strides.dy) };

  // Tiles, share by share, filled up with zeros.
  const classes = new Map<string, { readonly label: Label; readonly emit: () => void }>();
  const classOf = (key: string, emit: () => void) => {
    const known = classes.get(key) ?? { label: code.label(), emit };
    classes.set(key, known);
    return known.label;
  };
  const noWindow = classOf('no window', () => zeros(code, strides.x));
  const noTile = classOf('no tile', () => zeros(code, strides.dy));
  const entries: (readonly [number, number, number, Label, Label])[] = [];
  for (let sample = 0; sample < batch; sample++) {
    for (let y = 0; y < height; y += TILE) {
      for (let x = 0; x < width; x += TILE) {
        const cut = (begin: number, count: number) => ({
          rows: within(y + begin, count, height),
          columns: within(x + begin, count, width),
          width,
          plane,
        });
        const [window, tile] = [cut(-1, POINTS), cut(0, TILE)];
        entries.push([
          ...([sample, ((y - 1) * width + x - 1) * VECTOR, (y * width + x) * VECTOR] as const),
          classOf(`x ${window.rows} ${window.columns}`, () => windows(code, { ...window, stride: strides.x })),
          classOf(`dy ${tile.rows} ${tile.columns}`, () => tileRoutine(code, { ...tile, stride: strides.dy })),
        ]);
      }
    }
  }
  while (entries.length < shares * perShare) entries.push([0, 0, 0, noWindow, noTile]);

  // Pieces: where they begin, and the routines of their numbers of channels.
  const kinds = new Map<string, Kind>();
  const kindOf = (count: number, ofDy: number) => {
    const key = `${count} ${ofDy}`;
    const known = kinds.get(key) ?? { count, ofDy, multiply: code.label(), finish: code.label() };
    kinds.set(key, known);
    return known;
  };
  const pieces: number[][] = [];
  const pieceKinds: Kind[] = [];
  const ends: number[][] = [];
  const endKinds: Kind[] = [];
  let before = 0;
  for (const [part, groups] of ofParts.entries()) {
    for (const { begin, count } of groups) {
      for (const { begin: first, count: ofDy } of ofOut) {
        const kind = kindOf(count, ofDy);
        const to = KERNEL * (first * all + before + begin);
        const sum = pieces.length * sums;
        for (let share = 0; share < shares; share++) {
          pieces.push([
            ...[slots.inputs + 8 * part, (begin / BLOCK) * plane, (first / BLOCK) * plane],
            ...[share * perShare * ENTRY * 4, shares > 1 ? sum + share * sums : to, (channels[part]! / BLOCK) * plane],
          ]);
          pieceKinds.push(kind);
        }
        for (let block = 0; block < count; block += BLOCK) {
          ends.push([sum + 4 * block * ofDy, to + KERNEL * block]);
          endKinds.push(kind);
        }
      }
    }
    before += channels[part]!;
  }

  const saved = [rbx, rbp, r12, r13, r14, r15];
  const scratch = places.sum + (shares > 1 ? 0 : sums);
  const origin = code.here();
  const enter = () => {
    for (const register of saved) code.push(register);
    code.move(rbp, rsp);
    code.subtract(rsp, PRODUCTS * VECTOR + 2 * VECTOR);
    code.and(rsp, -VECTOR);
    code.move(r9, rsp);
    code.move(rbx, rdi);
  };
  const leave = () => {
    code.move(rsp, rbp);
    for (const register of saved.toReversed()) code.pop(register);
    code.return();
  };
  const nextPiece = (count: number, end: Label) => {
    code.set(rax, 1);
    code.exchangeAdd({ base: rbx, offset: slots.counter }, rax);
    code.compare(rax, count);
    code.jumpIf('atLeast', end);
  };
  const local = (name: keyof typeof locals) => ({ base: rbp, offset: locals[name] });
  const callAt = (place: { readonly base: number; readonly offset: number }) => {
    code.addressOf(rax, origin);
    code.loadInt32(r8, place);
    code.add(rax, { register: r8 });
    code.call(rax);
  };
  const field = (base: number, index: number) => ({ base, offset: 4 * index });

  // First phase: the sums of the pieces.
  const accumulate = code.here();
  enter();
  code.multiply(r12, rsi, scratch);
  code.load(rax, { base: rbx, offset: slots.scratch });
  code.add(r12, { register: rax });
  const [next, end] = [code.here(), code.label()];
  nextPiece(pieces.length, end);
  code.multiply(r10, rax, 4 * PIECE);
  code.load(rax, { base: rbx, offset: slots.tables + 8 });
  code.add(r10, { register: rax });
  code.store(local('piece'), r10);
  code.loadInt32(rax, field(r10, 0));
  code.load(rsi, { base: rbx, index: rax });
  code.loadInt32(rax, field(r10, 1));
  code.add(rsi, { register: rax });
  code.store(local('x'), rsi);
  code.load(rsi, { base: rbx, offset: slots.inputs + 8 * channels.length });
  code.loadInt32(rax, field(r10, 2));
  code.add(rsi, { register: rax });
  code.store(local('dy'), rsi);
  code.loadInt32(r13, field(r10, 3));
  code.load(rax, { base: rbx, offset: slots.tables });
  code.add(r13, { register: rax });
  code.loadInt32(rax, field(r10, 5));
  code.store(local('ofSample'), rax);
  if (shares > 1) {
    code.loadInt32(rdi, field(r10, 4));
    code.load(rax, { base: rbx, offset: slots.shared });
    code.add(rdi, { register: rax });
  } else code.address(rdi, { base: r12, offset: places.sum });
  code.store(local('sum'), rdi);
  code.clear(0);
  code.set(rcx, sums / VECTOR);
  const clearing = code.here();
  code.storeVector({ base: rdi }, 0);
  code.add(rdi, VECTOR);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', clearing);
  code.set(rax, perShare / atOnce);
  code.store(local('left'), rax);

  const some = code.here();
  code.load(rax, { base: rbx, offset: slots.tables + 16 });
  loadConstants(code, { base: rax });
  const eachTile = (perTile: () => void) => {
    code.move(r14, r13);
    code.address(r15, { base: r13, offset: atOnce * ENTRY * 4 });
    const loop = code.here();
    perTile();
    code.add(r14, ENTRY * 4);
    code.compare(r14, { register: r15 });
    code.jumpIf('below', loop);
  };
  code.move(r11, r12);
  eachTile(() => {
    code.loadInt32(rsi, field(r14, 0));
    code.multiplyBy(rsi, local('ofSample'));
    code.loadInt32(rax, field(r14, 1));
    code.add(rsi, { register: rax });
    code.load(rax, local('x'));
    code.add(rsi, { register: rax });
    code.move(rdi, r11);
    code.load(rcx, local('piece'));
    code.loadInt32(rcx, field(rcx, 6));
    callAt(field(r14, 3));
    code.add(r11, 4 * most);
  });
  code.address(r11, { base: r12, offset: places.dy });
  eachTile(() => {
    code.loadInt32(rsi, field(r14, 0));
    code.multiply(rsi, rsi, (out / BLOCK) * plane);
    code.loadInt32(rax, field(r14, 2));
    code.add(rsi, { register: rax });
    code.load(rax, local('dy'));
    code.add(rsi, { register: rax });
    code.move(rdi, r11);
    code.load(rcx, local('piece'));
    code.loadInt32(rcx, field(rcx, 7));
    callAt(field(r14, 4));
    code.add(r11, 4 * mostOut);
  });
  code.load(r11, local('piece'));
  code.loadInt32(rax, field(r11, 8));
  code.addressOf(r8, origin);
  code.add(rax, { register: r8 });
  code.load(r11, local('sum'));
  code.call(rax);
  code.add(r13, atOnce * ENTRY * 4);
  code.load(rax, local('left'));
  code.subtract(rax, 1);
  code.store(local('left'), rax);
  code.compare(rax, 0);
  code.jumpIf('notEqual', some);
  if (shares === 1) {
    code.load(r10, local('piece'));
    code.load(rsi, local('sum'));
    code.loadInt32(rdi, field(r10, 4));
    code.load(rax, { base: rbx, offset: slots.outputs });
    code.add(rdi, { register: rax });
    code.loadInt32(r14, field(r10, 6));
    const loop = code.here();
    callAt(field(r10, 9));
    code.subtract(r14, 1);
    code.jumpIf('notEqual', loop);
  }
  code.jump(next);
  code.here(end);
  leave();

  // Second phase: the sums of all shares, and their taps.
  const phases = [accumulate];
  if (shares > 1) {
    phases.push(code.here());
    enter();
    const [nextEnd, done] = [code.here(), code.label()];
    nextPiece(ends.length, done);
    code.multiply(r10, rax, 4 * 4);
    code.load(rax, { base: rbx, offset: slots.tables + 32 });
    code.add(r10, { register: rax });
    code.loadInt32(rsi, field(r10, 0));
    code.load(rax, { base: rbx, offset: slots.shared });
    code.add(rsi, { register: rax });
    code.loadInt32(rdi, field(r10, 1));
    code.load(rax, { base: rbx, offset: slots.outputs });
    code.add(rdi, { register: rax });
    callAt(field(r10, 2));
    code.jump(nextEnd);
    code.here(done);
    leave();
  }

  const micro = new Map<string, { readonly label: Label; readonly ofDy: number; readonly wide: number }>();
  for (const { count, ofDy, multiply, finish } of kinds.values()) {
    // r12: windows; r11: sums. Products of all tiles, one after the other.
    code.here(multiply);
    code.move(r14, r12);
    code.address(r15, { base: r12, offset: places.dy });
    code.set(r10, PRODUCTS);
    const loop = code.here();
    for (let column = 0; column < ofDy; column += 2 * BLOCK) {
      const wide = Math.min(2, (ofDy - column) / BLOCK);
      const key = `${ofDy} ${wide}`;
      const { label } = micro.get(key) ?? { label: code.label() };
      micro.set(key, { label, ofDy, wide });
      for (let row = 0; row < count; row += ROWS) {
        code.address(rsi, { base: r14, offset: 4 * row });
        code.address(rdx, { base: r15, offset: 4 * column });
        code.address(rdi, { base: r11, offset: 4 * (row * ofDy + column) });
        code.callLabel(label);
      }
    }
    code.add(r14, strides.x);
    code.add(r15, strides.dy);
    code.add(r11, 4 * count * ofDy);
    code.subtract(r10, 1);
    code.jumpIf('notEqual', loop);
    code.return();

    // rsi: sums of 16 channels of x; rdi: their first tap. Both are moved.
    code.here(finish);
    code.load(rax, { base: rbx, offset: slots.tables + 24 });
    loadFilterConstants(code, { base: rax });
    code.loadVector(25, { base: rax, offset: VECTOR });
    code.set(rdx, BLOCK);
    const channel = code.here();
    code.push(rdi);
    code.set(rcx, ofDy / BLOCK);
    const block = code.here();
    const at = (row: number, column: number) => ({ base: r9, offset: VECTOR * (POINTS * row + column) });
    for (let x = 0; x < POINTS; x++) {
      for (let y = 0; y < POINTS; y++) {
        const offset = 4 * count * ofDy * (POINTS * y + x);
        code.loadVector(y, { base: rsi, offset });
        for (let share = 1; share < shares; share++)
          code.addVectors(y, y, { base: rsi, offset: offset + share * sums });
      }
      for (const [y, from] of toTaps(code).entries()) code.storeVector(at(y, x), from);
    }
    for (let y = 0; y < TAPS; y++) {
      for (let x = 0; x < POINTS; x++) code.loadVector(x, at(y, x));
      for (const [x, from] of toTaps(code).entries()) {
        code.allPlaces();
        code.scatter({ base: rdi, offset: 4 * (TAPS * y + x) }, 25, from);
      }
    }
    code.add(rsi, VECTOR);
    code.add(rdi, KERNEL * all * BLOCK);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', block);
    code.pop(rdi);
    code.add(rdi, KERNEL);
    code.subtract(rdx, 1);
    code.jumpIf('notEqual', channel);
    code.return();
  }
  for (const { label, ofDy, wide } of micro.values()) {
    code.here(label);
    outerProducts(code, { tiles: atOnce, ofX: 4 * most, ofDy: 4 * mostOut, ofSum: 4 * ofDy, wide });
  }
  for (const { label, emit } of classes.values()) {
    code.here(label);
    emit();
  }

  const offset = (label: Label) => label.at! - origin.at!;
  const tileTable = entries.flatMap(([sample, from, to, window, tile]) => [
    ...[sample, from, to],
    ...[offset(window), offset(tile)],
  ]);
  const pieceTable = pieces.flatMap((numbers, k) => {
    const { count, ofDy, multiply, finish } = pieceKinds[k]!;
    return [...numbers, count / BLOCK, ofDy / BLOCK, offset(multiply), offset(finish)];
  });
  const endTable = ends.flatMap((numbers, k) => [...numbers, offset(endKinds[k]!.finish), 0]);
  const taps = new Float32Array(2 * BLOCK);
  taps.set(filterConstants);
  new Int32Array(taps.buffer, VECTOR).set(Array.from({ length: BLOCK }, (_, k) => k * KERNEL * all));
  return {
    inputs: channels.length + 1,
    outputs: [[out, all, TAPS, TAPS]],
    tables: [
      Int32Array.from(tileTable),
      Int32Array.from(pieceTable),
      Float32Array.from(constants),
      taps,
      Int32Array.from(endTable),
    ],
    scratch,
    shared: shares > 1 ? pairs * shares * sums : 0,
    phases,
  };
}

interface Kind {
  /** Channels of x and of dy. */
  readonly count: number;
  readonly ofDy: number;
  readonly multiply: Label;
  readonly finish: Label;
}

/**
 * A routine: to the sums of 8 channels of x with 16 · wide of dy the products of some tiles are added. rsi: x of the
 * first tile; rdx: dy; rdi: the sums; numbers of bytes from one tile, or one channel of x, to the next.
 */
function outerProducts(
  code: Assembler,
  { tiles, ofX, ofDy, ofSum, wide }: Readonly<Record<'tiles' | 'ofX' | 'ofDy' | 'ofSum' | 'wide', number>>,
): void {
  const sum = (row: number, block: number) => row * wide + block;
  const place = (row: number, block: number) => ({ base: rdi, offset: ofSum * row + VECTOR * block });
  const each = (visit: (row: number, block: number) => void) => {
    for (let row = 0; row < ROWS; row++) for (let block = 0; block < wide; block++) visit(row, block);
  };
  each((row, block) => code.loadVector(sum(row, block), place(row, block)));
  code.set(rcx, tiles / UNROLLED);
  const loop = code.here();
  for (let tile = 0; tile < UNROLLED; tile++) {
    for (let block = 0; block < wide; block++) {
      code.loadVector(2 * ROWS + block, { base: rdx, offset: ofDy * tile + VECTOR * block });
    }
    for (let row = 0; row < ROWS; row++) {
      const spread = 20 + (row % 4);
      code.spread(spread, { base: rsi, offset: ofX * tile + 4 * row });
      for (let block = 0; block < wide; block++) code.multiplyAdd(sum(row, block), spread, 2 * ROWS + block);
    }
  }
  code.add(rsi, ofX * UNROLLED);
  code.add(rdx, ofDy * UNROLLED);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', loop);
  each((row, block) => code.storeVector(place(row, block), sum(row, block)));
  code.return();
}
