/**
 * Convolution with an odd kernel, stride 1 and "same" padding, 2D and 3D. The gradient of the input is a convolution with
 * the transposed, flipped weight. The gradient of the weight is a matrix product: the padded input is one flat row per
 * channel, so that each tap of the kernel is one contiguous slice of it.
 */
import { sizeOf } from '../../core/tensor.js';
import { type Shape, shapeError, show, type Value } from '../graph.js';
import { concat, gather, pad, reshape, slice, transpose } from './arrange.js';
import { matmul, swapLast } from './matmul.js';
import { reduceSum } from './reduce.js';

/** Below this many pixels the taps are gathered into one matrix product; above, each tap is a product of its own. */
const GATHERED_PIXELS = 512;

/**
 * @param x `[N, C, ...S]`
 * @param weight `[O, C, ...k]`, `k` odd
 * @param bias `[O]`
 * @returns `[N, O, ...S]`
 */
export function conv(x: Value, weight: Value, bias: Value): Value {
  const kernel = weight.shape.slice(2);
  const fits = weight.shape.length === x.shape.length && weight.shape[1] === x.shape[1];
  if (!fits || bias.shape.join() !== `${weight.shape[0]}` || kernel.some((extent) => extent % 2 === 0)) {
    throw shapeError('Conv', 'expected [N, C, ...S], [O, C, ...odd] and [O]', x.shape, weight.shape, bias.shape);
  }
  const y = same(x, weight, bias);
  return x.graph.record({
    name: 'Conv',
    inputs: [x, weight, bias],
    outputs: [y],
    backward: ([dy], [wantX, wantWeight, wantBias]) => [
      wantX ? same(dy!, flipped(weight)) : null,
      wantWeight ? weightGradient(x, dy!, weight.shape) : null,
      wantBias ? reshape(reduceSum(dy!, axesBut(dy!, 1)), bias.shape) : null,
    ],
  });
}

function same(x: Value, weight: Value, bias?: Value): Value {
  const half = weight.shape.slice(2).map((extent) => (extent - 1) / 2);
  const shape = [x.shape[0]!, weight.shape[0]!, ...x.shape.slice(2)];
  return x.graph.node('Conv', bias ? [x, weight, bias] : [x, weight], { pads: [...half, ...half] }, [{ shape }])[0]!;
}

/** `[O, C, ...k]` to `[C, O, ...k]`, with the kernel mirrored. */
function flipped(weight: Value): Value {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  const taps = sizeOf(kernel);
  const swapped = transpose(reshape(weight, [out, channels, taps]), [1, 0, 2]);
  if (taps === 1) return reshape(swapped, [channels, out, ...kernel]);
  const mirror = weight.graph.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  return reshape(gather(swapped, mirror, 2), [channels, out, ...kernel]);
}

function weightGradient(x: Value, dy: Value, shape: Shape): Value {
  const [out, channels, ...kernel] = shape as [number, number, ...number[]];
  const batch = x.shape[0]!;
  const extents = x.shape.slice(2);
  if (sizeOf(kernel) === 1) {
    const pixels = sizeOf(extents);
    const product = matmul(reshape(dy, [batch, out, pixels]), swapLast(reshape(x, [batch, channels, pixels])));
    return reshape(reduceSum(product, [0]), shape);
  }
  // On the padded grid, tap t of pixel i lies at the flat index i + offset(t). Columns beyond the map hold a zero
  // gradient, so what the slice reads there does not count; the zeros behind the last pixel are left out.
  const half = kernel.map((extent) => (extent - 1) / 2);
  const padded = extents.map((extent, axis) => extent + 2 * half[axis]!);
  const flat = (index: readonly number[]) => index.reduce((sum, i, axis) => sum * padded[axis]! + i, 0);
  const length = flat(extents.map((extent) => extent - 1)) + 1;
  const rowExtent = [extents[0]!, ...padded.slice(1)];
  const wide = pad(dy, [0, 0, ...half.map(() => 0)], [0, 0, ...rowExtent.map((e, axis) => e - extents[axis]!)]);
  const rows = slice(reshape(wide, [batch, out, sizeOf(rowExtent)]), [2], [0], [length]);
  const source = reshape(pad(x, [0, 0, ...half], [0, 0, ...half]), [batch, channels, sizeOf(padded)]);
  const offsets = tapIndices(kernel).map(flat);
  const taps = offsets.map((offset) => slice(source, [2], [offset], [offset + length]));
  if (sizeOf(extents) <= GATHERED_PIXELS) {
    const product = matmul(rows, swapLast(concat(taps, 1)));
    const summed = reduceSum(product, [0]);
    return reshape(transpose(reshape(summed, [out, offsets.length, channels]), [0, 2, 1]), shape);
  }
  const products = taps.map((tap) => reshape(reduceSum(matmul(rows, swapLast(tap)), [0]), [out, channels, 1]));
  return reshape(concat(products, 2), shape);
}

/** The positions in a kernel, in row-major order. */
function tapIndices(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (indices, extent) => indices.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  );
}

function axesBut(x: Value, kept: number): number[] {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== kept);
  if (axes.length === 0) throw shapeError('Conv', `nothing to sum in ${show(x.shape)}`);
  return axes;
}
