import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { effectiveRank, featureSpread } from './dispersion.js';
import { featureCovariance } from './pca.js';

const close = (found: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `expected ${expected}, found ${found}`);

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
