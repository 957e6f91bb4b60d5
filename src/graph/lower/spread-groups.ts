/**
 * The gradient of a warped source on a CPU, its channels in groups. `ScatterND` would lose additions there: its threads
 * add to the same row without a lock. `ScatterElements` keeps to one thread.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import type { Corner } from '../lowering.js';
import { concat, reshape, slice } from '../ops/arrange.js';
import { spreadElements } from '../ops/warp.js';

/** Index elements that `ScatterElements` is given at once; more of them cost fresh memory in every run. */
const SPREAD_LIMIT = 2 ** 18;

export function spreadInGroups(dy: Value, corners: readonly Corner<Value>[]): Value {
  const [batch, channels, ...extents] = dy.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const groups = Math.min(channels, Math.ceil((channels * batch * pixels) / SPREAD_LIMIT));
  const bounds = Array.from({ length: groups + 1 }, (_, group) => Math.round((group * channels) / groups));
  const flat = reshape(dy, [batch, channels, pixels]);
  const parts = bounds.slice(1).map((end, group) => spreadElements(slice(flat, [1], [bounds[group]!], [end]), corners));
  return concat(parts, 1);
}
