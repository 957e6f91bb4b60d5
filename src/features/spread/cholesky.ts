/** Linear equations with a symmetric matrix whose eigenvalues are all above 0, by its Cholesky factor. */
import { invariant } from '../../core/errors.js';

/**
 * The solution X of `A X = B`.
 * @param a `[n, n]`, symmetric and positive definite
 * @param b `[n, k]`
 * @returns `[n, k]`
 */
export function solvePositive(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const k = b.length / n;
  invariant(a.length === n * n && Number.isInteger(k), `${a.length} and ${b.length} values are no system of ${n} rows`);
  const lower = a.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * n + j]!;
      for (let m = 0; m < j; m++) sum -= lower[i * n + m]! * lower[j * n + m]!;
      invariant(i !== j || sum > 0, `the matrix is not positive definite at row ${i}`);
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]!;
    }
  }
  const x = b.slice();
  for (let column = 0; column < k; column++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * k + column]!;
      for (let m = 0; m < i; m++) sum -= lower[i * n + m]! * x[m * k + column]!;
      x[i * k + column] = sum / lower[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * k + column]!;
      for (let m = i + 1; m < n; m++) sum -= lower[m * n + i]! * x[m * k + column]!;
      x[i * k + column] = sum / lower[i * n + i]!;
    }
  }
  return x;
}
