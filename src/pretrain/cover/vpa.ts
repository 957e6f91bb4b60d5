/**
 * Vector Pyramid Aggregation (docs/method.md §4): displacement vectors from coarse to fine. Each level corrects the
 * flow of the level below on features that are warped by it. Without the pyramid the full-resolution level is all there
 * is, and a vector reaches no farther than its window.
 */
import { add, mul, upsampleAligned, type Value, type WarpConvention, warp, windowVectors } from '../../graph/index.js';
import type { Parameters } from '../../nn/index.js';
import { projection, warpedProjection } from './mov.js';

export interface PyramidOptions {
  /** Heads per level, deepest first. */
  readonly heads: readonly number[];
  /** The window reaches from −window to +window: one number for all levels, or one per level, deepest first. */
  readonly window: number | readonly number[];
  readonly warp: WarpConvention;
  /** `false` leaves the pyramid out: the vectors of the full-resolution level alone. `true` where absent. */
  readonly pyramid?: boolean;
}

/**
 * @param fixed five feature maps of the fixed view `[N, C, ...S]`, deepest first
 * @param moving five feature maps of the moving view, deepest first
 * @returns the predicted displacement field, `[N, nd, ...S]`, in pixels at full resolution
 */
export function vectorPyramid(
  parameters: Parameters,
  fixed: readonly Value[],
  moving: readonly Value[],
  options: PyramidOptions,
): Value {
  return pyramidFlows(parameters, fixed, moving, options).at(-1)!;
}

/**
 * The flow after every level, from coarse to fine; the last is the field. Each but the last is on the grid of the next
 * level, in its pixels.
 */
export function pyramidFlows(
  parameters: Parameters,
  fixed: readonly Value[],
  moving: readonly Value[],
  options: PyramidOptions,
): Value[] {
  /** The vectors that remain at a level when the moving view is moved by the flow so far. */
  const vectors = (level: number, flow?: Value) => {
    const query = projection(parameters, level, fixed[level]!);
    const key = flow
      ? warpedProjection(parameters, level, moving[level]!, (map) => warp(map, flow, options.warp))
      : projection(parameters, level, moving[level]!);
    const radius = typeof options.window === 'number' ? options.window : options.window[level]!;
    return windowVectors(query, key, { heads: options.heads[level]!, radius });
  };
  const last = fixed.length - 1;
  if (options.pyramid === false) return [vectors(last)];
  let flow = upsampleAligned(mul(vectors(0), 2));
  const flows = [flow];
  for (let level = 1; level < last; level++) {
    const w = upsampleAligned(mul(vectors(level, flow), 2));
    flow = add(warp(upsampleAligned(mul(flow, 2)), w, options.warp), w);
    flows.push(flow);
  }
  const w = vectors(last, flow);
  return [...flows, add(warp(flow, w, options.warp), w)];
}
