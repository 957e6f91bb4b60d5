/**
 * A warp and its gradients by the project's own operators (`src/kernels`): each pixel reads the corners around its
 * position.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { OWN, type Read } from '../lowering.js';

/** Pixels that an operator takes at once, of which a sample has at least so many. */
const LANES = 16;
/** Places within a sample are computed as float32, and a sample's bytes are counted in 31 bits. */
const [MOST_PIXELS, MOST] = [2 ** 24, 2 ** 31];

function suits({ shape: [, channels, ...extents] }: Value): boolean {
  const pixels = sizeOf(extents);
  return extents.length >= 2 && pixels >= LANES && pixels < MOST_PIXELS && 4 * channels! * pixels < MOST;
}

export function kernelSample(source: Value, read: Read<Value>): Value | undefined {
  return suits(source) ? node('Warp', [source, read.positions()], source.shape, source.shape) : undefined;
}

export function kernelSpread(dy: Value, read: Read<Value>): Value | undefined {
  return suits(dy) ? node('WarpSpread', [dy, read.positions()], dy.shape, dy.shape) : undefined;
}

export function kernelSlopes(source: Value, dy: Value, read: Read<Value>): Value | undefined {
  if (!suits(source)) return undefined;
  const positions = read.positions();
  return node('WarpSlopes', [source, positions, dy], source.shape, positions.shape);
}

function node(name: string, inputs: readonly Value[], source: Shape, shape: Shape): Value {
  return inputs[0]!.graph.node(`${OWN}.${name}`, inputs, { shape: source }, [{ shape }])[0]!;
}
