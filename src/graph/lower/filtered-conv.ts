/**
 * A convolution of 3 × 3 in blocks of channels by a minimal filter along both axes (Winograd 1980; Lavin and Gray
 * 2016), for weights that are the same in every run: 36 products for a tile of 4 × 4 pixels in place of 144. Windows of
 * 6 × 6 pixels are weighed by convolutions of each channel for itself, the products are one convolution of 1 × 1 in 36
 * groups, and a product with a small matrix makes the pixels of them.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { concat, reshape, transpose } from '../ops/arrange.js';
import { weightParts } from '../ops/conv.js';
import { matmul, swapLast } from '../ops/matmul.js';
import { outer } from '../ops/upsample.js';
import { BLOCK, biasOfGroups, blockLength, inBlocks, inBlocksNode } from './blocks.js';
import { minimalFilter, productsOfOnes } from './minimal-filter.js';

const TILE = 4;
const TAPS = 3;
const SPARED = TAPS ** 2 - ((TILE + TAPS - 1) / TILE) ** 2;
/** What it costs besides, in multiplications of a product, per pixel and channel in and out. */
const WINDOWS = 250;
const PIXELS = 600;
/**
 * Multiplications of one tap, over all pixels and channels, below which nothing is spared: the operators around it and
 * weights that are four times as large take as long.
 */
const LEAST = 2 ** 28;

const along = minimalFilter(TILE, TAPS);
/** Products of a tile, each a pair of one for each axis. */
const PRODUCTS = along.ofWindow.length ** 2;
/** Along an axis what gives the bias in every pixel. */
const ONES = productsOfOnes(along);

/**
 * Whether the products that are spared outweigh what is done around them. Where the weight changes from run to run they
 * do not: it is four times as large when it is ready, and the memory a fifth more.
 */
export function filterPays({ shape: [batch, , ...extents] }: Value, weight: Value): boolean {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  if (!weight.node.fixed || kernel.join() !== `${TAPS},${TAPS}`) return false;
  if (extents.some((extent) => extent % TILE !== 0)) return false;
  if (batch! * sizeOf(extents) * channels * out < LEAST) return false;
  return SPARED * channels * out >= WINDOWS * channels + PIXELS * out;
}

/**
 * @param parts of the map along its channels, in blocks, `[N, C, H, W]`, H and W divisible by 4
 * @param weight `[O, channels of all parts, 3, 3]`, as it is
 * @returns `[N, O, H, W]` in blocks
 */
export function filteredConv(parts: readonly Value[], weight: Value, bias: Value | undefined): Value {
  const { graph } = parts[0]!;
  const [batch, , height, width] = parts[0]!.shape as [number, number, number, number];
  const out = weight.shape[0]!;
  const [rows, columns] = [height / TILE, width / TILE];
  const attributes = { ...pointwise, group: PRODUCTS };
  const shape = [batch, PRODUCTS * out, rows, columns];
  const weights = weightParts(weight, parts);
  let products: Value | undefined;
  for (const [k, part] of parts.entries()) {
    const inputs = [concat(ofWindows(part), 1), ofWeight(weights[k]!)];
    if (products) inputs.push(graph.constant(new Float32Array(PRODUCTS * out)), products);
    else if (bias) inputs.push(biasOfGroups(bias, outer(ONES, ONES)));
    products = inBlocksNode('Conv', inputs, attributes, shape);
  }
  const elements = out * rows * columns;
  const toPixels = graph.constant(pairs(along.toTaps).flat(), [TILE ** 2, PRODUCTS]);
  const pixels = matmul(toPixels, reshape(products!, [batch, PRODUCTS, elements]));
  // [N, 4, 4, O / b · rows, columns, b], b as the runtime has it.
  const tiles = [batch, TILE, TILE, (out / BLOCK) * rows, columns, BLOCK];
  const known = graph.integers([batch, TILE, TILE, -1, columns]);
  const length = graph.node('Concat', [known, blockLength(graph)], { axis: 0 }, [{ shape: [6], dtype: 'int64' }])[0]!;
  const cut = graph.node('Reshape', [pixels, length], {}, [{ shape: tiles }])[0]!;
  return reshape(transpose(cut, [0, 3, 1, 4, 2, 5]), [batch, out, height, width]);
}

const pointwise = { kernel_shape: [1, 1], pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1] };

/** For each product, the windows of all tiles weighed: along the columns, then along the rows. */
function ofWindows(part: Value): Value[] {
  const [batch, channels, height, width] = part.shape as [number, number, number, number];
  const size = along.ofWindow.length;
  const weighed = (map: Value, taps: readonly number[], kernel: Shape, shape: Shape) => {
    const axis = kernel.indexOf(size);
    const at = (value: number, otherwise: number) => [0, 1].map((other) => (other === axis ? value : otherwise));
    const weights = Array.from({ length: channels }, () => taps).flat();
    const weight = inBlocks(map.graph.constant(weights, [1, channels, ...kernel]));
    const attributes = {
      kernel_shape: kernel,
      pads: [...at(1, 0), ...at(1, 0)],
      strides: at(TILE, 1),
      dilations: [1, 1],
      group: channels,
    };
    return inBlocksNode('Conv', [map, reshape(weight, [channels, 1, ...kernel])], attributes, shape);
  };
  const shapes = [
    [batch, channels, height / TILE, width],
    [batch, channels, height / TILE, width / TILE],
  ] as const;
  return along.ofWindow.flatMap((down) => {
    const lines = weighed(part, down, [size, 1], shapes[0]);
    return along.ofWindow.map((across) => weighed(lines, across, [1, size], shapes[1]));
  });
}

/** `[O, C, 3, 3]` to the weights of the products, a group each, in blocks: `[36 · O, C, 1, 1]`. */
function ofWeight(weight: Value): Value {
  const [out, channels] = weight.shape as [number, number];
  const ofTile = weight.graph.constant(pairs(along.ofTile).flat(), [PRODUCTS, TAPS ** 2]);
  const weights = matmul(ofTile, swapLast(reshape(weight, [out * channels, TAPS ** 2])));
  // Of one tap the inputs' channels lie in blocks as they are.
  return reshape(inBlocks(reshape(weights, [PRODUCTS, out, 1, channels])), [PRODUCTS * out, channels, 1, 1]);
}

/** The products of two rows, one for each axis. */
function pairs(rows: readonly (readonly number[])[]): number[][] {
  return rows.flatMap((down) => rows.map((across) => outer(down, across)));
}
