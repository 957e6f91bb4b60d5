/** Linear upsampling by 2, 2D and 3D, in the half-pixel convention (features) and with aligned corners (fields). */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { reshape } from './arrange.js';
import { BLOCK, inBlocks, inBlocksNode, outOfBlocks } from './blocks.js';
import { add } from './elementwise.js';
import { matmul } from './matmul.js';

/** Half-pixel convention (`align_corners = false`): `[N, C, ...S]` to `[N, C, ...2S]`. The backbone's upsampling. */
export function upsample(x: Value): Value {
  const inPlane = x.graph.target === 'x64' && x.shape.length === 4 && x.shape[1]! % BLOCK === 0;
  const [forward, adjoint] = inPlane ? [upsampledInBlocks, adjointInBlocks] : [upsampled, halfPixelAdjoint];
  const y = forward(x);
  return x.graph.record({ name: 'Upsample', inputs: [x], outputs: [y], backward: ([dy]) => [adjoint(dy!)] });
}

const linear = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
const doubled = (shape: Shape) => shape.map((extent, axis) => (axis < 2 ? extent : 2 * extent));

function upsampled(x: Value): Value {
  const { graph } = x;
  const scales = graph.constant(x.shape.map((_, axis) => (axis < 2 ? 1 : 2)));
  return graph.node('Resize', [x, graph.constant([], [0]), scales], linear, [{ shape: doubled(x.shape) }])[0]!;
}

/** Half the time of `Resize`, and a convolution that follows finds its blocks. */
function upsampledInBlocks(x: Value): Value {
  return outOfBlocks(inBlocksNode('Upsample', [inBlocks(x)], { scales: [1, 1, 2, 2], ...linear }, doubled(x.shape)));
}

/** What a pixel gave to the four that lie around it, along each axis. */
const TAPS = [0.25, 0.75, 0.75, 0.25];
/** What it gave besides to a pixel beyond the edge. */
const EDGE = 0.25;

/** The edge is repeated once, then a 4-tap filter with stride 2 on each channel collects what each pixel gave. */
function halfPixelAdjoint(dy: Value): Value {
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

/** The same without a copy that has the edge twice: the filter sees zeros there, and what it misses is added, line by line. */
function adjointInBlocks(dy: Value): Value {
  const [height, width] = dy.shape.slice(2) as [number, number];
  const blocks = inBlocks(dy);
  const [first, last] = [height - 1, width - 1];
  const inside = collected(blocks, [TAPS, TAPS], [2, 2]);
  const rows = collected(blocks, [[EDGE], TAPS], [first, 2]);
  const columns = collected(blocks, [TAPS, [EDGE]], [2, last]);
  const corners = collected(blocks, [[EDGE], [EDGE]], [first, last]);
  const shape = inside.shape;
  const ofRows = atEnds(add(rows, atEnds(corners, rows.shape, 3)), shape, 2);
  return dy.graph.node('Sum', [inside, ofRows, atEnds(columns, shape, 3)], {}, [inside])[0]!;
}

/** A filter on each channel, the product of one along each axis; those of more than one tap reach beyond the edge by one. */
function collected(blocks: Value, filters: readonly number[][], strides: readonly number[]): Value {
  const [batch, channels, ...extents] = blocks.shape as [number, number, ...number[]];
  const taps = filters.map(({ length }) => length);
  const around = taps.map((count) => (count > 1 ? 1 : 0));
  const weights = Array.from({ length: channels }, () => outer(...filters)).flat();
  const weight = inBlocks(blocks.graph.constant(weights, [1, channels, ...taps]));
  const attributes = {
    kernel_shape: taps,
    pads: [...around, ...around],
    strides,
    dilations: [1, 1],
    group: channels,
  };
  const counts = extents.map((extent, axis) =>
    Math.floor((extent + 2 * around[axis]! - taps[axis]!) / strides[axis]! + 1),
  );
  const inputs = [blocks, reshape(weight, [channels, 1, ...taps])];
  return outOfBlocks(inBlocksNode('Conv', inputs, attributes, [batch, channels, ...counts]));
}

/** A map that has two elements of `ends` first and last along an axis, the second last or last, and zeros between. */
function atEnds(ends: Value, shape: Shape, axis: 2 | 3): Value {
  const extent = shape[axis]!;
  const place = new Float32Array(2 * extent);
  place[0] = place[2 * extent - 1] = 1;
  if (axis === 2) return matmul(ends.graph.constant(place, [extent, 2]), ends);
  const rows = reshape(ends, [sizeOf(ends.shape) / 2, 2]);
  return reshape(matmul(rows, ends.graph.constant(place, [2, extent])), shape);
}

/** The products of one factor of each list, in row-major order. */
function outer(...lists: readonly (readonly number[])[]): number[] {
  return lists.reduce<number[]>((products, list) => products.flatMap((a) => list.map((b) => a * b)), [1]);
}

/** Aligned corners: `[N, C, ...S]` to `[N, C, ...2S]` by one small matrix along each axis. For fields of few channels. */
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
