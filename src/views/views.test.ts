/** Views: equal streams give equal views, and the field leads from the moving view to the fixed view. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { warpLinear } from './field.js';
import { defaultViewOptions, drawViews, type ViewOptions, viewImageShape } from './views.js';

const elastic = { alpha: [5, 20], sigma: [1, 2] } as const;

for (const crop of [
  [16, 24],
  [8, 10, 12],
]) {
  const options: ViewOptions = { ...defaultViewOptions(crop), elastic };
  const image = randomImage([2, ...viewImageShape(options)]);
  const label = `${crop.length}D`;

  test(`${label}: equal streams give equal views, other streams other views`, () => {
    const draw = (sample: number) => drawViews(image, options, randomStream(1, 0, sample, 'views'));
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3).field, draw(4).field);
  });

  test(`${label}: warping the moving view by the field shows the fixed view wherever it is valid`, () => {
    for (let sample = 0; sample < 20; sample++) {
      const plain = { ...options, appearance: noAppearance };
      const { moving, fixed, field, mask, validShare } = drawViews(image, plain, randomStream(2, sample));
      const warped = warpLinear({ shape: [2, ...crop], data: moving }, field);
      const count = mask.length;
      for (let i = 0; i < fixed.length; i++) {
        if (mask[i % count] === 1) assert.ok(Math.abs(warped[i]! - fixed[i]!) < 1e-5, `sample ${sample}, value ${i}`);
      }
      assert.ok(validShare > 0);
    }
  });

  test(`${label}: shapes, the valid share and untouched input`, () => {
    const before = image.data.slice();
    const views = drawViews(image, options, randomStream(3));
    assert.deepEqual(image.data, before);
    const count = sizeOf(crop);
    assert.equal(views.moving.length, 2 * count);
    assert.equal(views.fixed.length, 2 * count);
    assert.equal(views.field.length, crop.length * count);
    assert.equal(views.mask.length, count);
    assert.equal(views.validShare, views.mask.reduce((sum, value) => sum + value, 0) / count);
  });

  test(`${label}: degree 0 without elastic part gives the same anatomy twice`, () => {
    const still = { ...options, degree: 0, elastic: null, appearance: noAppearance };
    const { moving, fixed, field, validShare } = drawViews(image, still, randomStream(4));
    assert.ok(field.every((value) => value === 0));
    assert.deepEqual(moving, fixed);
    assert.equal(validShare, 1);
  });
}

test('views with too few valid pixels are drawn again', () => {
  const options = { ...defaultViewOptions([16, 16]), minimumValidShare: 0.7 };
  const image = randomImage([1, ...viewImageShape(options)]);
  for (let sample = 0; sample < 20; sample++) {
    assert.ok(drawViews(image, options, randomStream(5, sample)).validShare >= 0.7);
  }
});

test('when no draw has enough valid pixels the best one is returned', () => {
  const options = { ...defaultViewOptions([16, 16]), minimumValidShare: 2 };
  const image = randomImage([1, ...viewImageShape(options)]);
  const { validShare } = drawViews(image, options, randomStream(6));
  const first = drawViews(image, { ...options, minimumValidShare: 0 }, randomStream(6));
  assert.ok(validShare >= first.validShare && validShare <= 1);
});

test('an image that is smaller than the crop, or has other axes, is refused', () => {
  const options = defaultViewOptions([16, 16]);
  for (const shape of [
    [1, 16, 15],
    [1, 16, 16, 16],
    [16, 16],
  ]) {
    assert.throws(() => drawViews(randomImage(shape), options, randomStream(7)), InputError);
  }
});

test('an image of exactly the crop leaves one place for the window', () => {
  const { fixed } = drawViews(randomImage([1, 16, 16]), defaultViewOptions([16, 16]), randomStream(8));
  assert.equal(fixed.length, 256);
});

const noAppearance = {
  noise: [0, 0],
  blur: [0, 0],
  contrast: [1, 1],
  brightness: 0,
  inpaint: { blocks: 0, probability: 0 },
} as const;

function randomImage(shape: readonly number[]): Tensor {
  const random = randomStream('image', ...shape);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()) };
}
