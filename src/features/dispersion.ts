/**
 * How far features are spread: two numbers in which a pretraining that collapses shows itself. The deviation falls to
 * 0, the effective rank to 1.
 */
import type { Tensor } from '../core/tensor.js';
import { featureCovariance, symmetricEigen } from './pca.js';

/**
 * exp of the entropy of the eigenvalues' shares (Roy and Vetterli 2007): between 1 (one direction) and C (all alike);
 * 0 where nothing varies.
 * @param covariance symmetric, `C·C`
 */
export function effectiveRank(covariance: Float64Array): number {
  const { values } = symmetricEigen(covariance, Math.round(Math.sqrt(covariance.length)));
  const positive = values.filter((value) => value > 0);
  const total = positive.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return 0;
  return Math.exp(-positive.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0));
}

/** The mean over the channels of the standard deviation; 0 when the features are constant. */
export function featureDeviation(covariance: Float64Array): number {
  const channels = Math.round(Math.sqrt(covariance.length));
  let sum = 0;
  for (let channel = 0; channel < channels; channel++)
    sum += Math.sqrt(Math.max(0, covariance[channel * (channels + 1)]!));
  return sum / channels;
}

/** Both signs of a collapse, for features `[C, ...S]`. */
export function featureSpread(features: Tensor): { readonly featureDeviation: number; readonly effectiveRank: number } {
  const { covariance } = featureCovariance(features);
  return { featureDeviation: featureDeviation(covariance), effectiveRank: effectiveRank(covariance) };
}
