/**
 * The gradient of a convolution's weight as a few large matrix products:
 * `dW[o, c, t] = Σ dy[o, p] · x[c, p + t − half]`. One map is *stacked*: its rows moved by every tap of the second last axis,
 * one below the other. The other is *shifted* along the last axis, once for each tap of it. What is moved in from outside is
 * zero. A product of the two gives a line of taps for all channels, and no tap needs a copy of its own.
 */
import { positionsOf, sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { concat, gather, pad, reshape, shift, transpose } from './arrange.js';
import { matmul, swapLast } from './matmul.js';
import { reduceSum } from './reduce.js';

/**
 * @param parts of the input along its channels, `[N, C, ...S]` together, two spatial axes or more
 * @param dy `[N, O, ...S]`
 * @param kernel the kernel's extents, odd
 * @returns `[O, C, ...kernel]`
 */
export function convWeightGradient(parts: readonly Value[], dy: Value, kernel: Shape): Value {
  const channels = parts.reduce((sum, { shape }) => sum + shape[1]!, 0);
  const out = dy.shape[1]!;
  const [batch, pixels] = [dy.shape[0]!, sizeOf(dy.shape.slice(2))];
  // Where the weight is larger than the maps, the product itself sums over the batch.
  const joined = batch > 1 && (sizeOf(kernel) * out * channels) / (out + channels) > pixels;
  const gradients = parts.map((part) => partGradient(part, dy, kernel, joined, joined || channels <= out));
  return concat(gradients, 1);
}

function partGradient(x: Value, dy: Value, kernel: Shape, joined: boolean, stackX: boolean): Value {
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  const out = dy.shape[1]!;
  const pixels = sizeOf(extents);
  if (sizeOf(kernel) === 1) {
    const product = matmul(reshape(dy, [batch, out, pixels]), swapLast(reshape(x, [batch, channels, pixels])));
    return reshape(reduceSum(product, [0]), [out, channels, ...kernel]);
  }
  const lead = kernel.slice(0, -2);
  const [across, along] = kernel.slice(-2) as [number, number];
  const [a, b] = stackX ? [x, dy] : [dy, x];
  const stacked = stackedRows(joined ? joinBatch(a) : a, extents, kernel, stackX);
  const other = joined ? joinBatch(b) : b;
  const products = Array.from({ length: along }, (_, tap) => {
    const columns = shiftedRows(other, tap, along, stackX);
    return stacked.map((rows) => {
      const product = joined ? matmul(columns, swapLast(rows)) : reduceSum(matmul(rows, swapLast(columns)), [0]);
      return reshape(product, [1, sizeOf(product.shape), 1]);
    });
  });
  // Joined element by element, the taps of a line lie where they belong, at half the cost of a transposition.
  const lines = stacked.map((_, line) =>
    concat(
      products.map((ofTap) => ofTap[line]!),
      2,
    ),
  );
  const ofOut: Axis = ['out', out];
  const ofChannels: Axis = ['channels', channels];
  const [upper, lower] = stackX ? [ofChannels, ofOut] : [ofOut, ofChannels];
  const product: Axis[] = joined ? [ofOut, ofChannels, ['across', across]] : [upper, ['across', across], lower];
  const axes: Axis[] = [['lead', sizeOf(lead)], ...product, ['along', along]];
  const gradient = arrange(concat(lines, 0), axes, ['out', 'channels', 'lead', 'across', 'along']);
  return reshape(gradient, [out, channels, ...kernel]);
}

/** `[N, C, ...S]` to `[1, C, ..., N, S_last]`: the batch becomes one more spatial axis. */
function joinBatch(map: Value): Value {
  const rank = map.shape.length;
  const middle = Array.from({ length: rank - 3 }, (_, axis) => axis + 2);
  const moved = transpose(map, [1, ...middle, 0, rank - 1]);
  return reshape(moved, [1, ...moved.shape]);
}

/** For each tap of the leading axes: `[N, C · taps of the second last axis, P]`, with zeros for rows outside of the map. */
function stackedRows(map: Value, extents: Shape, kernel: Shape, forward: boolean): Value[] {
  const [batch, channels] = map.shape as [number, number];
  const rowAxes = extents.length - 1;
  const around = map.shape.map((_, axis) => (axis >= 2 && axis < 2 + rowAxes ? (kernel[axis - 2]! - 1) / 2 : 0));
  const padded = pad(map, around, around);
  const row = sizeOf(padded.shape.slice(2 + rowAxes));
  const rows = padded.shape.slice(2, 2 + rowAxes);
  const flat = reshape(padded, [batch, channels, sizeOf(rows), row]);
  const positions = positionsOf(extents.slice(0, -1));
  const across = kernel[rowAxes - 1]!;
  return positionsOf(kernel.slice(0, rowAxes - 1)).map((leadTap) => {
    const moved = Array.from({ length: across }, (_, tap) => [...leadTap, tap]).flatMap((taps) =>
      positions.map((position) =>
        position.reduce((index, i, axis) => {
          const tap = forward ? taps[axis]! : kernel[axis]! - 1 - taps[axis]!;
          return index * rows[axis]! + i + tap;
        }, 0),
      ),
    );
    const stack = gather(flat, map.graph.integers(moved), 2);
    return reshape(stack, [batch, channels * across, positions.length * row]);
  });
}

/** `[N, C, P]` for a tap of the last axis, with zeros for pixels outside of the map. */
function shiftedRows(map: Value, tap: number, taps: number, forward: boolean): Value {
  const by = (tap - (taps - 1) / 2) * (forward ? 1 : -1);
  const width = map.shape.at(-1)!;
  const moved = width <= SHORT_ROW && by ? shiftedByProduct(map, by) : shift(map, map.shape.length - 1, by);
  return reshape(moved, [map.shape[0]!, map.shape[1]!, sizeOf(map.shape.slice(2))]);
}

/** Up to this length a row is moved faster by a product with a matrix than by itself. */
const SHORT_ROW = 24;

/** What `shift` does along the last axis; exact, since each sum has one term at most. */
function shiftedByProduct(map: Value, by: number): Value {
  const width = map.shape.at(-1)!;
  const matrix = new Float32Array(width * width);
  for (let to = Math.max(0, by); to < Math.min(width, width + by); to++) matrix[(to - by) * width + to] = 1;
  const rows = reshape(map, [sizeOf(map.shape) / width, width]);
  return matmul(rows, map.graph.constant(matrix, [width, width]));
}

type Axis = readonly [name: string, extent: number];

/** Reorders named axes; those of one element are left out, so that a move of one axis stays one. */
function arrange(x: Value, axes: readonly Axis[], order: readonly string[]): Value {
  const present = axes.filter(([, extent]) => extent > 1);
  const kept = order.filter((name) => present.some(([other]) => other === name));
  const positions = kept.map((name) => present.findIndex(([other]) => other === name));
  return transpose(
    reshape(
      x,
      present.map(([, extent]) => extent),
    ),
    positions,
  );
}
