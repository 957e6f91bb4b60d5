/** Pooling and upsampling by 2 by the project's own operators (`src/kernels`), on maps in blocks of channels. */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { OWN } from '../lowering.js';
import { reshape } from '../ops/arrange.js';
import { BLOCK, outOfBlocks, planesInBlocks } from './blocks.js';

/** Bytes that an operator can count. */
const MOST = 2 ** 31;

function suits([batch, channels, ...extents]: Shape): boolean {
  const bytes = 4 * batch! * channels! * sizeOf(extents);
  return extents.length >= 2 && channels! % BLOCK === 0 && bytes < MOST;
}

const scaled = ([batch, channels, ...extents]: Shape, by: number): number[] => [
  batch!,
  channels!,
  ...extents.map((extent) => by * extent),
];

export function kernelPool(x: Value) {
  if (!suits(x.shape) || x.shape.slice(2).some((extent) => extent % 2 !== 0)) return undefined;
  const blocks = planesInBlocks(x);
  return {
    y: node('Pool', [blocks], x.shape, scaled(x.shape, 1 / 2)),
    gradient: (dy: Value) => node('PoolGradient', [blocks, planesInBlocks(dy)], x.shape, x.shape),
  };
}

export function kernelUpsample(x: Value): Value | undefined {
  const shape = scaled(x.shape, 2);
  return suits(shape) ? node('Upsample', [planesInBlocks(x)], x.shape, shape) : undefined;
}

export function kernelUpsampleGradient(dy: Value): Value | undefined {
  const shape = scaled(dy.shape, 1 / 2);
  return suits(dy.shape) ? node('UpsampleGradient', [planesInBlocks(dy)], shape, shape) : undefined;
}

/** @param of the shape that the operator is told of @param shape that of the map that it makes */
function node(name: string, inputs: readonly Value[], of: Shape, shape: Shape): Value {
  const [batch, channels, ...extents] = shape as [number, number, ...number[]];
  const image = [batch, channels, sizeOf(extents.slice(0, -1)), extents.at(-1)!];
  const made = inputs[0]!.graph.node(`${OWN}.${name}`, inputs, { shape: of }, [{ shape: image }])[0]!;
  return reshape(outOfBlocks(made), shape);
}
