/** Linear upsampling by 2, 2D and 3D, in the half-pixel convention (features) and with aligned corners (fields). */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { reshape } from './arrange.js';
import { matmul } from './matmul.js';

/** Half-pixel convention (`align_corners = false`): `[N, C, ...S]` to `[N, C, ...2S]`. The backbone's upsampling. */
export function upsample(x: Value): Value {
  const { lowering } = x.graph;
  const y = x.graph.unrecorded(() => lowering.upsample?.(x) ?? upsampled(x));
  const adjoint = (dy: Value) => lowering.upsampleGradient?.(dy) ?? halfPixelAdjoint(dy);
  return x.graph.record({ name: 'Upsample', inputs: [x], outputs: [y], backward: ([dy]) => [adjoint(dy!)] });
}

export const linear = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
/** Where an element of twice as many lies. */
export const halfPixel = (row: number) => (row - 0.5) / 2;
export const doubled = (shape: Shape) => shape.map((extent, axis) => (axis < 2 ? extent : 2 * extent));

function upsampled(x: Value): Value {
  const { graph } = x;
  const scales = graph.constant(x.shape.map((_, axis) => (axis < 2 ? 1 : 2)));
  return graph.node('Resize', [x, graph.constant([], [0]), scales], linear, [{ shape: doubled(x.shape) }])[0]!;
}

/** What a pixel gave to the four that lie around it, along each axis. */
export const TAPS = [0.25, 0.75, 0.75, 0.25];
/** The edge is repeated once, then a 4-tap filter with stride 2 on each channel collects what each pixel gave. */
export function halfPixelAdjoint(dy: Value): Value {
  const { graph } = dy;
  const [batch, channels, ...extents] = dy.shape as [number, number, ...number[]];
  const around = [0, 0, ...extents.map(() => 1)];
  const wide = dy.shape.map((extent, axis) => extent + 2 * around[axis]!);
  const pads = graph.integers([...around, ...around]);
  const padded = graph.node('Pad', [dy, pads], { mode: 'edge' }, [{ shape: wide }])[0]!;
  const kernel = outer(...extents.map(() => TAPS));
  const weights = Float32Array.from({ length: channels * kernel.length }, (_, at) => kernel[at % kernel.length]!);
  const weight = graph.constant(weights, [channels, 1, ...extents.map(() => TAPS.length)]);
  const attributes = { strides: extents.map(() => 2), group: channels };
  const shape = [batch, channels, ...extents.map((extent) => extent / 2)];
  return graph.node('Conv', [padded, weight], attributes, [{ shape }])[0]!;
}

/** The products of one factor of each list, in row-major order. */
export function outer(...lists: readonly (readonly number[])[]): number[] {
  return lists.reduce<number[]>((products, list) => products.flatMap((a) => list.map((b) => a * b)), [1]);
}

/**
 * Aligned corners: `[N, C, ...S]` to `[N, C, ...2S]` by one small matrix along each axis. For fields of few channels.
 */
export function upsampleAligned(x: Value): Value {
  let y = x;
  for (let axis = 2; axis < x.shape.length; axis++) {
    const extent = y.shape[axis]!;
    const last = extent - 1;
    const matrix = doubling(extent, (row) => (row * last) / (2 * extent - 1));
    y = alongAxis(y, axis, matrix);
  }
  return y;
}

/** @param matrix a row for each element that an axis is to have, of as many factors as it has elements */
export function alongAxis(x: Value, axis: number, matrix: readonly Float32Array[]): Value {
  const extent = x.shape[axis]!;
  const flat = reshape(x, [sizeOf(x.shape.slice(0, axis)), extent, sizeOf(x.shape.slice(axis + 1))]);
  const factors = new Float32Array(matrix.length * extent);
  for (const [index, row] of matrix.entries()) factors.set(row, index * extent);
  const product = matmul(x.graph.constant(factors, [matrix.length, extent]), flat);
  return reshape(product, x.shape.with(axis, matrix.length));
}

/**
 * The matrix that makes twice as many elements of an axis, between its elements by what is nearer.
 * @param position where an element of the result lies; outside of the axis it has the value of its edge
 */
export function doubling(extent: number, position: (row: number) => number): Float32Array[] {
  return Array.from({ length: 2 * extent }, (_, row) => {
    const factors = new Float32Array(extent);
    const at = Math.min(Math.max(position(row), 0), extent - 1);
    const low = Math.floor(at);
    factors[low]! += 1 - (at - low);
    if (at > low) factors[low + 1]! += at - low;
    return factors;
  });
}
