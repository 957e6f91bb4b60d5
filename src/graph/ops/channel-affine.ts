/**
 * `f(a·x + b + plus)` with numbers per channel, in as few passes over the map as a target allows. ONNX Runtime's
 * convolution in blocks does all of it in one where each channel is its own group: a channel whose pixels are a multiple of
 * 16 has the layout of 16 channels side by side, so that nothing is moved.
 */
import type { Shape, Value } from '../graph.js';
import { reshape } from './arrange.js';
import { BLOCK, inBlocksNode } from './blocks.js';
import { add, mul } from './elementwise.js';

/** Pixels from which on a pass over the map costs more than starting an operator for it. */
const PIXELS = 2048;
/** Blocks that are computed, then activated: with more of them they leave the cache in between. */
const ROW = 512;

export type Activation =
  | { readonly name: 'LeakyRelu'; readonly slope: number }
  | { readonly name: 'Clip'; readonly low: number; readonly high: number };

export interface AffineOptions {
  /** Numbers per channel, `[N, G, C / G]`, or per group of channels, `[N, G, 1]`; or one number for all. */
  readonly scale: Value | number;
  /** Likewise; none where absent. */
  readonly shift?: Value;
  /** `[N, C, P]`; none where absent. */
  readonly plus?: Value;
  readonly activation?: Activation;
}

/**
 * Has no gradient of its own.
 * @param x `[N, C, P]`
 * @returns `[N, C, P]`
 */
export function channelAffine(x: Value, options: AffineOptions): Value {
  const pixels = x.shape[2]!;
  const fits = x.graph.target === 'x64' && pixels % BLOCK === 0 && pixels >= PIXELS;
  return fits ? inOnePass(x, options) : stepByStep(x, options);
}

/** `scale·x + shift + plus` of vectors, in as few passes; `scale` and `shift` are values of one element. Has no gradient. */
export function vectorAffine(
  x: Value,
  { scale, shift, plus }: { readonly scale: Value; readonly shift?: Value; readonly plus?: Value },
): Value {
  const one = (value: Value) => reshape(value, [1, 1, 1]);
  const row = (value: Value) => reshape(value, [1, 1, x.shape[0]!]);
  const options = { scale: one(scale), ...(shift && { shift: one(shift) }), ...(plus && { plus: row(plus) }) };
  return reshape(channelAffine(row(x), options), x.shape);
}

function inOnePass(x: Value, { scale, shift, plus, activation }: AffineOptions): Value {
  const { graph } = x;
  const [batch, channels, pixels] = x.shape as [number, number, number];
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

function stepByStep(x: Value, { scale, shift, plus, activation }: AffineOptions): Value {
  const scales =
    typeof scale === 'number' ? scale : reshape(perChannel(scale, x.shape[1]!), [...x.shape.slice(0, 2), 1]);
  const shifts = shift && reshape(perChannel(shift, x.shape[1]!), [...x.shape.slice(0, 2), 1]);
  let y = typeof scales !== 'number' && shifts ? normalisation(x, scales, shifts) : mul(x, scales);
  if (typeof scales === 'number' && shifts) y = add(y, shifts);
  if (plus) y = add(y, plus);
  return activation ? activated(y, activation) : y;
}

/** Numbers per channel or group, each `times` in succession for every channel: `[N, G, C / G, times]`. */
function perChannel(value: Value, channels: number, times = 1): Value {
  const ofGroup = channels / value.shape[1]!;
  const one = reshape(value, [...value.shape, 1]);
  if (times === 1 && value.shape[2] === ofGroup) return one;
  return mul(one, value.graph.constant(new Float32Array(ofGroup * times).fill(1), [ofGroup, times]));
}

/** `scale·x + shift` as a batch normalisation whose running mean is 0 and variance 1. */
function normalisation(x: Value, scale: Value, shift: Value): Value {
  const { graph } = x;
  const [batch, channels, pixels] = x.shape as [number, number, number];
  const count = batch * channels;
  const shape = [1, count, pixels];
  const inputs = [
    reshape(x, shape),
    reshape(scale, [count]),
    reshape(shift, [count]),
    graph.constant(new Float32Array(count), [count]),
    graph.constant(new Float32Array(count).fill(1), [count]),
  ];
  return reshape(graph.node('BatchNormalization', inputs, { epsilon: { float: 0 } }, [{ shape }])[0]!, x.shape);
}

function activated(x: Value, activation: Activation): Value {
  const { graph, shape } = x;
  if (activation.name === 'LeakyRelu') {
    return graph.node('LeakyRelu', [x], { alpha: { float: activation.slope } }, [{ shape }])[0]!;
  }
  const bounds = [graph.constant(activation.low), graph.constant(activation.high)];
  return graph.node('Clip', [x, ...bounds], {}, [{ shape }])[0]!;
}
