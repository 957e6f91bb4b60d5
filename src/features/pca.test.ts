import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { allClose } from '../testing/all-close.js';
import { principalComponents, symmetricEigen } from './pca.js';

const tolerance = { absolute: 1e-9 };

test('the eigenvalues and vectors of [[2, 1], [1, 2]] are 3 and 1', () => {
  const { values, vectors } = symmetricEigen(new Float64Array([2, 1, 1, 2]), 2);
  allClose(values, [3, 1], tolerance);
  allClose(vectors.subarray(0, 2), [Math.SQRT1_2, Math.SQRT1_2], tolerance);
});

test('a random symmetric matrix is its eigenvectors times its eigenvalues, which are orthonormal', () => {
  const n = 24;
  const random = randomStream(5, 'eigen');
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal();
  const { values, vectors } = symmetricEigen(matrix, n);
  const [rebuilt, products, identity] = [new Float64Array(n * n), new Float64Array(n * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) {
    identity[i * n + i] = 1;
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        rebuilt[i * n + j]! += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
        products[i * n + j]! += vectors[i * n + k]! * vectors[j * n + k]!;
      }
    }
  }
  allClose(rebuilt, matrix, tolerance, 'rebuilt');
  allClose(products, identity, tolerance, 'products');
});

test('components of features with a known covariance', () => {
  // Two independent axes of variance 9 and 1, turned by 30 degrees, and a mean.
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const samples = [-3, 3].flatMap((a) => [-1, 1].map((b) => [5 + c * a - s * b, -2 + s * a + c * b] as const));
  const features = tensor([2, 4], Float32Array.from([...samples.map(([x]) => x), ...samples.map(([, y]) => y)]));
  const { mean, variances, components, scores } = principalComponents(features, 2);
  allClose(mean.subarray(0, 1), [5]);
  allClose(variances.slice(0, 2), [9, 1], { absolute: 1e-5 });
  allClose(components.data.subarray(0, 2), [c, s]);
  allClose(scores.data.subarray(0, 4), [-3, -3, 3, 3], { absolute: 1e-5 });
});
