/** Linear equations with a symmetric matrix whose eigenvalues are all above 0, by its Cholesky factor. */
import { invariant } from '../../core/errors.js';

/**
 * The solution X of `A X = B`; both arrays are written over.
 * @param a `[n, n]`, symmetric and positive definite; then its factor
 * @param b `[n, k]`; then the solution
 * @returns `b`
 */
export function solvePositive(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const k = b.length / n;
  invariant(a.length === n * n && Number.isInteger(k), `${a.length} and ${b.length} values are no system of ${n} rows`);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let m = 0; m < j; m++) sum -= a[i * n + m]! * a[j * n + m]!;
      invariant(i !== j || sum > 0, `the matrix is not positive definite at row ${i}`);
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  for (let column = 0; column < k; column++) {
    for (let i = 0; i < n; i++) {
      let sum = b[i * k + column]!;
      for (let m = 0; m < i; m++) sum -= a[i * n + m]! * b[m * k + column]!;
      b[i * k + column] = sum / a[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = b[i * k + column]!;
      for (let m = i + 1; m < n; m++) sum -= a[m * n + i]! * b[m * k + column]!;
      b[i * k + column] = sum / a[i * n + i]!;
    }
  }
  return b;
}
