import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageSimilarity } from './similarity.js';

const all = Uint8Array.of(1, 1, 1, 1);

test('correlation and difference on values by hand', () => {
  const a = Float32Array.of(0, 1, 2, 3);
  assert.deepEqual(imageSimilarity(a, a, all), { correlation: 1, difference: 0 });
  assert.deepEqual(imageSimilarity(a, Float32Array.of(7, 5, 3, 1), all), { correlation: -1, difference: 3.5 });
  // Deviations −1.5, −0.5, 0.5, 1.5 and −1, 1, −1, 1: product 2, squares 5 and 4.
  const { correlation, difference } = imageSimilarity(a, Float32Array.of(0, 2, 0, 2), all)!;
  assert.ok(Math.abs(correlation! - 2 / Math.sqrt(20)) < 1e-12 && difference === 1);
});

test('only what lies inside counts, in every channel; a constant image has no correlation', () => {
  const a = Float32Array.of(0, 1, 9, 9, 4, 6, 9, 9);
  const b = Float32Array.of(0, 1, 0, 0, 4, 6, 0, 0);
  assert.deepEqual(imageSimilarity(a, b, Uint8Array.of(1, 1, 0, 0)), { correlation: 1, difference: 0 });
  assert.deepEqual(
    imageSimilarity(
      a,
      a.map(() => 5),
      all,
    )?.correlation,
    null,
  );
  assert.equal(imageSimilarity(a, b, new Uint8Array(4)), null);
});
