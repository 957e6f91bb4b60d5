/**
 * A convolution of 3 × 3, or 3 × 3 × 3, by the project's own operator (`src/kernels`): maps in blocks of channels, a
 * minimal filter along the last two axes, 36 products for a tile of 4 × 4 pixels in place of 144, and nothing between
 * windows and pixels but what stays in a core's cache.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { OWN } from '../lowering.js';
import { reshape } from '../ops/arrange.js';
import { BLOCK, outOfBlocks, planesInBlocks, planesOf } from './blocks.js';

const TILE = 4;
const PRODUCTS = 36;
/** Bytes of a sample that the operator can count. */
const MOST = 2 ** 31;
/**
 * Tiles of a batch, for each tap of the depth, below which the filter, four times as large as its weight, is more work
 * than what it spares.
 */
const TILES = 32;

/** Whether it computes a convolution of maps of this shape, and faster than the runtime. */
export function suitsKernel(x: Value, { shape: [out, channels, ...kernel] }: Pick<Value, 'shape'>): boolean {
  const [depth, height, width, deep] = [...planesOf(x), deepOf(kernel)];
  const tiles = x.shape[0]! * depth * Math.ceil(height / TILE) * Math.ceil(width / TILE);
  const bytes = 4 * Math.max(out!, channels!) * sizeOf(x.shape.slice(2));
  const suits = kernel.every((extent) => extent === 3) && bytes < MOST && tiles >= TILES * deep;
  return suits && out! % BLOCK === 0 && channels! % BLOCK === 0;
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
export function kernelWeightGradient(parts: readonly Value[], dy: Value, kernel: Shape): Value {
  const { graph, shape } = dy;
  const channels = parts.map((part) => part.shape[1]!);
  const weight = [shape[1]!, channels.reduce((a, b) => a + b)];
  const attributes = { shape: [...ofMaps(dy, deepOf(kernel), shape[1]!), ...channels] };
  const inputs = [...parts, dy].map(planesInBlocks);
  const rows = { shape: [...weight, sizeOf(kernel)] };
  const gradient = graph.node(`${OWN}.WeightGradient`, inputs, attributes, [rows])[0]!;
  return reshape(gradient, [...weight, ...kernel]);
}

/** @param filter its shape: outputs, channels, and of an adjoint the channels of the weight and the first of these */
function convOf(parts: readonly Value[], weight: Value, filter: readonly number[], bias?: Value): Value {
  const { graph } = weight;
  const [batch, , ...extents] = parts[0]!.shape as [number, number, ...number[]];
  const [out, channels] = filter as [number, number];
  const deep = deepOf(weight.shape.slice(2));
  const maps = parts.map(planesInBlocks);
  // A filter is four times as large as its weight: it is made when the maps are there, and not before all layers.
  const after = weight.node.fixed ? [] : maps.slice(0, 1);
  const products = { shape: [PRODUCTS, deep * channels, out] };
  const [ready] = graph.node(`${OWN}.Filter`, [weight, ...after], { shape: [deep, ...filter] }, [products]);
  const shape = [...ofMaps(parts[0]!, deep, out), bias ? 1 : 0, ...parts.map((part) => part.shape[1]!)];
  const inputs = [...maps, ready!, ...(bias ? [bias] : [])];
  const [depth, height, width] = planesOf(parts[0]!);
  const y = graph.node(`${OWN}.Conv`, inputs, { shape }, [{ shape: [batch, out, depth * height, width] }])[0]!;
  return reshape(outOfBlocks(y), [batch, out, ...extents]);
}

/** Taps along the depth. */
function deepOf(kernel: Shape): number {
  return kernel.length === 3 ? kernel[0]! : 1;
}

/** What an operator is told of a map `[N, C, ...S]` and its kernel. */
function ofMaps(x: Value, deep: number, out: number): number[] {
  return [x.shape[0]!, ...planesOf(x), deep, out];
}
