/**
 * A term against flat features: variance and covariance of the channels over the pixels of a view, after VICReg
 * (Bardes, Ponce and LeCun, ICLR 2022, equations 1 and 3). Vectors are taken at unit length times √C: the consistency
 * loss looks at directions alone, so neither a larger scale nor a common direction makes them differ. Every view is a
 * sample of pixels of its own, never mixed with another, and the terms are means over the views: gradients of
 * micro-batches add up to that of the batch.
 */
import { sizeOf } from '../../core/tensor.js';
import {
  add,
  div,
  equal,
  matmul,
  maximum,
  mul,
  reduceSum,
  reshape,
  sqrt,
  square,
  sub,
  swapLast,
  type Value,
  where,
} from '../../graph/index.js';
import { channelNorm } from '../agreement.js';

/** What is added to a variance, whose root has no finite slope at 0. */
export const VARIANCE_BOUND = 1e-4;

/** Sums over the views of a micro-batch. */
export interface Spread {
  /**
   * `Σ mean over c of max(0, 1 − √(Cov_cc + 1e-4))`: 1 for each view whose pixels are all alike, 0 where all channels
   * vary.
   */
  readonly variance: Value;
  /** `Σ 1/C Σ_{c ≠ d} Cov_cd²`: 0 for a view whose channels say different things. */
  readonly covariance: Value;
}

/**
 * @param features `[N, C, ...S]`
 * @param mask the pixels that count, `[N, 1, ...S]`, 0 or 1
 * @param bound the lower bound of a feature's norm
 * @returns values of one element
 */
export function spreadTerms(features: Value, mask: Value, bound?: number): Spread {
  const { graph } = features;
  const [batch, channels, ...extents] = features.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const unit = mul(div(features, channelNorm(features, bound)), Math.sqrt(channels));
  const weights = reshape(mask, [batch, 1, pixels]);
  const count = maximum(reduceSum(weights, [2]), 1);
  const seen = mul(reshape(unit, [batch, channels, pixels]), weights);
  const mean = div(reduceSum(seen, [2]), count);
  const centred = sub(seen, mul(mean, weights));
  const covariances = div(matmul(centred, swapLast(centred)), count);
  const numbers = Array.from({ length: channels }, (_, index) => index);
  const own = equal(graph.constant(numbers, [1, channels, 1]), graph.constant(numbers, [1, 1, channels]));
  const variances = reduceSum(where(own, covariances, 0), [2]);
  const missing = maximum(sub(1, sqrt(add(variances, VARIANCE_BOUND))), 0);
  return {
    variance: div(reduceSum(missing), channels),
    covariance: div(reduceSum(square(where(own, 0, covariances))), channels),
  };
}
