/** Max-pooling by 2 of a map in blocks, and its gradient, which goes to the first of the largest. */
import { stridesOf } from '../core/tensor.js';
import { type Assembler, rcx, rdi, rdx, rsi } from './assembler.js';
import type { Kernel } from './kernel.js';
import { asImage, eachPixel, eachRow, PIXEL, type Rows, type RowsShape, rowAt, rowsOf } from './rows.js';

/** Bytes of the pixels that are pooled into one from that of the first one, in row-major order. */
function windowOf({ extents }: RowsShape): number[] {
  return stridesOf(extents).reduce<number[]>(
    (places, stride) => places.flatMap((place) => [place, place + PIXEL * stride]),
    [0],
  );
}

function halfOf(shape: RowsShape): RowsShape {
  return { ...shape, extents: shape.extents.map((extent) => extent / 2) };
}

/** The rows of what is pooled: the first one that each is made of, and its own. */
function pooledRows(shape: RowsShape): Rows {
  const half = halfOf(shape);
  return rowsOf(half.extents.slice(0, -1), (row) => [
    rowAt(
      shape,
      row.map((at) => 2 * at),
    ),
    rowAt(half, row),
  ]);
}

/** Input: x, of even extents. Output: what is pooled. */
export function pool(code: Assembler, shape: RowsShape): Kernel {
  const [half, rows] = [halfOf(shape), pooledRows(shape)];
  const [first, ...others] = windowOf(shape);
  const maps = [
    { register: rsi, map: 0, offset: 0, shape },
    { register: rdi, map: 'output', offset: 1, shape: half },
  ] as const;
  const phase = eachRow(code, rows, maps, 0, () =>
    eachPixel(code, half.extents.at(-1)!, () => {
      code.loadVector(0, { base: rsi, index: rcx, scale: 2, offset: first! });
      for (const offset of others) code.maximum(0, 0, { base: rsi, index: rcx, scale: 2, offset });
      code.storeVector({ base: rdi, index: rcx }, 0);
    }),
  );
  return { inputs: 1, outputs: [asImage(half)], tables: [rows.table], scratch: 0, phases: [phase] };
}

/** Inputs: x, and dy of what is pooled. Output: dx. */
export function poolGradient(code: Assembler, shape: RowsShape): Kernel {
  const [half, rows, window] = [halfOf(shape), pooledRows(shape), windowOf(shape)];
  const maps = [
    { register: rsi, map: 0, offset: 0, shape },
    { register: rdx, map: 1, offset: 1, shape: half },
    { register: rdi, map: 'output', offset: 0, shape },
  ] as const;
  const [largest, left, given, pixels] = [0, 1, 2, 8];
  const phase = eachRow(code, rows, maps, 0, () =>
    eachPixel(code, half.extents.at(-1)!, () => {
      for (const [k, offset] of window.entries()) {
        code.loadVector(pixels + k, { base: rsi, index: rcx, scale: 2, offset });
        if (k === 0) code.moveVector(largest, pixels);
        else code.maximum(largest, largest, pixels + k);
      }
      code.loadVector(left, { base: rdx, index: rcx });
      for (const [k, offset] of window.entries()) {
        code.compareVectors(2, pixels + k, 'atLeast', largest);
        code.keep(given, left, 2);
        code.storeVector({ base: rdi, index: rcx, scale: 2, offset }, given);
        code.subtractVectors(left, left, given);
      }
    }),
  );
  return { inputs: 2, outputs: [asImage(shape)], tables: [rows.table], scratch: 0, phases: [phase] };
}
