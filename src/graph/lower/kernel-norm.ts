/**
 * Group normalisation by the project's own operators (`src/kernels`): of maps in blocks of channels, as convolutions
 * make and take them. Two passes read a map and make its statistics and what is normalised; the gradient takes two
 * more.
 */
import type { Shape, Value } from '../graph.js';
import { type Norm, type Normed, OWN } from '../lowering.js';
import { reshape, split } from '../ops/arrange.js';
import { BLOCK, outOfBlocks, planesInBlocks } from './blocks.js';

/** Bytes that an operator can count. */
const MOST = 2 ** 31;
/** Numbers of a sample for each channel: statistics, and what the gradient is made of. */
const [STATISTICS, SLOPES] = [5, 2];

export function kernelNorm(x: Value, options: Norm<Value>): Normed<Value> | undefined {
  const { scale, shift, groups, epsilon, slope } = options;
  const { graph, shape } = x;
  const [batch, channels] = shape as [number, number];
  const small = 4 * shape.reduce((a, b) => a * b) < MOST;
  if (channels % BLOCK !== 0 || !small || (slope !== undefined && (slope < 0 || slope > 1))) return undefined;
  const blocks = planesInBlocks(x);
  const attributes = { shape: [...blocks.shape, groups, slope === undefined ? 0 : 1] };
  const node = (name: string, inputs: readonly Value[], of: Shape) =>
    graph.node(`${OWN}.${name}`, inputs, attributes, [{ shape: of }])[0]!;
  const leaky = slope === undefined ? [] : [graph.constant([slope])];
  const ofSamples = [batch, STATISTICS, channels];
  const statistics = node('NormStatistics', [blocks, scale, shift, graph.constant([epsilon])], ofSamples);
  const map = (made: Value) => reshape(outOfBlocks(made), shape);
  return {
    y: map(node('Normed', [blocks, statistics, ...leaky], blocks.shape)),
    gradient(dy, wantX) {
      const given = planesInBlocks(dy);
      const rows = [SLOPES * batch + 3, channels];
      const slopes = node('NormSlopes', [blocks, given, statistics, scale, ...leaky], rows);
      const [, ...shared] = split(slopes, [SLOPES * batch, 1, 1, 1], 0);
      const [ofScale, ofShift, sum] = shared.map((row) => reshape(row, [channels]));
      const inputs = [blocks, given, statistics, slopes, ...leaky];
      const ofX = wantX ? map(node('NormGradient', inputs, blocks.shape)) : null;
      return { x: ofX, sum: sum!, scale: ofScale!, shift: ofShift! };
    },
  };
}
