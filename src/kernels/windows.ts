/** What a minimal filter makes of a map's windows and tiles, 16 channels at a time. */
import { type Assembler, r9, rcx, rdi, rsi, VECTOR } from './assembler.js';
import type { Span } from './tiles.js';
import { ofTile, ofWindow, POINTS, TILE } from './transforms.js';

export interface Piece {
  /** The rows and columns that lie within the map; zeros are around it. */
  readonly rows: Span;
  readonly columns: Span;
  /** Pixels of a row of the map. */
  readonly width: number;
  /** Bytes of a block of channels. */
  readonly plane: number;
  /** Bytes between two products. */
  readonly stride: number;
}

type Transform = (code: Assembler, numbers: readonly (number | null)[]) => (number | null)[];

/**
 * A routine: the products' numbers of a window of 6 × 6 pixels. rsi: where its first pixel is, or would be; rdi: where
 * the first number goes; rcx: blocks of channels; r9: memory for 36 vectors. Both pointers are moved.
 */
export function windows(code: Assembler, piece: Piece): void {
  weighed(code, piece, POINTS, ofWindow);
}

/** The same of a tile of 4 × 4 pixels. */
export function tiles(code: Assembler, piece: Piece): void {
  weighed(code, piece, TILE, ofTile);
}

function weighed(
  code: Assembler,
  { rows, columns, width, plane, stride }: Piece,
  extent: number,
  transform: Transform,
) {
  const at = (row: number, column: number) => ({ base: r9, offset: VECTOR * (POINTS * row + column) });
  const lies = (index: number, [from, to]: Span) => index >= from && index < to;
  const loop = code.here();
  const known: (readonly boolean[])[] = [];
  for (let x = 0; x < extent; x++) {
    const line = Array.from({ length: extent }, (_, y) => (lies(x, columns) && lies(y, rows) ? y : null));
    for (const y of line) if (y !== null) code.loadVector(y, { base: rsi, offset: VECTOR * (y * width + x) });
    // The pixels of the next tile, by the time that its turn has come.
    for (const y of line)
      if (y !== null && x < TILE) code.prefetch({ base: rsi, offset: VECTOR * (y * width + x + extent) });
    const numbers = transform(code, line);
    for (const [y, from] of numbers.entries()) if (from !== null) code.storeVector(at(y, x), from);
    known.push(numbers.map((from) => from !== null));
  }
  for (let y = 0; y < POINTS; y++) {
    const line = Array.from({ length: extent }, (_, x) => (known[x]![y]! ? x : null));
    for (const x of line) if (x !== null) code.loadVector(x, at(y, x));
    for (const [x, from] of transform(code, line).entries()) {
      if (from === null) code.clear(ZERO);
      code.storeVector({ base: rdi, offset: stride * (POINTS * y + x) }, from ?? ZERO);
    }
  }
  code.add(rsi, plane);
  code.add(rdi, VECTOR);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', loop);
  code.return();
}

/** A register that no transform uses. */
const ZERO = 24;

/** A routine: zeros in their place. */
export function zeros(code: Assembler, stride: number): void {
  code.clear(ZERO);
  const loop = code.here();
  for (let product = 0; product < POINTS ** 2; product++)
    code.storeVector({ base: rdi, offset: stride * product }, ZERO);
  code.add(rdi, VECTOR);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', loop);
  code.return();
}
