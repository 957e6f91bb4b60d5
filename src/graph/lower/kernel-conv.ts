/**
 * A convolution of 3 × 3 by the project's own operator (`src/kernels`): maps in blocks of channels, a minimal filter
 * along both axes, 36 products for a tile of 4 × 4 pixels in place of 144, and nothing between windows and pixels but
 * what stays in a core's cache.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { OWN } from '../lowering.js';
import { BLOCK, inBlocks, outOfBlocks } from './blocks.js';

const TILE = 4;
const PRODUCTS = 36;
/** Bytes of a sample that the operator can count. */
const MOST = 2 ** 31;
/** Tiles of a batch below which the filter, four times as large as its weight, is more work than what it spares. */
const TILES = 32;

/** Whether it computes a convolution of maps of this shape, and faster than the runtime. */
export function suitsKernel(x: Value, { shape: [out, channels, ...kernel] }: Pick<Value, 'shape'>): boolean {
  const tiles = x.shape[0]! * x.shape.slice(2).reduce((product, extent) => product * Math.ceil(extent / TILE), 1);
  const bytes = 4 * Math.max(out!, channels!) * sizeOf(x.shape.slice(2));
  return kernel.join() === '3,3' && bytes < MOST && out! % BLOCK === 0 && channels! % BLOCK === 0 && tiles >= TILES;
}

/** Of a map in parts along its channels, each of whole blocks. */
export function kernelConv(parts: readonly Value[], weight: Value, bias: Value | undefined): Value {
  const [out, channels] = weight.shape as [number, number];
  return convOf(parts, weight, [out, channels], bias);
}

/** The gradient of `count` channels of the input from `begin` on. */
export function kernelAdjoint(dy: Value, weight: Value, begin: number, count: number): Value {
  const [out, all] = weight.shape as [number, number];
  return convOf([dy], weight, [count, out, all, begin]);
}

/** The gradient of the weight, of a map in parts along its channels. */
export function kernelWeightGradient(parts: readonly Value[], dy: Value): Value {
  const { graph, shape } = dy;
  const channels = parts.map((part) => part.shape[1]!);
  const weight = [shape[1]!, channels.reduce((a, b) => a + b), 3, 3];
  const attributes = { shape: [...shape, ...channels] };
  const inputs = [...parts.map(inBlocks), inBlocks(dy)];
  return graph.node(`${OWN}.WeightGradient`, inputs, attributes, [{ shape: weight }])[0]!;
}

/** @param filter its shape: outputs, channels, and of an adjoint the channels of the weight and the first of these */
function convOf(parts: readonly Value[], weight: Value, filter: readonly number[], bias?: Value): Value {
  const { graph } = weight;
  const [batch, , height, width] = parts[0]!.shape as [number, number, number, number];
  const [out, channels] = filter as [number, number];
  const maps = parts.map(inBlocks);
  // A filter is four times as large as its weight: it is made when the maps are there, and not before all layers.
  const after = weight.node.fixed ? [] : maps.slice(0, 1);
  const products = { shape: [PRODUCTS, channels, out] };
  const [ready] = graph.node(`${OWN}.Filter`, [weight, ...after], { shape: filter }, [products]);
  const shape = [batch, out, height, width, bias ? 1 : 0, ...parts.map((part) => part.shape[1]!)];
  const inputs = [...maps, ready!, ...(bias ? [bias] : [])];
  return outOfBlocks(graph.node(`${OWN}.Conv`, inputs, { shape }, [{ shape: [batch, out, height, width] }])[0]!);
}
