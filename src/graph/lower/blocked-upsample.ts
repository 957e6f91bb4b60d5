/**
 * Linear upsampling by 2 of maps in blocks of channels, and its gradient. Of volumes the slices are channels, once a
 * small matrix has made, or collected, twice as many.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { reshape } from '../ops/arrange.js';
import { add } from '../ops/elementwise.js';
import { matmul } from '../ops/matmul.js';
import { alongAxis, doubled, doubling, halfPixel, linear, outer, TAPS } from '../ops/upsample.js';
import { BLOCK, inBlocks, inBlocksNode, outOfBlocks } from './blocks.js';

/** What a pixel gave besides to a pixel beyond the edge. */
const EDGE = 0.25;

const suits = ({ shape: [, channels, ...extents] }: Value) =>
  (channels! * (extents.length === 3 ? extents[0]! : 1)) % BLOCK === 0;

/** Slices as channels: `[N, C, D, H, W]` to `[N, C · D, H, W]`. */
const asChannels = (x: Value) => reshape(x, [x.shape[0]!, x.shape[1]! * x.shape[2]!, ...x.shape.slice(3)]);

/** Half the time of `Resize`, and a convolution that follows finds its blocks. */
export function upsampledInBlocks(x: Value): Value | undefined {
  if (!suits(x)) return undefined;
  if (x.shape.length === 4) return upsampledPlanes(x);
  const deep = alongAxis(x, 2, doubling(x.shape[2]!, halfPixel));
  return reshape(upsampledPlanes(asChannels(deep)), doubled(x.shape));
}

export function adjointInBlocks(dy: Value): Value | undefined {
  if (!suits(dy)) return undefined;
  if (dy.shape.length === 4) return adjointOfPlanes(dy);
  const [batch, channels, depth, ...plane] = dy.shape as [number, number, number, ...number[]];
  const planes = adjointOfPlanes(asChannels(dy));
  const deep = reshape(planes, [batch, channels, depth, ...plane.map((extent) => extent / 2)]);
  const given = doubling(depth / 2, halfPixel);
  const collecting = Array.from(given[0]!, (_, slice) => Float32Array.from(given, (factors) => factors[slice]!));
  return alongAxis(deep, 2, collecting);
}

function upsampledPlanes(x: Value): Value {
  return outOfBlocks(inBlocksNode('Upsample', [inBlocks(x)], { scales: [1, 1, 2, 2], ...linear }, doubled(x.shape)));
}

/**
 * The gradient without a copy that has the edge twice: the filter sees zeros there, and what it misses is added, line
 * by line.
 */
function adjointOfPlanes(dy: Value): Value {
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

/**
 * A filter on each channel, the product of one along each axis; those of more than one tap reach beyond the edge by
 * one.
 */
function collected(blocks: Value, filters: readonly number[][], strides: readonly number[]): Value {
  const [batch, channels, ...extents] = blocks.shape as [number, number, ...number[]];
  const taps = filters.map(({ length }) => length);
  const around = taps.map((count) => (count > 1 ? 1 : 0));
  const filter = outer(...filters);
  const weights = Float32Array.from({ length: channels * filter.length }, (_, at) => filter[at % filter.length]!);
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
