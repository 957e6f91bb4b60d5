/** Appearance: what each step keeps, where blocks may lie, and that equal streams give equal draws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { allClose } from '../testing/all-close.js';
import { adjustContrast, applyAppearance, drawAppearance } from './appearance.js';
import { defaultViewOptions } from './views.js';

const options = defaultViewOptions([8, 8]).appearance;
const none = { noise: null, blurSigma: 0, contrast: 1, brightness: 0, blocks: [] } as const;

test('without draws the image stays as it is', () => {
  const image = randomImage([2, 6, 7]);
  assert.deepEqual(applyAppearance(image, none), image.data);
});

test('the input is not changed', () => {
  const image = randomImage([1, 20, 30]);
  const before = image.data.slice();
  const draws = drawAppearance(randomStream('appearance'), { ...options, blur: [1, 1] }, image.shape);
  assert.notDeepEqual(applyAppearance(image, draws), before);
  assert.deepEqual(image.data, before);
});

test('contrast keeps the mean and scales the spread', () => {
  const { data } = randomImage([1, 30, 30]);
  const changed = data.slice();
  adjustContrast(changed, 0.5);
  assert.ok(Math.abs(mean(changed) - mean(data)) < 1e-6);
  const middle = mean(data);
  allClose(
    changed,
    data.map((value) => middle + (value - middle) / 2),
  );
});

test('blur does not mix channels and keeps a constant', () => {
  const data = new Float32Array(2 * 5 * 6).fill(0.25, 0, 30).fill(0.75, 30);
  const blurred = applyAppearance({ shape: [2, 5, 6], data }, { ...none, blurSigma: 1.5 });
  allClose(blurred, data);
});

test('blocks have at least one pixel and lie inside of the image, however small', () => {
  for (const shape of [
    [1, 1, 1],
    [1, 2, 9],
    [3, 30, 40],
    [1, 5, 12, 33],
  ]) {
    for (let sample = 0; sample < 50; sample++) {
      const { blocks } = drawAppearance(randomStream('blocks', sample), options, shape);
      assert.ok(blocks.length <= 10);
      for (const { position, size, values } of blocks) {
        assert.equal(values.length, sizeOf(size));
        for (let axis = 0; axis < size.length; axis++) {
          assert.ok(size[axis]! >= 1 && position[axis]! >= 0);
          assert.ok(position[axis]! + size[axis]! <= shape[axis + 1]!);
        }
      }
    }
  }
});

test('a block is painted into every channel and nowhere else', () => {
  const image: Tensor = { shape: [2, 2, 3], data: new Float32Array(12) };
  const block = { position: [1, 1], size: [1, 2], values: Float32Array.of(7, 8) };
  const painted = applyAppearance(image, { ...none, blocks: [block] });
  assert.deepEqual(painted, Float32Array.of(0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 7, 8));
});

test('equal streams give equal draws', () => {
  const draw = () => drawAppearance(randomStream('equal', 3), options, [1, 20, 20]);
  assert.deepEqual(draw(), draw());
});

test('the noise has the drawn standard deviation', () => {
  const { noise } = drawAppearance(randomStream('noise'), { ...options, noise: [0.02, 0.02] }, [1, 100, 100]);
  const deviation = Math.sqrt(noise!.reduce((sum, value) => sum + value * value, 0) / noise!.length);
  assert.ok(Math.abs(deviation - 0.02) < 0.001);
});

function randomImage(shape: readonly number[]): Tensor {
  const random = randomStream('image', ...shape);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()) };
}

function mean(data: Float32Array): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}
