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
/** Tiles of a batch from which on it is faster than the runtime's. */
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
  return convOf(parts, filterOf(weight, out, channels), out, bias);
}

/** The gradient of `count` channels of the input from `begin` on. */
export function kernelAdjoint(dy: Value, weight: Value, begin: number, count: number): Value {
  const [out, all] = weight.shape as [number, number];
  return convOf([dy], filterOf(weight, count, out, [all, begin]), count, undefined);
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

/** The products of a filter, `[36, channels, out]`, in the order that the operator takes. */
function filterOf(weight: Value, out: number, channels: number, adjoint: readonly number[] = []): Value {
  const attributes = { shape: [out, channels, ...adjoint] };
  return weight.graph.node(`${OWN}.Filter`, [weight], attributes, [{ shape: [PRODUCTS, channels, out] }])[0]!;
}

function convOf(parts: readonly Value[], filter: Value, out: number, bias: Value | undefined): Value {
  const [batch, , height, width] = parts[0]!.shape as [number, number, number, number];
  const shape = [batch, out, height, width, bias ? 1 : 0, ...parts.map((part) => part.shape[1]!)];
  const inputs = [...parts.map(inBlocks), filter, ...(bias ? [bias] : [])];
  return outOfBlocks(
    parts[0]!.graph.node(`${OWN}.Conv`, inputs, { shape }, [{ shape: [batch, out, height, width] }])[0]!,
  );
}
