/**
 * Quantiles by linear interpolation between order statistics: `numpy.percentile`'s default, type 7 of Hyndman and Fan.
 */
import { invariant } from '../core/errors.js';

/**
 * @param sorted ascending, not empty
 * @param share 0 … 1
 * @example quantile(Float64Array.of(1, 2, 4), 0.75) // 3
 */
export function quantile(sorted: Float64Array, share: number): number {
  invariant(sorted.length > 0 && share >= 0 && share <= 1, `no quantile ${share} of ${sorted.length} values`);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
