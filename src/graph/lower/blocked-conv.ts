/**
 * Convolution in blocks of channels. It takes no columns of the image first, so that few channels on large maps run as
 * fast as many on small ones. Map and weight are brought into blocks and the result out of them.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { reshape } from '../ops/arrange.js';
import { weightParts } from '../ops/conv.js';
import { BLOCK, inBlocks, inBlocksNode, outOfBlocks } from './blocks.js';
import { filteredConv, filterPays } from './filtered-conv.js';

/** Pixels of a batch from which on the faster convolution outweighs the reordering, also that of the weight. */
const PIXELS = 2048;
/** The same where the weight is reordered once. */
const FEW_PIXELS = 64;

/** Whether the runtime can compute a convolution in blocks, and it pays. */
function suitsBlocks(x: Value, weight: Value): boolean {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  return (
    kernel.length === 2 &&
    sizeOf(kernel) > 1 &&
    out % BLOCK === 0 &&
    channels % BLOCK === 0 &&
    x.shape[0]! * sizeOf(x.shape.slice(2)) >= (weight.node.fixed ? FEW_PIXELS : PIXELS)
  );
}

/** The maps of which a map is the concatenation, where each fills its blocks: their convolutions add up without it. */
export function partsInBlocks(x: Value, weight: Value): readonly Value[] {
  if (!suitsBlocks(x, weight)) return [x];
  const { op, attributes, inputs } = x.node;
  const cut = op === 'Concat' && attributes.axis === 1 && inputs.every(({ shape }) => shape[1]! % BLOCK === 0);
  return cut ? inputs : [x];
}

/** The convolution of a map that is given in parts along its channels. */
export function blockedConv(parts: readonly Value[], weight: Value, bias: Value | undefined): Value | undefined {
  if (!suitsBlocks(parts[0]!, weight)) return undefined;
  if (filterPays(parts[0]!, weight)) return outOfBlocks(filteredConv(parts.map(inBlocks), weight, bias));
  const { graph, shape: first } = parts[0]!;
  const [out, , ...kernel] = weight.shape as [number, number, number, number];
  const half = kernel.map((extent) => (extent - 1) / 2);
  const shape = [first[0]!, out, ...first.slice(2)];
  const attributes = { kernel_shape: kernel, pads: [...half, ...half], strides: [1, 1], dilations: [1, 1], group: 1 };
  const weights = weightParts(weight, parts);
  let sum: Value | undefined;
  for (const [k, part] of parts.entries()) {
    const inputs = [inBlocks(part), weightInBlocks(weights[k]!)];
    if (sum) inputs.push(graph.constant(new Float32Array(out)), sum);
    else if (bias) inputs.push(bias);
    sum = inBlocksNode('Conv', inputs, attributes, shape);
  }
  return outOfBlocks(sum!);
}

/**
 * `[O, C, ...k]` to `[O / b, C / b, ...k, b of C, b of O]`: the inputs' channels into blocks, then, all else a row, the
 * outputs'.
 */
function weightInBlocks(weight: Value): Value {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  const inner = inBlocks(weight);
  const outer = inBlocks(reshape(inner, [1, out, 1, channels * sizeOf(kernel)]));
  return reshape(outer, weight.shape);
}
