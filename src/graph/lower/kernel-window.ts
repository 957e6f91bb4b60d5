/**
 * The Mixture of Vectors by the project's own operators (`src/kernels`): products, softmax and expected offset of a
 * window in one pass, of which nothing of the window's size is kept.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { OWN, type WindowVectors } from '../lowering.js';
import { slice, split } from '../ops/arrange.js';

/** Channels of a head at most, as many registers; and bytes that an operator can count. */
const [MOST_DEPTH, MOST] = [8, 2 ** 31];
/** Numbers that are kept of each pixel besides its offset. */
const KEPT = 2;

export function kernelWindowVectors(
  query: Value,
  key: Value,
  radius: number,
  heads: number,
): WindowVectors<Value> | undefined {
  const { graph, shape } = query;
  const [batch, channels, ...extents] = shape as [number, number, ...number[]];
  const depth = channels / heads;
  const made = extents.length + KEPT;
  const bytes = 4 * 2 * batch * heads * Math.max(depth, made) * sizeOf(extents);
  if (depth > MOST_DEPTH || extents.length < 2 || bytes >= MOST) return undefined;
  const attributes = { shape: [batch, depth, heads, radius, ...extents] };
  const node = (name: string, inputs: readonly Value[], of: readonly number[]) =>
    graph.node(`${OWN}.${name}`, inputs, attributes, [{ shape: of }])[0]!;
  const all = node('WindowVectors', [query, key], [batch, made, heads, ...extents]);
  return {
    vectors: slice(all, [1], [0], [extents.length]),
    gradients(dv) {
      const both = node('WindowGradients', [query, key, all, dv], [2 * batch, channels, ...extents]);
      const [ofQuery, ofKey] = split(both, [batch, batch], 0);
      return { query: ofQuery!, key: ofKey! };
    },
  };
}
