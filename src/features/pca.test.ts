import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { principalComponents, symmetricEigen } from './pca.js';

const close = (found: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `expected ${expected}, found ${found}`);

test('the eigenvalues and vectors of [[2, 1], [1, 2]] are 3 and 1', () => {
  const { values, vectors } = symmetricEigen(new Float64Array([2, 1, 1, 2]), 2);
  [3, 1].forEach((expected, index) => {
    close(values[index]!, expected);
  });
  close(vectors[0]!, Math.SQRT1_2);
  close(vectors[1]!, Math.SQRT1_2);
});

test('a random symmetric matrix is its eigenvectors times its eigenvalues, which are orthonormal', () => {
  const n = 24;
  const random = randomStream(5, 'eigen');
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal();
  const { values, vectors } = symmetricEigen(matrix, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let [rebuilt, product] = [0, 0];
      for (let k = 0; k < n; k++) {
        rebuilt += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
        product += vectors[i * n + k]! * vectors[j * n + k]!;
      }
      close(rebuilt, matrix[i * n + j]!);
      close(product, i === j ? 1 : 0);
    }
  }
});

test('components of features with a known covariance', () => {
  // Two independent axes of variance 9 and 1, turned by 30 degrees, and a mean.
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const samples = [-3, 3].flatMap((a) => [-1, 1].map((b) => [5 + c * a - s * b, -2 + s * a + c * b] as const));
  const features = tensor([2, 4], Float32Array.from([...samples.map(([x]) => x), ...samples.map(([, y]) => y)]));
  const { mean, variances, components, scores } = principalComponents(features, 2);
  close(mean[0]!, 5, 1e-6);
  close(variances[0]!, 9, 1e-5);
  close(variances[1]!, 1, 1e-5);
  close(components.data[0]!, c, 1e-6);
  close(components.data[1]!, s, 1e-6);
  [-3, -3, 3, 3].forEach((expected, index) => {
    close(scores.data[index]!, expected, 1e-5);
  });
});
