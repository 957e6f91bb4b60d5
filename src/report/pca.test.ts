import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import {
  effectiveRank,
  featureCovariance,
  featureSpread,
  pcaPicture,
  principalComponents,
  symmetricEigen,
} from './pca.js';

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

test('the effective rank counts directions', () => {
  const diagonal = (values: number[]) =>
    Float64Array.from({ length: values.length ** 2 }, (_, at) =>
      at % (values.length + 1) ? 0 : values[at / (values.length + 1)]!,
    );
  close(effectiveRank(diagonal([2, 2, 2, 2])), 4);
  close(effectiveRank(diagonal([7, 0, 0])), 1);
  close(effectiveRank(diagonal([0, 0])), 0);
  close(effectiveRank(diagonal([3, 1])), Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25))));
  close(effectiveRank(new Float64Array([1, 1, 1, 1])), 1, 1e-6);
});

test('collapsed features have no spread', () => {
  const flat = tensor([3, 2, 2], new Float32Array(12).fill(4));
  assert.deepEqual(featureSpread(flat), { featureDeviation: 0, effectiveRank: 0 });
  const halves = tensor([1, 4], new Float32Array([1, 1, 3, 3]));
  close(featureSpread(halves).featureDeviation, 1);
  assert.equal(featureCovariance(halves).covariance.length, 1);
});

test('the PCA picture separates regions and is the same each time', () => {
  const random = randomStream(1, 'features');
  const direction = Array.from({ length: 8 }, () => random.normal());
  const data = Float32Array.from(
    { length: 8 * 16 },
    (_, at) => direction[Math.floor(at / 16)]! * (at % 4 < 2 ? 1 : -1),
  );
  const features = tensor(
    [8, 4, 4],
    data.map((value) => value + random.normal(0, 1e-3)),
  );
  const picture = pcaPicture(features);
  assert.deepEqual(picture.data, pcaPicture(features).data);
  const red = (column: number) => picture.data[column * 3]!;
  assert.ok(Math.abs(red(0) - red(3)) > 200 && Math.abs(red(0) - red(1)) < 20);
  assert.deepEqual(pcaPicture(tensor([1, 2, 2])).data, new Uint8Array(12).fill(128));
});
