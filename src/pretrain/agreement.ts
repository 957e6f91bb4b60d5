/**
 * How far the features of two views agree (docs/method.md, losses): the cosine of corresponding pixels, and means over
 * the valid ones. A mean divides by the number of valid pixels, which depends on the data alone: when the whole batch's
 * number is given to each micro-batch, the gradients of the micro-batches add up to that of the batch.
 */
import {
  div,
  maximum,
  mul,
  reduceMean,
  reduceSum,
  sqrt,
  square,
  sub,
  type Value,
  type WarpConvention,
  warp,
} from '../graph/index.js';

/** The lower bound of a feature's norm: a zero vector would make the gradient of the cosine explode. */
export const NORM_BOUND = 1e-3;

/** The cosine of the angle between two maps of features, `[N, 1, ...S]`. */
export function cosine(a: Value, b: Value, bound = NORM_BOUND): Value {
  return div(reduceSum(mul(a, b), [1]), mul(channelNorm(a, bound), channelNorm(b, bound)));
}

/** The length of each pixel's vector of channels, bounded from below: `[N, C, ...S]` to `[N, 1, ...S]`. */
export function channelNorm(x: Value, bound = NORM_BOUND): Value {
  return sqrt(maximum(reduceSum(square(x), [1]), bound * bound));
}

/**
 * `Σ values · m / Σ m`; with cosines `[N, 1, ...S]` the consistency loss of a whole batch is 1 minus this. Other shapes
 * as above.
 */
export function maskedMean(values: Value, mask: Value, validPixels: Value): Value {
  return div(reduceSum(mul(values, mask)), maximum(validPixels, 1));
}

/**
 * What the consistency loss compares: the features themselves (paper), or `centred`: less their mean over the pixels of
 * the view. Features that point the same way everywhere agree at no cost and lose what the vectors need; centred ones
 * do not.
 */
export const consistencyNames = ['cosine', 'centred'] as const;
export type Consistency = (typeof consistencyNames)[number];

/** How two views' features are compared. */
export interface AgreementOptions {
  /** `cosine` where absent. */
  readonly consistency?: Consistency;
  readonly warp: WarpConvention;
}

/**
 * How far both views agree on each pixel of the fixed view: the cosine of its features and those of the same anatomy in
 * the moving view.
 * @param fixed `[N, C, ...S]`
 * @param moving `[N, C, ...S]`
 * @param field the true field `[N, nd, ...S]`
 * @returns `[N, 1, ...S]`
 */
export function agreement(
  fixed: Value,
  moving: Value,
  field: Value,
  options: AgreementOptions,
  bound = NORM_BOUND,
): Value {
  const compared = options.consistency === 'centred' ? centred : (features: Value) => features;
  const warped = warp(compared(moving), field, options.warp);
  return cosine(compared(fixed), warped, bound);
}

/** Features `[N, C, ...S]` less their mean over the pixels. */
export function centred(features: Value): Value {
  const spatial = features.shape.map((_, axis) => axis).slice(2);
  return sub(features, reduceMean(features, spatial));
}
