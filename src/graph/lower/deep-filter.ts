/**
 * A convolution of 3 × 3 × 3 in blocks of channels by a minimal filter along the depth (Winograd 1980): 6 products of
 * slices for 4 slices in place of 12. Slices are samples, so that a product with a small matrix weighs all of them, and
 * the products of slices are one convolution of 3 × 3 in 6 groups.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { concat, reshape, transpose } from '../ops/arrange.js';
import { weightParts } from '../ops/conv.js';
import { matmul } from '../ops/matmul.js';
import { cuts } from './bands.js';
import { biasOfGroups, inBlocks, inBlocksNode, outOfBlocks, weightInBlocks } from './blocks.js';
import { minimalFilter, productsOfOnes } from './minimal-filter.js';

const TILE = 4;
const TAPS = 3;

const along = minimalFilter(TILE, TAPS);
const PRODUCTS = along.ofWindow.length;
/** What gives the bias in every slice. */
const ONES = productsOfOnes(along);

/** Of the products of slices so many at most may remain: those of a tile that reaches beyond the volume are wasted. */
const REMAINING = 0.7;
/** Slices for each channel of the result from which on weighing them takes longer than the products that it spares. */
const DEEPEST = 8;
/** Voxels of a batch from which on that outweighs weights which are twice as large. */
const VOXELS = 2048;
/** Elements of weighed slices that are there at once, above which the tiles go in bands. */
const MOST = 2 ** 24;

const attributes = {
  kernel_shape: [TAPS, TAPS],
  pads: [1, 1, 1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  group: PRODUCTS,
};

export function deepFilterPays({ shape: [batch, , ...extents] }: Value, weight: Value): boolean {
  const [out, , ...kernel] = weight.shape as [number, number, ...number[]];
  const depth = extents[0]!;
  const remaining = (PRODUCTS * Math.ceil(depth / TILE)) / (TAPS * depth);
  return (
    kernel.join() === `${TAPS},${TAPS},${TAPS}` &&
    batch! * sizeOf(extents) >= VOXELS &&
    remaining <= REMAINING &&
    depth <= DEEPEST * out
  );
}

/**
 * @param parts of the volume along its channels, `[N, C, D, H, W]`
 * @param weight `[O, channels of all parts, 3, 3, 3]`
 * @returns `[N, O, D, H, W]`
 */
export function deepFilteredConv(parts: readonly Value[], weight: Value, bias: Value | undefined): Value {
  const { graph } = parts[0]!;
  const [batch, , depth, height, width] = parts[0]!.shape as [number, number, number, number, number];
  const out = weight.shape[0]!;
  const plane = height * width;
  const tiles = Math.ceil(depth / TILE);
  const weights = weightParts(weight, parts).map((part) => weightInBlocks(ofTaps(part)));
  const slices = parts.map((part) => reshape(slicesInBlocks(part), [batch, depth, part.shape[1]! * plane]));
  const widest = Math.max(...parts.map(({ shape }) => shape[1]!));
  const bands = Math.ceil((batch * tiles * PRODUCTS * widest * plane) / MOST);
  const results = cuts(tiles, Math.min(bands, tiles)).map(([from, to]) => {
    const rows = PRODUCTS * (to - from);
    const taking = graph.constant(ofSlices(depth, from, to).flat(), [rows, depth]);
    let products: Value | undefined;
    for (const [k, part] of parts.entries()) {
      const groups = PRODUCTS * part.shape[1]!;
      const weighed = reshape(matmul(taking, slices[k]!), [batch * (to - from), groups, height, width]);
      const inputs = [weighed, weights[k]!];
      if (products) inputs.push(graph.constant(new Float32Array(PRODUCTS * out)), products);
      else if (bias) inputs.push(biasOfGroups(bias, ONES));
      products = inBlocksNode('Conv', inputs, attributes, [batch * (to - from), PRODUCTS * out, height, width]);
    }
    // Tiles give slices of their own, so that a part of them needs no more than a part of the matrix.
    const own = Math.min(depth, to * TILE) - from * TILE;
    const part = own % TILE === 0 ? partOf(own) : own;
    const giving = toSlices(part);
    const inParts = reshape(products!, [(batch * own) / part, giving[0]!.length, out * plane]);
    const given = matmul(graph.constant(giving.flat(), [part, giving[0]!.length]), inParts);
    return reshape(given, [batch, own, out * plane]);
  });
  const planes = outOfBlocks(reshape(concat(results, 1), [batch * depth, out, height, width]));
  const moved = transpose(reshape(planes, [batch, depth, out, plane]), [0, 2, 1, 3]);
  return reshape(moved, [batch, out, depth, height, width]);
}

/** The most slices up to 16 that a depth is a multiple of, whole tiles. */
function partOf(depth: number): number {
  return [16, 12, 8, TILE].find((slices) => depth % slices === 0)!;
}

/** `[N, C, D, H, W]` as `[N · D, C, H, W]` in blocks. */
function slicesInBlocks(x: Value): Value {
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const moved = transpose(reshape(x, [batch, channels, depth, height * width]), [0, 2, 1, 3]);
  return inBlocks(reshape(moved, [batch * depth, channels, height, width]));
}

/** The windows of tiles weighed: a row for each product of each tile, over the slices of the volume. */
function ofSlices(depth: number, from: number, to: number): number[][] {
  return Array.from({ length: to - from }, (_, tile) =>
    along.ofWindow.map((row) =>
      Array.from({ length: depth }, (_, slice) => row[slice - (from + tile) * TILE + 1] ?? 0),
    ),
  ).flat();
}

/** The slices of the result: a row for each, over the products of all tiles. */
function toSlices(depth: number): number[][] {
  const tiles = Math.ceil(depth / TILE);
  return Array.from({ length: depth }, (_, slice) =>
    Array.from({ length: tiles }, (_, tile) =>
      Math.floor(slice / TILE) === tile ? along.toTaps[slice % TILE]! : new Array<number>(PRODUCTS).fill(0),
    ).flat(),
  );
}

/** `[O, C, 3, 3, 3]` to the weights of the products, a group each: `[6 · O, C, 3, 3]`. */
function ofTaps(weight: Value): Value {
  const [out, channels] = weight.shape as [number, number];
  const taps = reshape(weight, [out * channels, TAPS, TAPS ** 2]);
  const products = matmul(weight.graph.constant(along.ofTile.flat(), [PRODUCTS, TAPS]), taps);
  const groups = transpose(products, [1, 0, 2]);
  return reshape(groups, [PRODUCTS * out, channels, TAPS, TAPS]);
}
