/** Warping: identity, whole shifts, regions, and a direct sum over the corners for random fields in 2D and 3D. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Random, randomStream } from '../core/random.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { allClose } from '../testing/all-close.js';
import { warpLinear } from './field.js';
import { cropRegion, type Region } from './region.js';

const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }),
  fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }),
);
const seeds = fc.integer({ min: 0, max: 1e6 });

test('a zero field is the identity', () => {
  fc.assert(
    fc.property(shapes, seeds, (shape, seed) => {
      const image = randomImage([2, ...shape], randomStream(seed));
      const zero = new Float32Array(shape.length * sizeOf(shape));
      assert.deepEqual(warpLinear(image, zero), image.data);
    }),
  );
});

test('a whole displacement moves pixels and brings zeros from outside', () => {
  const image: Tensor = { shape: [1, 2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const field = Float32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1);
  assert.deepEqual(warpLinear(image, field), Float32Array.of(2, 3, 0, 5, 6, 0));
});

test('half a pixel over the border fades to half', () => {
  const image: Tensor = { shape: [1, 1, 2], data: Float32Array.of(4, 8) };
  assert.deepEqual(warpLinear(image, Float32Array.of(0, 0, -0.5, 0.5)), Float32Array.of(2, 4));
});

test('positions that are not finite read zero', () => {
  const image: Tensor = { shape: [1, 1, 2], data: Float32Array.of(4, 8) };
  assert.deepEqual(
    warpLinear(image, Float32Array.of(0, 0, Number.NaN, Number.POSITIVE_INFINITY)),
    Float32Array.of(0, 0),
  );
});

test('every pixel is the weighted sum of all pixels near its source', () => {
  fc.assert(
    fc.property(shapes, seeds, (shape, seed) => {
      const random = randomStream(seed);
      const image = randomImage([2, ...shape], random);
      const field = randomField(shape, random);
      const warped = warpLinear(image, field);
      allClose(warped, directWarp(image, field, shape), { absolute: 1e-5 });
    }),
    { numRuns: 40 },
  );
});

test('a region gives the crop of the whole result', () => {
  fc.assert(
    fc.property(shapes, seeds, (shape, seed) => {
      const random = randomStream(seed);
      const image = randomImage([2, ...shape], random);
      const field = randomField(shape, random);
      const start = shape.map((extent) => random.integer(0, extent));
      const size = shape.map((extent, axis) => random.integer(1, extent - start[axis]! + 1));
      const region: Region = { shape, start, size };
      assert.deepEqual(
        warpLinear(image, cropRegion(field, region), region),
        cropRegion(warpLinear(image, field), region),
      );
    }),
  );
});

function randomImage(shape: readonly number[], random: Random): Tensor {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()) };
}

function randomField(shape: readonly number[], random: Random): Float32Array {
  return Float32Array.from({ length: shape.length * sizeOf(shape) }, () => random.uniform(-4, 4));
}

/** Weights every pixel of the source by the product of max(0, 1 − distance) along the axes. */
function directWarp({ shape: [channels], data }: Tensor, field: Float32Array, shape: readonly number[]): number[] {
  const count = sizeOf(shape);
  const indices = Array.from({ length: count }, (_, flat) => unravel(flat, shape));
  return Array.from({ length: channels! * count }, (_, output) => {
    const pixel = output % count;
    const channel = Math.floor(output / count);
    return indices.reduce((sum, index, source) => {
      const weight = index.reduce((product, at, axis) => {
        const position = indices[pixel]![axis]! + field[axis * count + pixel]!;
        return product * Math.max(0, 1 - Math.abs(at - position));
      }, 1);
      return sum + weight * data[channel * count + source]!;
    }, 0);
  });
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const extent of [...shape].reverse()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}
