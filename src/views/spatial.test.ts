/** Spatial transformations: ranges of the draws, the identity, regions and the sum of parts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { allClose } from '../testing/all-close.js';
import { affineDraw, affineField, affineMatrix, affinePart } from './affine.js';
import { drawSpatialTransform } from './draw-transform.js';
import { elasticDraw, elasticOffsets, elasticPart } from './elastic.js';
import { cropRegion, type Region, wholeRegion } from './region.js';
import { displacementField } from './spatial.js';

const elastic = { alpha: [5, 20], sigma: [1, 2] } as const;

for (const shape of [
  [10, 13],
  [6, 7, 8],
]) {
  const dims = shape.length;

  test(`${dims}D: affine draws stay in their ranges`, () => {
    for (let sample = 0; sample < 200; sample++) {
      const draws = affineDraw(randomStream('ranges', sample), { degree: 1.5 }, dims, shape);
      assert.ok(draws.angles.every((angle) => Math.abs(angle) <= Math.PI / 6));
      assert.ok(draws.scales.every((scale) => scale >= 0.25 && scale <= 1.75));
      assert.ok(draws.shears.flat().every((shear) => Math.abs(shear) <= (1.5 * Math.PI) / 32));
      assert.ok(draws.translation.every((shift, axis) => Math.abs(shift) <= 0.3 * shape[axis]!));
      assert.equal(draws.angles.length, dims);
    }
  });

  test(`${dims}D: degree 0 is the identity; the released centre shifts even extents by half a pixel`, () => {
    const draws = affineDraw(randomStream('identity'), { degree: 0 }, dims, shape);
    assert.ok(affineField(draws, shape).every((value) => Math.abs(value) < 1e-6));
    const reference = affineField(draws, shape, 'reference');
    const count = reference.length / dims;
    const shifts = reference.map((_, i) => (shape[Math.floor(i / count)]! % 2 === 0 ? 0.5 : 0));
    allClose(reference, shifts);
  });

  test(`${dims}D: the field of a region is the crop of the whole field`, () => {
    const transform = drawSpatialTransform(randomStream('region'), { degree: 1.5, elastic }, shape);
    const region: Region = {
      shape,
      start: shape.map((_, axis) => axis + 1),
      size: shape.map((_, axis) => 3 + (axis % 2)),
    };
    assert.deepEqual(
      displacementField(transform, region),
      cropRegion(displacementField(transform, wholeRegion(shape)), region),
    );
  });

  test(`${dims}D: the elastic part adds its offsets to the affine field`, () => {
    const affine = affineDraw(randomStream('affine'), { degree: 1 }, dims, shape);
    const offsets = elasticDraw(randomStream('elastic'), elastic, shape);
    const both = displacementField([affinePart(affine), elasticPart(offsets)], wholeRegion(shape));
    const alone = affineField(affine, shape);
    const added = elasticOffsets(offsets).flatMap((values) => [...values]);
    const sum = added.map((offset, i) => alone[i]! + offset);
    allClose(both, sum, { absolute: 1e-4 });
  });
}

test('the two angles of the plane turn in opposite directions', () => {
  const draws = {
    angles: [0.3, 0.3],
    scales: [1, 1],
    shears: [
      [0, 0],
      [0, 0],
    ],
    translation: [0, 0],
  };
  assert.ok(affineField(draws, [9, 9]).every((value) => Math.abs(value) < 1e-6));
});

test('a rotation keeps lengths and has determinant 1', () => {
  const none = [0, 0, 0];
  const matrix = affineMatrix({
    angles: [0.2, -0.4, 0.5],
    scales: [1, 1, 1],
    shears: [none, none, none],
    translation: none,
  });
  const axes = [0, 1, 2];
  const products = axes.flatMap((i) => axes.map((j) => matrix.reduce((sum, row) => sum + row[i]! * row[j]!, 0)));
  allClose(products, [1, 0, 0, 0, 1, 0, 0, 0, 1], { absolute: 1e-12 });
  const [a, b, c] = matrix as [number[], number[], number[]];
  const cross = [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!];
  assert.ok(Math.abs(cross.reduce((sum, value, i) => sum + value * c[i]!, 0) - 1) < 1e-12);
});
