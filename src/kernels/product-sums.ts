/**
 * The products of some tiles' numbers of x with those of dy, added to the sums of a piece: a matrix `[taps of the
 * depth, channels of x, channels of dy]` for each of the 36 products.
 */
import { type Assembler, r10, r11, r12, r14, r15, rcx, rdi, rdx, rsi, VECTOR } from './assembler.js';
import { BLOCK } from './kernel.js';
import type { Routines } from './routines.js';
import { PRODUCTS } from './transforms.js';

/** Channels of x whose sums are kept in registers, with how many blocks of dy. */
function tileOf({ capacity }: Assembler) {
  return capacity < 16 ? { rows: 4, blocks: 1 } : { rows: 8, blocks: 2 };
}

export interface Products {
  /** Channels of x and of dy. */
  readonly count: number;
  readonly ofDy: number;
  /** Taps of the depth, and the bytes from the numbers of x of one to those of the next. */
  readonly deep: number;
  readonly ofTap: number;
  readonly tiles: number;
  /** Tiles that the loop takes at once. */
  readonly unrolled: number;
  /** Bytes between two products of the numbers of x and of dy; those of dy lie behind all of x. */
  readonly strides: { readonly x: number; readonly dy: number };
  /** Bytes between two tiles of x and of dy. */
  readonly ofX: number;
  readonly ofTile: number;
}

/** A routine. r12: the numbers of x; r11: the sums, and behind them when it is done. r10, r14 and r15 are lost. */
export function productSums(code: Assembler, routines: Routines, products: Products): void {
  const { count, ofDy, deep, ofTap, strides } = products;
  const { rows, blocks } = tileOf(code);
  code.move(r14, r12);
  code.address(r15, { base: r12, offset: PRODUCTS * strides.x });
  code.set(r10, PRODUCTS);
  const loop = code.here();
  for (let column = 0; column < ofDy; column += blocks * BLOCK) {
    const wide = Math.min(blocks, (ofDy - column) / BLOCK);
    const some = routines.of(`outer products ${ofDy} ${wide}`, () => outerProducts(code, products, rows, wide));
    for (let tap = 0; tap < deep; tap++) {
      for (let row = 0; row < count; row += rows) {
        code.address(rsi, { base: r14, offset: tap * ofTap + 4 * row });
        code.address(rdx, { base: r15, offset: 4 * column });
        code.address(rdi, { base: r11, offset: 4 * ((tap * count + row) * ofDy + column) });
        code.callLabel(some);
      }
    }
  }
  code.add(r14, strides.x);
  code.add(r15, strides.dy);
  code.add(r11, 4 * deep * count * ofDy);
  code.subtract(r10, 1);
  code.jumpIf('notEqual', loop);
  code.return();
}

/** A routine, of some channels of x with 16 · wide of dy. rsi: x of the first tile; rdx: dy; rdi: the sums. */
function outerProducts(code: Assembler, products: Products, rows: number, wide: number): void {
  const { tiles, unrolled, ofX, ofTile, ofDy } = products;
  const sum = (row: number, block: number) => row * wide + block;
  const place = (row: number, block: number) => ({ base: rdi, offset: 4 * ofDy * row + VECTOR * block });
  const each = (visit: (row: number, block: number) => void) => {
    for (let row = 0; row < rows; row++) for (let block = 0; block < wide; block++) visit(row, block);
  };
  const sums = Array.from({ length: rows * wide }, (_, k) => k);
  code.resident(sums, () => {
    each((row, block) => code.loadVector(sum(row, block), place(row, block)));
    code.set(rcx, tiles / unrolled);
    const loop = code.here();
    for (let tile = 0; tile < unrolled; tile++) {
      for (let block = 0; block < wide; block++) {
        code.loadVector(16 + block, { base: rdx, offset: ofTile * tile + VECTOR * block });
      }
      for (let row = 0; row < rows; row++) {
        const spread = 20 + (row % 4);
        code.spread(spread, { base: rsi, offset: ofX * tile + 4 * row });
        for (let block = 0; block < wide; block++) code.multiplyAdd(sum(row, block), spread, 16 + block);
      }
    }
    code.add(rsi, ofX * unrolled);
    code.add(rdx, ofTile * unrolled);
    code.subtract(rcx, 1);
    code.jumpIf('notEqual', loop);
    each((row, block) => code.storeVector(place(row, block), sum(row, block)));
  });
  code.return();
}
