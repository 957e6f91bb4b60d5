/** In how many directions features vary. */
import { featureCovariance, symmetricEigen } from '../pca.js';
import { channelsFirst, type FeatureSamples, unitLength } from './samples.js';

/**
 * Singular values of the centred features at unit length, largest first, as shares of their sum, C of them; zeros where
 * nothing varies.
 */
export function singularSpectrum(samples: FeatureSamples): number[] {
  const { channels } = samples;
  const { covariance } = featureCovariance(channelsFirst({ vectors: unitLength(samples), channels }));
  const { values } = symmetricEigen(covariance, channels);
  const singular = Array.from(values, (value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((sum, value) => sum + value, 0);
  return singular.map((value) => (total > 1e-9 ? value / total : 0));
}
