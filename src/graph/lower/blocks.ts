/**
 * Maps in blocks of channels (NCHWc: `[N, C / b, ...S, b]`), the layout of ONNX Runtime's own operators on x86-64
 * (target `x64`). The runtime alone knows how many channels `b` a block has: 8 or 16.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Attributes, Graph, Shape, Value } from '../graph.js';
import { NCHWC } from '../lowering.js';
import { reshape, slice } from '../ops/arrange.js';
import { cast, mul } from '../ops/elementwise.js';

/** Every number of channels in a block divides it. */
export const BLOCK = 16;

/** One of the runtime's operators on blocks; `shape` is that of the map, whatever its layout. */
export function inBlocksNode(name: string, inputs: readonly Value[], attributes: Attributes, shape: Shape): Value {
  return inputs[0]!.graph.node(`${NCHWC}.${name}`, inputs, attributes, [{ shape }])[0]!;
}

/** A map brought into blocks; where it was taken out of blocks, these. `[N, C, ...S]`, C a multiple of `BLOCK`. */
export function inBlocks(x: Value): Value {
  const { op, inputs } = x.node;
  return op === `${NCHWC}.ReorderOutput` ? inputs[0]! : inBlocksNode('ReorderInput', [x], {}, x.shape);
}

/** Depth, height and width of a map; an image is one slice. */
export function planesOf({ shape }: Value): [depth: number, height: number, width: number] {
  const [width, height, depth = 1] = shape.slice(2).toReversed() as [number, number, number?];
  return [depth, height, width];
}

/** The blocks of a map, of a volume with its slices one below the other. */
export function planesInBlocks(x: Value): Value {
  const [depth, height, width] = planesOf(x);
  return inBlocks(reshape(x, [x.shape[0]!, x.shape[1]!, depth * height, width]));
}

/** The map `[N, C, ...S]` of its blocks. */
export function outOfBlocks(blocks: Value): Value {
  return inBlocksNode('ReorderOutput', [blocks], { channels: blocks.shape[1]! }, blocks.shape);
}

/** The maps of which a map is the concatenation, where each fills its blocks. */
export function partsOfBlocks(x: Value): readonly Value[] {
  const { op, attributes, inputs } = x.node;
  const cut = op === 'Concat' && attributes.axis === 1 && inputs.every(({ shape }) => shape[1]! % BLOCK === 0);
  return cut ? inputs : [x];
}

/**
 * How many channels a block has, `[1]`, int64: the runtime shows it where it puts what lies behind the first eight
 * channels of the first pixel.
 */
export function blockLength(graph: Graph): Value {
  const map = new Float32Array(2 * BLOCK);
  map[1] = 8; // The second pixel of the first channel,
  map[2 * 8] = 16; // and the first pixel of the ninth.
  const blocks = inBlocks(graph.constant(map, [1, BLOCK, 1, 2]));
  return cast(slice(reshape(blocks, [2 * BLOCK]), [0], [8], [9]), 'int64');
}

/**
 * `[O, C, ...k]` to `[O / b, C / b, ...k, b of C, b of O]`: the inputs' channels into blocks, then, all else a row, the
 * outputs'.
 */
export function weightInBlocks(weight: Value): Value {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  const inner = inBlocks(weight);
  const outer = inBlocks(reshape(inner, [1, out, 1, channels * sizeOf(kernel)]));
  return reshape(outer, weight.shape);
}

/** A bias `[O]` for each of several groups, times a factor: `[groups · O]`. */
export function biasOfGroups(bias: Value, factors: readonly number[]): Value {
  const out = bias.shape[0]!;
  const groups = factors.length;
  return reshape(mul(bias.graph.constant(factors, [groups, 1]), reshape(bias, [1, out])), [groups * out]);
}
