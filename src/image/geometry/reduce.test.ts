/** Images and volumes that become smaller are averaged: against the definition, and by what an average must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../core/random.js';
import { sizeOf, stridesOf, type Tensor, tensor } from '../../core/tensor.js';
import { allClose } from '../../testing/all-close.js';
import type { Grid } from './orientation.js';
import { gridWithSpacing, resampleAligned, resampleData } from './resample.js';
import { resizeImage, resizeLinear } from './resize.js';

const smooth = { antialias: true };

/**
 * The definition: triangles about the centres along every axis at once, in doubles, the weights within the image
 * summing to 1.
 */
function defined(input: Tensor, shape: readonly number[]): number[] {
  const own = input.shape.slice(1);
  const [strides, steps] = [stridesOf(own), stridesOf(shape)];
  const size = sizeOf(own);
  return Array.from({ length: input.shape[0]! * sizeOf(shape) }, (_, at) => {
    const channel = Math.floor(at / sizeOf(shape));
    const centre = shape.map((extent, axis) => {
      const index = Math.floor(at / steps[axis]!) % extent;
      const place = ((index + 0.5) * own[axis]!) / extent - 0.5;
      return extent < own[axis]! ? place : Math.min(Math.max(place, 0), own[axis]! - 1);
    });
    let [sum, total] = [0, 0];
    for (let pixel = 0; pixel < size; pixel++) {
      let weight = 1;
      for (let axis = 0; axis < own.length; axis++) {
        const index = Math.floor(pixel / strides[axis]!) % own[axis]!;
        const reach = Math.max(1, own[axis]! / shape[axis]!);
        weight *= Math.max(0, 1 - Math.abs(index - centre[axis]!) / reach);
      }
      sum += weight * input.data[channel * size + pixel]!;
      total += weight;
    }
    return sum / total;
  });
}

function noise(shape: readonly number[], seed: number): Tensor {
  const random = randomStream(seed, 'noise');
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
  );
}

test('every new pixel is the average that is defined, for images and volumes', () => {
  const extents = (axes: number) =>
    fc.array(fc.integer({ min: 1, max: axes === 3 ? 7 : 19 }), { minLength: axes, maxLength: axes });
  const sizes = fc.constantFrom(2, 3).chain((axes) => fc.tuple(extents(axes), extents(axes)));
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 1000 }), ([before, after], seed) => {
      const input = noise([2, ...before], seed);
      const found = resizeImage(input, after, smooth);
      const expected = defined(input, after);
      assert.deepEqual(found.shape, [2, ...after]);
      allClose(found.data, expected);
    }),
    { numRuns: 60 },
  );
});

test('known numbers: half and a third of a line', () => {
  const line = tensor([1, 4], Float32Array.of(0, 4, 0, 4));
  // Weights 3/4, 3/4, 1/4 of 7/4 about the centre 0.5, and mirrored about 2.5.
  allClose(resizeImage(line, [2], smooth).data, [3 / 1.75, 4 / 1.75]);
  const third = resizeImage(tensor([1, 3], Float32Array.of(3, 6, 12)), [1], smooth).data;
  allClose(third, [(2 * 3 + 3 * 6 + 2 * 12) / 7]);
});

test('the size of the image gives its values, and a larger one those of interpolation', () => {
  const image = noise([3, 9, 14], 5);
  const same = resizeImage(image, [9, 14], smooth);
  assert.deepEqual(same, image);
  assert.notEqual(same.data, image.data);
  assert.deepEqual(resizeImage(image, [20, 15], smooth), resizeLinear(image, [20, 15]));
  assert.deepEqual(resizeImage(image, [4, 5], { antialias: false }), resizeLinear(image, [4, 5]));
});

test('stripes that the smaller image cannot hold become their mean, and noise becomes less', () => {
  const stripes = tensor(
    [1, 64, 64],
    Float32Array.from({ length: 4096 }, (_, index) => index & 1),
  );
  const inner = (image: Tensor) => [...image.data.subarray(8 * 16, 9 * 16)].slice(4, 12);
  for (const value of inner(resizeImage(stripes, [16, 16], smooth))) assert.ok(Math.abs(value - 0.5) < 0.01);
  const spread = (image: Tensor) => {
    const mean = image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
    return Math.sqrt(image.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.data.length);
  };
  const grain = noise([1, 256, 256], 7);
  // Of independent pixels, interpolation halves the deviation at a factor of 8; the triangle leaves (2/3 / 8) of the
  // variance along an axis.
  assert.ok(Math.abs(spread(resizeLinear(grain, [32, 32])) / spread(grain) - 0.5) < 0.05);
  assert.ok(Math.abs(spread(resizeImage(grain, [32, 32], smooth)) / spread(grain) - 1 / 12) < 0.02);
});

const grid: Grid = { shape: [9, 12, 10], affine: [-1, 0, 0, 7, 0, 0.8, 0.3, -4, 0, -0.2, 2, 3, 0, 0, 0, 1] };

test('volumes at a coarser spacing are averaged along the coarser axes alone', () => {
  const data = noise([1, ...grid.shape], 3);
  const finer = gridWithSpacing(grid, [1, 0.4, 0.5]);
  const linear = (target: Grid) => resampleData(data.data, grid, target, 'linear');
  assert.deepEqual(resampleAligned(data, grid, finer, smooth).data, linear(finer));
  assert.deepEqual(resampleAligned(data, grid, grid, smooth).data, data.data);

  // Rows of half the number, exactly twice as long: the same as resizing, for other axes untouched.
  const [z, y, x] = [Math.hypot(0.3, 2), Math.hypot(0.8, 0.2), 1];
  const coarse = gridWithSpacing(grid, [z, y, 2 * x]);
  assert.deepEqual(coarse.shape, [9, 12, 5]);
  allClose(resampleAligned(data, grid, coarse, smooth).data, resizeImage(data, [9, 12, 5], smooth).data);
  assert.deepEqual(resampleAligned(data, grid, coarse, { antialias: false }).data, linear(coarse));

  // One axis finer and another coarser, and extents that do not divide.
  const mixed = gridWithSpacing(grid, [z / 2, 2.5 * y, x]);
  const flat = tensor([1, ...grid.shape], new Float32Array(data.data.length).fill(0.7));
  const found = resampleAligned(flat, grid, mixed, smooth);
  assert.deepEqual(found.shape, [1, 18, 5, 10]);
  allClose(found.data, new Float32Array(found.data.length).fill(0.7));
  const stripes = tensor(
    data.shape,
    Float32Array.from(data.data, (_, index) => Math.floor(index / 10) & 1),
  );
  for (const value of resampleAligned(stripes, grid, mixed, smooth).data.subarray(20, 30)) {
    assert.ok(Math.abs(value - 0.5) < 0.1, String(value));
  }
});
