/**
 * Maps in blocks of channels (NCHWc: `[N, C / b, ...S, b]`), the layout of ONNX Runtime's own operators on x86-64
 * (target `x64`). The runtime alone knows how many channels `b` a block has: 8 or 16.
 */
import type { Attributes, Shape, Value } from '../graph.js';

const DOMAIN = 'com.microsoft.nchwc';

/** Every number of channels in a block divides it. */
export const BLOCK = 16;

/** One of the runtime's operators on blocks; `shape` is that of the map, whatever its layout. */
export function inBlocksNode(name: string, inputs: readonly Value[], attributes: Attributes, shape: Shape): Value {
  return inputs[0]!.graph.node(`${DOMAIN}.${name}`, inputs, attributes, [{ shape }])[0]!;
}

/** A map brought into blocks; where it was taken out of blocks, these. `[N, C, ...S]`, C a multiple of `BLOCK`. */
export function inBlocks(x: Value): Value {
  const { op, inputs } = x.node;
  return op === `${DOMAIN}.ReorderOutput` ? inputs[0]! : inBlocksNode('ReorderInput', [x], {}, x.shape);
}

/** The map `[N, C, ...S]` of its blocks. */
export function outOfBlocks(blocks: Value): Value {
  return inBlocksNode('ReorderOutput', [blocks], { channels: blocks.shape[1]! }, blocks.shape);
}
