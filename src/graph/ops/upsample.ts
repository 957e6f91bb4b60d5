/** Linear upsampling by 2, 2D and 3D, in the half-pixel convention (features) and with aligned corners (fields). */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { reshape } from './arrange.js';
import { matmul } from './matmul.js';

/** Half-pixel convention (`align_corners = false`): `[N, C, ...S]` to `[N, C, ...2S]`. The backbone's upsampling. */
export function upsample(x: Value): Value {
  const { lowering } = x.graph;
  const y = lowering.upsample?.(x) ?? upsampled(x);
  const adjoint = (dy: Value) => lowering.upsampleGradient?.(dy) ?? halfPixelAdjoint(dy);
  return x.graph.record({ name: 'Upsample', inputs: [x], outputs: [y], backward: ([dy]) => [adjoint(dy!)] });
}

export const linear = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
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
  const weights = Array.from({ length: channels }, () => kernel).flat();
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
    const before = sizeOf(y.shape.slice(0, axis));
    const after = sizeOf(y.shape.slice(axis + 1));
    const matrix = x.graph.constant(alignedMatrix(extent), [2 * extent, extent]);
    y = reshape(matmul(matrix, reshape(y, [before, extent, after])), y.shape.with(axis, 2 * extent));
  }
  return y;
}

function alignedMatrix(extent: number): Float32Array {
  const matrix = new Float32Array(2 * extent * extent);
  for (let row = 0; row < 2 * extent; row++) {
    const position = extent === 1 ? 0 : (row * (extent - 1)) / (2 * extent - 1);
    const low = Math.min(Math.floor(position), extent - 1);
    const high = Math.min(low + 1, extent - 1);
    matrix[row * extent + low]! += 1 - (position - low);
    matrix[row * extent + high]! += position - low;
  }
  return matrix;
}
