/**
 * A pass over a map with numbers per channel. ONNX Runtime's convolution in blocks does scale, shift, sum and
 * activation in one where each channel is its own group: a channel whose pixels are a multiple of 16 has the layout of
 * 16 channels side by side, so that nothing is moved.
 */
import type { Shape, Value } from '../graph.js';
import type { Activation, Affine } from '../lowering.js';
import { reshape } from '../ops/arrange.js';
import { perChannel } from '../ops/channel-affine.js';
import { BLOCK, inBlocksNode } from './blocks.js';

/** Pixels from which on a pass over the map costs more than starting an operator for it. */
const PIXELS = 2048;
/** Blocks that are computed, then activated: with more of them they leave the cache in between. */
const ROW = 512;

export function affineInBlocks(x: Value, { scale, shift, plus, activation }: Affine<Value>): Value | undefined {
  const { graph } = x;
  const [batch, channels, pixels] = x.shape as [number, number, number];
  if (pixels % BLOCK !== 0 || pixels < PIXELS) return undefined;
  const count = batch * channels * BLOCK;
  const length = pixels / BLOCK;
  const row = rowLength(length);
  const shape = [1, count, length / row, row];
  const constant = (value: number, to = [count]) => graph.constant(new Float32Array(count).fill(value), to);
  const repeated = (value: Value, to: Shape) => reshape(perChannel(value, channels, BLOCK), to);
  const scales = [count, 1, 1, 1];
  const inputs = [reshape(x, shape), typeof scale === 'number' ? constant(scale, scales) : repeated(scale, scales)];
  if (shift || plus) inputs.push(shift ? repeated(shift, [count]) : constant(0));
  if (plus) inputs.push(reshape(plus, shape));
  const attributes = {
    kernel_shape: [1, 1],
    pads: [0, 0, 0, 0],
    strides: [1, 1],
    dilations: [1, 1],
    group: count,
    ...(activation && { activation: activation.name, activation_params: { floats: parametersOf(activation) } }),
  };
  return reshape(inBlocksNode('Conv', inputs, attributes, shape), x.shape);
}

/** The largest divisor that is not above `ROW`; all of it where that would be short. */
function rowLength(length: number): number {
  let row = Math.min(length, ROW);
  while (length % row !== 0) row--;
  return row * 8 < Math.min(length, ROW) ? length : row;
}

function parametersOf(activation: Activation): number[] {
  return activation.name === 'LeakyRelu' ? [activation.slope] : [activation.low, activation.high];
}
