/**
 * Vector Pyramid Aggregation (method section 4): displacement vectors from coarse to fine. Each level corrects the flow of
 * the level below on features that are warped by it.
 */
import { add, mul, upsampleAligned, type Value, type WarpConvention, warp } from '../../graph/index.js';
import type { Parameters } from '../../nn/index.js';
import { mixtureOfVectors } from './mov.js';

export interface PyramidOptions {
  /** Heads per level, deepest first. */
  readonly heads: readonly number[];
  /** The window reaches from −window to +window: one number for all levels, or one per level, deepest first. */
  readonly window: number | readonly number[];
  readonly warp: WarpConvention;
}

/**
 * @param fixed five feature maps of the fixed view, deepest first
 * @param moving five feature maps of the moving view, deepest first
 * @returns the predicted displacement field, `[N, nd, ...S]`, in pixels at full resolution
 */
export function vectorPyramid(
  parameters: Parameters,
  fixed: readonly Value[],
  moving: readonly Value[],
  options: PyramidOptions,
): Value {
  const vectors = (level: number, warped: Value) =>
    mixtureOfVectors(parameters, level, fixed[level]!, warped, {
      heads: options.heads[level]!,
      radius: typeof options.window === 'number' ? options.window : options.window[level]!,
    });
  const last = fixed.length - 1;
  let flow = upsampleAligned(mul(vectors(0, moving[0]!), 2));
  for (let level = 1; level < last; level++) {
    const w = upsampleAligned(mul(vectors(level, warp(moving[level]!, flow, options.warp)), 2));
    flow = add(warp(upsampleAligned(mul(flow, 2)), w, options.warp), w);
  }
  const w = vectors(last, warp(moving[last]!, flow, options.warp));
  return add(warp(flow, w, options.warp), w);
}
