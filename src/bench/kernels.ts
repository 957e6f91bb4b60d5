/**
 * The operators of ours alone, on one thread, in multiplications and additions of the plain convolution per second: for
 * shapes of the default networks.
 */
import { createRequire } from 'node:module';
import { sizeOf } from '../core/tensor.js';
import { ownOperators } from '../engine/node/native/available.js';
import { systemMemory } from '../engine/node/native/memory.js';
import { assembled, type Vectors } from '../kernels/assembled.js';
import { BLOCK_BYTES, slots } from '../kernels/kernel.js';
import type { Piece } from './pieces.js';

/** Batch, extents, channels of each part, outputs. */
type Shape = readonly [batch: number, extents: readonly number[], channels: readonly number[], out: number];

const shapes: readonly Shape[] = [
  [1, [128, 128], [32], 32],
  [1, [128, 128], [32, 64], 32],
  [1, [64, 64], [64], 64],
  [2, [32, 32], [128], 128],
  [2, [16, 16], [256], 256],
  [1, [512, 512], [32, 64], 32],
  [2, [48, 48, 48], [32], 32],
  [2, [24, 24, 24], [64], 64],
  [2, [12, 12, 12], [128], 128],
];
const RUNS = 9;

export async function kernels(): Promise<Piece> {
  const own = ownOperators();
  if ('missing' in own) return { lines: [`kernels: they do not work here: ${own.missing}`], values: {} };
  const { vectors } = own;
  const lines: string[] = [];
  const values: Record<string, { readonly conv: number; readonly weightGradient: number }> = {};
  for (const [batch, extents, channels, out] of shapes) {
    const [width, height, depth = 1] = extents.toReversed() as [number, number, number?];
    const deep = extents.length - 1 > 1 ? 3 : 1;
    const [pixels, all] = [batch * sizeOf(extents), channels.reduce((a, b) => a + b)];
    const operations = 2 * pixels * all * out * 9 * deep;
    const maps = [batch, depth, height, width, deep, out];
    const inputs = channels.map((count) => count * pixels);
    const rate = (milliseconds: number) => operations / milliseconds / 1e6;
    const conv = rate(timeOf(vectors, 'Conv', [...maps, 0, ...channels], [...inputs, 36 * deep * all * out]));
    const weightGradient = rate(timeOf(vectors, 'WeightGradient', [...maps, ...channels], [...inputs, out * pixels]));
    const name = `${channels.join(' and ')} to ${out} channels, ${[batch, ...extents].join(' × ')}`;
    lines.push(`${name}: ${conv.toFixed(0)} GFLOP/s, gradient of the weight ${weightGradient.toFixed(0)}`);
    values[name] = { conv, weightGradient };
  }
  return { lines, values };
}

/** The median of some calls, in milliseconds. @param inputs how many numbers each has */
function timeOf(vectors: Vectors, name: string, shape: readonly number[], inputs: readonly number[]): number {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const memory = systemMemory();
  const { kernel, code } = assembled(vectors, name, shape);
  const routines = memory.executable(code);
  const block = memory.reserve(BLOCK_BYTES);
  const regions = [routines, block];
  const words = new BigInt64Array(block.bytes.buffer, block.bytes.byteOffset, BLOCK_BYTES / 8);
  const give = (slot: number, data: Float32Array | Int32Array) => {
    const region = memory.reserve(Math.max(1, data.byteLength));
    region.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    regions.push(region);
    words[slot / 8] = region.address;
  };
  for (const [k, count] of inputs.entries()) give(slots.inputs + 8 * k, new Float32Array(count).fill(1));
  for (const [k, extents] of kernel.outputs.entries()) give(slots.outputs + 8 * k, new Float32Array(sizeOf(extents)));
  for (const [k, table] of kernel.tables.entries()) give(slots.tables + 8 * k, table);
  give(slots.scratch, new Float32Array(kernel.scratch / 4));
  give(slots.shared, new Float32Array((kernel.shared ?? 0) / 4));
  const type = koffi.proto('void', ['uintptr_t', 'uintptr_t']);
  const phases = kernel.phases.map(({ at }) => koffi.decode(routines.address + BigInt(at!), type) as CallableFunction);
  const run = () => {
    const began = performance.now();
    for (const phase of phases) {
      words[slots.counter / 8] = 0n;
      phase(block.address, 0);
    }
    return performance.now() - began;
  };
  run();
  const times = Array.from({ length: RUNS }, run).sort((a, b) => a - b);
  for (const region of regions) region.release();
  return times[RUNS >> 1]!;
}
