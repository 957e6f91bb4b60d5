/** Random streams: what is drawn at once is what is drawn one by one, and normal numbers are normal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from './random.js';

test('many normal numbers at once are those that come one by one, whatever was drawn before and after', () => {
  const [whole, single] = [randomStream(3, 'normals'), randomStream(3, 'normals')];
  for (const count of [0, 1, 4, 5, 2, 0, 3, 1100, 1]) {
    const expected = Float32Array.from({ length: count }, () => single.normal(0, 0.7));
    assert.deepEqual(whole.normals(new Float32Array(count), 0.7), expected, `${count}`);
    assert.equal(whole.uniform(), single.uniform());
  }
});

/** The share of normal numbers below each place, to ten digits (Abramowitz and Stegun 1964, table 26.1). */
const shares = [
  [-4, 0.0000316712],
  [-3, 0.001349898],
  [-2, 0.0227501319],
  [-1, 0.1586552539],
  [-0.5, 0.3085375387],
  [0, 0.5],
  [0.2, 0.5792597094],
  [1, 0.8413447461],
  [2, 0.9772498681],
  [3, 0.998650102],
  [4, 0.9999683288],
] as const;

test('normal numbers lie where they should, tails included', () => {
  const count = 2_000_000;
  const numbers = randomStream(0, 'shares').normals(new Float32Array(count), 1);
  for (const [place, share] of shares) {
    const below = numbers.reduce((sum, number) => sum + (number < place ? 1 : 0), 0) / count;
    const deviation = Math.sqrt((share * (1 - share)) / count);
    assert.ok(Math.abs(below - share) < 4 * deviation, `${below} below ${place} for ${share}`);
  }
  const [mean, square, fourth] = [1, 2, 4].map((power) => numbers.reduce((sum, x) => sum + x ** power, 0) / count);
  assert.ok(Math.abs(mean!) < 4 / Math.sqrt(count), `mean ${mean}`);
  assert.ok(Math.abs(square! - 1) < 4 * Math.sqrt(2 / count), `variance ${square}`);
  assert.ok(Math.abs(fourth! - 3) < 4 * Math.sqrt(96 / count), `fourth moment ${fourth}`);
});
