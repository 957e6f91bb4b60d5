/** What a minimal filter makes of a map's windows and tiles, 16 channels at a time. */
import { type Assembler, r9, rcx, rdi, rsi, VECTOR } from './assembler.js';
import type { Label } from './code-bytes.js';
import type { Routines } from './routines.js';
import type { Span } from './tiles.js';
import { ofTile, ofWindow, POINTS, PRODUCTS, TILE } from './transforms.js';

/** Where the pixels lie, and where the products' numbers go. */
export interface Layout {
  /** Pixels of a row of the map. */
  readonly width: number;
  /** Bytes of a block of channels. */
  readonly plane: number;
  /** Bytes between two products. */
  readonly stride: number;
}

interface Kind {
  readonly name: string;
  readonly extent: number;
  /** From numbers in the first registers to registers. */
  readonly transform: (code: Assembler, numbers: readonly number[]) => readonly number[];
}

const kinds = {
  windows: { name: 'windows', extent: POINTS, transform: ofWindow },
  tiles: { name: 'tiles', extent: TILE, transform: ofTile },
} satisfies Record<string, Kind>;

/**
 * Routines: the products' numbers of a window of 6 × 6 pixels, or of a tile of 4 × 4, of which the rows and columns
 * within the map are given; zeros are around it. rsi: where its first pixel is, or would be; rdi: where the first
 * number goes; rcx: blocks of channels; r9: memory for twice 36 vectors. Both pointers are moved.
 */
export function weighing(code: Assembler, routines: Routines, which: keyof typeof kinds, layout: Layout) {
  const kind: Kind = kinds[which];
  const { name, extent } = kind;
  return (rows: Span, columns: Span): Label => {
    if ([rows, columns].every(([from, to]) => from === 0 && to === extent))
      return routines.of(name, () => weighed(code, kind, layout));
    return routines.of(`${name} ${rows} ${columns}`, () => {
      const copied = routines.of(`${name} copied`, () => weighed(code, kind, { ...layout, width: extent, plane: 0 }));
      cut(code, kind, layout, rows, columns, copied);
    });
  };
}

function weighed(code: Assembler, { extent, transform }: Kind, { width, plane, stride }: Layout): void {
  const at = (row: number, column: number) => ({ base: r9, offset: VECTOR * (POINTS * row + column) });
  const line = Array.from({ length: extent }, (_, k) => k);
  const pixel = (y: number, x: number) => ({ base: rsi, offset: VECTOR * (y * width + x) });
  const loop = code.here();
  for (const x of line) {
    for (const y of line) code.loadVector(y, pixel(y, x));
    // The pixels of the next tile, by the time that its turn has come.
    if (x < TILE) for (const y of line) code.prefetch(pixel(y, x + extent));
    for (const [y, from] of transform(code, line).entries()) code.storeVector(at(y, x), from);
  }
  for (let y = 0; y < POINTS; y++) {
    for (const x of line) code.loadVector(x, at(y, x));
    for (const [x, from] of transform(code, line).entries()) {
      code.storeVector({ base: rdi, offset: stride * (POINTS * y + x) }, from);
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

/** What lies within the map is copied, with zeros around it. */
function cut(code: Assembler, { extent }: Kind, layout: Layout, rows: Span, columns: Span, copied: Label): void {
  const lies = (index: number, [from, to]: Span) => index >= from && index < to;
  const copy = { base: r9, offset: VECTOR * PRODUCTS };
  code.clear(ZERO);
  const loop = code.here();
  for (let y = 0; y < extent; y++) {
    for (let x = 0; x < extent; x++) {
      const inside = lies(y, rows) && lies(x, columns);
      if (inside) code.loadVector(x, { base: rsi, offset: VECTOR * (y * layout.width + x) });
      code.storeVector({ base: r9, offset: copy.offset + VECTOR * (y * extent + x) }, inside ? x : ZERO);
    }
  }
  code.push(rsi);
  code.push(rcx);
  code.address(rsi, copy);
  code.set(rcx, 1);
  code.callLabel(copied);
  code.pop(rcx);
  code.pop(rsi);
  code.add(rsi, layout.plane);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', loop);
  code.return();
}

/** A routine: zeros in their place. */
export function zeros(code: Assembler, stride: number): void {
  code.clear(ZERO);
  const loop = code.here();
  for (let product = 0; product < PRODUCTS; product++) code.storeVector({ base: rdi, offset: stride * product }, ZERO);
  code.add(rdi, VECTOR);
  code.subtract(rcx, 1);
  code.jumpIf('notEqual', loop);
  code.return();
}
