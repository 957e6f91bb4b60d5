import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../core/random.js';
import { sizeOf, stridesOf } from '../core/tensor.js';
import { squaredDistances } from './distance-transform.js';

test('a line with one seed', () => {
  assert.deepEqual([...squaredDistances(Uint8Array.of(0, 0, 1, 0), [4], [0.5])], [1, 0.25, 0, 0.25]);
});

test('without a seed every distance is infinite', () => {
  assert.ok(squaredDistances(new Uint8Array(6), [2, 3], [1, 1]).every((value) => value === Number.POSITIVE_INFINITY));
});

test('equals the smallest of all distances, on grids of one to three axes', () => {
  const extents = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(extents, fc.integer(), (shape, seed) => {
      const random = randomStream(seed, 'seeds');
      const spacing = shape.map(() => random.uniform(0.2, 5));
      const share = random.uniform(0, 0.5);
      const seeds = Uint8Array.from({ length: sizeOf(shape) }, () => (random.uniform() < share ? 1 : 0));
      const strides = stridesOf(shape);
      const place = (index: number) => shape.map((extent, axis) => Math.floor(index / strides[axis]!) % extent);
      const places = Array.from(seeds, (_, index) => place(index));
      const found = squaredDistances(seeds, shape, spacing);
      places.forEach((from, index) => {
        let expected = Number.POSITIVE_INFINITY;
        places.forEach((to, other) => {
          if (!seeds[other]) return;
          const squared = from.reduce((sum, at, axis) => sum + ((at - to[axis]!) * spacing[axis]!) ** 2, 0);
          expected = Math.min(expected, squared);
        });
        if (expected === Number.POSITIVE_INFINITY) assert.equal(found[index], expected);
        else
          assert.ok(Math.abs(found[index]! - expected) <= 1e-9 * (1 + expected), `${found[index]} is not ${expected}`);
      });
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('lines of more than a block, on every axis', () => {
  const shape = [3, 37, 21];
  const seeds = new Uint8Array(sizeOf(shape));
  seeds[0] = 1;
  const found = squaredDistances(seeds, shape, [2, 1, 0.5]);
  assert.equal(found.at(-1), 4 ** 2 + 36 ** 2 + 10 ** 2);
});
