/**
 * Lines of taps of a convolution's weight for a graphics card, where to move a map costs a thread per element. Rows of
 * pixels end in a gap of zeros, so that a tap along them is a slice of all pixels. The map that is stacked is cut into
 * parts as it is stacked; the other is transposed once, and its taps are slices of that.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { concat, gather, pad, reshape, slice, transpose } from '../ops/arrange.js';
import { matmul } from '../ops/matmul.js';
import { reduceSum } from '../ops/reduce.js';
import { movedRows } from './rows.js';
import { partsOf } from './split-product.js';
import type { Line } from './weight-gradient.js';

/** Numbers that the card reads at once. */
const WORD = 4;

/** For each tap of the leading axes a line of taps for all channels: `[rows of the product, along]`. */
export function linesByColumns({ stack, others, extents, kernel, forward }: Line): Value[] {
  const other = concat(others, 1);
  const [batch, channels] = other.shape as [number, number];
  const [across, along] = kernel.slice(-2) as [number, number];
  const rows = extents.slice(0, -1);
  const count = sizeOf(rows);
  const width = extents.at(-1)!;
  const half = (along - 1) / 2;
  const stacked = stack.shape[1]! * across;
  const parts = partsOf([batch, stacked, channels], count, width);
  const height = count / parts;
  let line = width + half;
  while ((height * line) % WORD !== 0) line++;
  const pixels = height * line;

  const flat = pad(reshape(other, [batch, channels, count, width]), [0, 0, 1, 0], [0, 0, 1, line - width]);
  const columns = transpose(reshape(flat, [batch, channels, (count + 2) * line]), [0, 2, 1]);
  const taps = Array.from({ length: along }, (_, tap) => {
    const begin = line + (forward ? half - tap : tap - half);
    const moved = slice(columns, [1], [begin], [begin + count * line]);
    return reshape(moved, [batch, parts, pixels, channels]);
  });
  return stackedParts(stack, { rows, kernel, forward, parts, line }).map((ofLead) => {
    const products = taps.map((tap) => {
      const product = reshape(matmul(ofLead, tap), [batch, parts, stacked * channels]);
      return reshape(reduceSum(reduceSum(product, [1]), [0]), [stacked * channels, 1]);
    });
    return concat(products, 1);
  });
}

interface Parts {
  /** The extents of the axes before the last. */
  readonly rows: Shape;
  readonly kernel: Shape;
  readonly forward: boolean;
  readonly parts: number;
  /** The length of a row with its gap. */
  readonly line: number;
}

/**
 * For each tap of the leading axes the rows moved by every tap of the second last axis, with zeros for rows outside of
 * the map, in parts of the pixels: each `[N, parts, C · taps of the second last axis, pixels of a part]`.
 */
function stackedParts(map: Value, { rows, kernel, forward, parts, line }: Parts): Value[] {
  const { graph } = map;
  const [batch, channels] = map.shape as [number, number];
  const halves = rows.map((_, axis) => (kernel[axis]! - 1) / 2);
  const padded = pad(map, [0, 0, ...halves, 0], [0, 0, ...halves, line - map.shape.at(-1)!]);
  const extents = padded.shape.slice(2, -1);
  const flat = reshape(padded, [batch, channels * sizeOf(extents), line]);
  const across = kernel.at(-2)!;
  const height = sizeOf(rows) / parts;
  const ofChannels = graph.integers(
    Array.from({ length: channels }, (_, channel) => channel * sizeOf(extents)),
    [channels, 1, 1],
  );
  return movedRows(rows, kernel, forward).map((ofTaps) => {
    const moved = Array.from({ length: parts }, (_, part) =>
      ofTaps.flatMap((ofTap) => ofTap.slice(part * height, (part + 1) * height)),
    ).flat();
    const shape = [parts, channels, across, height];
    const ofRows = graph.integers(moved, [parts, 1, across, height]);
    const indices = graph.node('Add', [ofRows, ofChannels], {}, [{ shape, dtype: 'int64' }])[0]!;
    return reshape(gather(flat, indices, 1), [batch, parts, channels * across, height * line]);
  });
}
