/**
 * Registration by known fields: what is read where, and how it is measured; the field of a network on other extents.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionsOf, type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/index.js';
import { chest, smallModel } from './fixtures.js';
import type { Network } from './network.js';
import { register, registration } from './register.js';

/** A smooth image whose value tells the place. */
function ramp(shape: readonly number[], weights: readonly number[]): Tensor {
  const values = positionsOf(shape).map((at) => at.reduce((sum, place, axis) => sum + place * weights[axis]!, 0));
  return tensor([1, ...shape], Float32Array.from(values));
}

const constant = (shape: readonly number[], vector: readonly number[]) =>
  tensor([shape.length, ...shape], Float32Array.from(vector.flatMap((value) => positionsOf(shape).map(() => value))));

test('a shift is undone, in two and three dimensions', () => {
  for (const [shape, shift] of [
    [
      [6, 8],
      [1, 2],
    ],
    [
      [5, 4, 6],
      [1, 0, -2],
    ],
  ] as const) {
    const weights = [0.01, 0.05, 0.002].slice(0, shape.length);
    const moving = ramp(shape, weights);
    const offset = shift.reduce<number>((sum, by, axis) => sum + by * weights[axis]!, 0);
    const fixed = tensor(
      moving.shape,
      moving.data.map((value) => value + offset),
    );
    const { warped, before, measures, field } = registration(moving, fixed, constant(shape, shift));
    assert.deepEqual(before.data, moving.data);
    assert.deepEqual(field.data, constant(shape, shift).data);
    const [length, inside] = [
      Math.hypot(...shift),
      shape.reduce<number>((share, extent, axis) => (share * (extent - Math.abs(shift[axis]!))) / extent, 1),
    ];
    assert.ok(
      Math.abs(measures.meanDisplacement - length) < 1e-6 && Math.abs(measures.outsideShare - 1 + inside) < 1e-6,
    );
    assert.equal(measures.foldedShare, 0);
    assert.ok(measures.similarityAfter!.difference < 1e-6 && measures.similarityAfter!.correlation! > 1 - 1e-9);
    assert.ok(Math.abs(measures.similarityBefore!.difference - Math.abs(offset)) < 1e-6);
    const wrong = warped.data.filter((value, at) => value !== 0 && Math.abs(value - fixed.data[at]!) > 1e-5);
    assert.equal(wrong.length, 0);
  }
});

test('images of other extents are laid edge to edge, and vectors are scaled to each grid', () => {
  const fixed = ramp([8, 6], [0.02, 0.03]);
  const moving = resizeLinear(fixed, [16, 18]);
  const still = registration(moving, fixed, tensor([2, 4, 3]));
  assert.equal(still.measures.meanDisplacement, 0);
  assert.equal(still.measures.outsideShare, 0);
  // Pixel (2, 4) of 8 × 6 has its centre at (2.5 · 2, 4.5 · 3) − 0.5 of 16 × 18.
  assert.ok(Math.abs(still.field.data[2 * 6 + 4]! + 2 - 4.5) < 1e-6);
  assert.ok(Math.abs(still.field.data[48 + 2 * 6 + 4]! + 4 - 13) < 1e-6);
  // One row of the network's 4 is two of the fixed image and four of the moving one.
  const { field, measures } = registration(moving, fixed, constant([4, 3], [1, 0]), [0.5, 7]);
  assert.ok(Math.abs(field.data[2 * 6 + 4]! - still.field.data[2 * 6 + 4]! - 4) < 1e-6);
  assert.ok(Math.abs(measures.meanDisplacement - 2 * 0.5) < 1e-6);
});

test('a field that folds is counted', () => {
  const image = ramp([4, 10], [0.1, 0.1]);
  const mirrored = tensor(
    [2, 4, 10],
    Float32Array.from({ length: 80 }, (_, at) => (at < 40 ? 0 : 9 - 2 * (at % 10))),
  );
  const { warped, measures } = registration(image, image, mirrored);
  assert.deepEqual([measures.foldedShare, measures.outsideShare], [1, 0]);
  assert.equal(warped.data[0], image.data[9]);
});

test('a network is asked at the size of the fixed image', async () => {
  const network: Network = {
    model: smallModel(),
    device: 'cpu',
    atOnce: 1,
    programs: 0,
    // Every pixel is found one row below.
    run: async (_name, _build, { fixed }) => {
      const shape = fixed!.shape.slice(2);
      assert.deepEqual(shape, [48, 32]);
      return { predicted: tensor([1, 2, ...shape], constant(shape, [1, 0]).data) };
    },
    close: async () => {},
  };
  const { warped, measures } = await register(network, chest(50, 40), chest(96, 64), { spacing: [2, 2] });
  assert.deepEqual(warped.shape, [1, 96, 64]);
  // A row of the network's 48 is two of the fixed image's 96, of 2 mm each.
  assert.ok(Math.abs(measures.meanDisplacement - 4) < 1e-5);
});
