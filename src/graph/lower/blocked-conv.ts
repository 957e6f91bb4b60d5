/**
 * Convolution in blocks of channels. It takes no columns of the image first, so that few channels on large maps run as
 * fast as many on small ones. Map and weight are brought into blocks and the result out of them.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { weightParts } from '../ops/conv.js';
import { BLOCK, inBlocks, inBlocksNode, outOfBlocks, partsOfBlocks, weightInBlocks } from './blocks.js';
import { deepFilteredConv, deepFilterPays } from './deep-filter.js';
import { filteredConv, filterPays } from './filtered-conv.js';
import { ofStackedSlices, type PlaneConv, unstacked } from './stacked-slices.js';

/** Pixels of a batch from which on the faster convolution outweighs the reordering, also that of the weight. */
const PIXELS = 2048;
/** The same where the weight is reordered once. */
const FEW_PIXELS = 64;

/** Whether the runtime can compute a convolution in blocks, and it pays. */
function suitsBlocks(x: Value, weight: Value): boolean {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  return (
    sizeOf(kernel) > 1 &&
    out % BLOCK === 0 &&
    channels % BLOCK === 0 &&
    x.shape[0]! * sizeOf(x.shape.slice(2)) >= (weight.node.fixed ? FEW_PIXELS : PIXELS)
  );
}

/** The maps of which a map is the concatenation, where each fills its blocks: their convolutions add up without it. */
export function partsInBlocks(x: Value, weight: Value): readonly Value[] {
  if (!suitsBlocks(x, weight)) return [x];
  return partsOfBlocks(x);
}

/** The convolution of a map that is given in parts along its channels. */
export function blockedConv(parts: readonly Value[], weight: Value, bias: Value | undefined): Value | undefined {
  if (!suitsBlocks(parts[0]!, weight)) return undefined;
  if (deepFilterPays(parts[0]!, weight)) return deepFilteredConv(parts, weight, bias);
  if (filterPays(parts[0]!, weight)) return outOfBlocks(filteredConv(parts.map(inBlocks), weight, bias));
  const { graph, shape: first } = parts[0]!;
  const out = weight.shape[0]!;
  const weights = weightParts(weight, parts);
  // All that is taken comes before the convolutions: of what a node takes the runtime makes first what stands last, and
  // is to add up before it makes the next map.
  const convs = parts
    .flatMap((part, k) => planeConvs(part, weights[k]!))
    .map(({ map, weight: own, attributes }) => ({
      inputs: [inBlocks(map), weightInBlocks(own)],
      attributes: { ...attributes, strides: [1, 1], group: 1 },
      shape: map.shape.with(1, out),
    }));
  let sum: Value | undefined;
  for (const { inputs, attributes, shape } of convs) {
    if (sum) inputs.push(graph.constant(new Float32Array(out)), sum);
    else if (bias) inputs.push(bias);
    sum = inBlocksNode('Conv', inputs, attributes, shape);
  }
  return unstacked(outOfBlocks(sum!), first.with(1, out));
}

function planeConvs(map: Value, weight: Value): readonly PlaneConv[] {
  const kernel = weight.shape.slice(2);
  if (kernel.length === 3) return ofStackedSlices(map, weight);
  const half = kernel.map((extent) => (extent - 1) / 2);
  const attributes = { kernel_shape: kernel, pads: [...half, ...half], dilations: [1, 1] };
  return [{ map, weight, attributes }];
}
