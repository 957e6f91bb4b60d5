/**
 * Principal components of features: the directions along which they vary most. The eigenvectors come from cyclic Jacobi
 * rotations: exact, deterministic, and fast enough for the few hundred channels of a feature map.
 */
import { invariant } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';

export interface PrincipalComponents {
  /** The mean of each channel, `C`. */
  readonly mean: Float64Array;
  /** Variances along the components, largest first, `k`. */
  readonly variances: Float64Array;
  /** Unit vectors, `[k, C]`; the largest entry of each is positive. */
  readonly components: Tensor;
  /** The centred features along the components, `[k, P]`. */
  readonly scores: Tensor;
}

/** @param features `[C, ...S]`; the positions are the samples @param k the number of components, 1 … C */
export function principalComponents(features: Tensor, k: number): PrincipalComponents {
  const channels = features.shape[0]!;
  invariant(Number.isInteger(k) && k >= 1 && k <= channels, `1 … ${channels} components can be asked for, found ${k}`);
  const positions = features.data.length / channels;
  const { mean, covariance } = featureCovariance(features);
  const { values, vectors } = symmetricEigen(covariance, channels);
  const components = new Float32Array(k * channels);
  const scores = new Float32Array(k * positions);
  for (let index = 0; index < k; index++) {
    const vector = vectors.subarray(index * channels, (index + 1) * channels);
    components.set(vector, index * channels);
    const row = scores.subarray(index * positions, (index + 1) * positions);
    for (let channel = 0; channel < channels; channel++) {
      const [weight, centre, from] = [vector[channel]!, mean[channel]!, channel * positions];
      for (let at = 0; at < positions; at++) row[at]! += weight * (features.data[from + at]! - centre);
    }
  }
  return {
    mean,
    variances: values.slice(0, k),
    components: tensor([k, channels], components),
    scores: tensor([k, positions], scores),
  };
}

/** The mean `C` and the covariance `C·C` (divided by P) of features `[C, ...S]`. */
export function featureCovariance(features: Tensor): {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
} {
  const channels = features.shape[0]!;
  const positions = features.data.length / channels;
  const mean = new Float64Array(channels);
  const covariance = new Float64Array(channels * channels);
  const centred = new Float64Array(features.data.length);
  for (let channel = 0; channel < channels; channel++) {
    const from = channel * positions;
    let sum = 0;
    for (let at = 0; at < positions; at++) sum += features.data[from + at]!;
    mean[channel] = sum / positions;
    for (let at = 0; at < positions; at++) centred[from + at] = features.data[from + at]! - mean[channel]!;
  }
  for (let i = 0; i < channels; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [i * positions, j * positions];
      let sum = 0;
      for (let at = 0; at < positions; at++) sum += centred[a + at]! * centred[b + at]!;
      covariance[i * channels + j] = covariance[j * channels + i] = sum / positions;
    }
  }
  return { mean, covariance };
}

/**
 * Eigenvalues, largest first, and unit eigenvectors as rows, of a symmetric `n·n` matrix, by cyclic Jacobi rotations.
 * Throws where the matrix holds a value that is not finite.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  invariant(matrix.length === n * n, `${matrix.length} values are not a matrix of ${n} rows`);
  invariant(matrix.every(Number.isFinite), 'a covariance must be finite');
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const norm = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2;
    if (off <= 1e-26 * norm) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, index) => index).sort((i, j) => a[j * n + j]! - a[i * n + i]! || i - j);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const vector = v.subarray(from * n, from * n + n);
    const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) + 1e-9 ? value : best), 0);
    for (let i = 0; i < n; i++) vectors[to * n + i] = largest < 0 ? -vector[i]! : vector[i]!;
  });
  return { values: Float64Array.from(order, (index) => a[index * n + index]!), vectors };
}

/** Turns the plane (p, q) so that `a[p, q]` becomes 0; `v` keeps the turned axes as rows. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i * n + p]!, a[i * n + q]!];
    a[i * n + p] = c * x - s * y;
    a[i * n + q] = s * x + c * y;
  }
  for (const m of [a, v]) {
    for (let i = 0; i < n; i++) {
      const [x, y] = [m[p * n + i]!, m[q * n + i]!];
      m[p * n + i] = c * x - s * y;
      m[q * n + i] = s * x + c * y;
    }
  }
}
