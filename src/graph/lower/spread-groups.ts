/**
 * The gradient of a warped source on a CPU, its channels in groups. `ScatterND` would lose additions there: its threads
 * add to the same row without a lock. `ScatterElements` keeps to one thread.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import type { Read } from '../lowering.js';
import { concat, reshape, slice } from '../ops/arrange.js';
import { SPREAD_LIMIT, spreadElements } from '../ops/warp.js';

export function spreadInGroups(dy: Value, read: Read<Value>): Value {
  const [batch, channels, ...extents] = dy.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const groups = Math.min(channels, Math.ceil((channels * batch * pixels) / SPREAD_LIMIT));
  const bounds = Array.from({ length: groups + 1 }, (_, group) => Math.round((group * channels) / groups));
  const corners = read.corners();
  const flat = reshape(dy, [batch, channels, pixels]);
  const parts = bounds.slice(1).map((end, group) => spreadElements(slice(flat, [1], [bounds[group]!], [end]), corners));
  return concat(parts, 1);
}
