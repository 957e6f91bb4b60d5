import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Tensor, tensor } from '../../core/tensor.js';
import { allClose } from '../../testing/all-close.js';
import type { Predict } from '../task.js';
import { argmax } from './decide.js';
import { slidingWindow, windowStarts } from './sliding-window.js';

/** An image whose value tells its place. */
function ramp(...shape: number[]): Tensor {
  const image = tensor([1, ...shape]);
  image.data.forEach((_, index) => {
    image.data[index] = index / image.data.length;
  });
  return image;
}

/** Two classes whose probabilities follow from the pixel alone. */
const pointwise: Predict = async ({ shape, data }) =>
  tensor([2, ...shape.slice(1)], Float32Array.of(...data, ...data.map((value) => 1 - value)));

test('windows cover everything and end at the end', () => {
  assert.deepEqual(windowStarts([32], [32], 0.5), [[0]]);
  assert.deepEqual(windowStarts([80], [32], 0.5), [[0], [16], [32], [48]]);
  assert.deepEqual(windowStarts([40, 32], [32, 32], 0), [
    [0, 0],
    [8, 0],
  ]);
});

test('where one window covers the image, the result is that of the whole image, to the bit', async () => {
  const image = ramp(32, 48);
  let calls = 0;
  const predict: Predict = (window) => {
    calls++;
    return pointwise(window);
  };
  const found = await slidingWindow(image, predict, { window: [64, 64] });
  assert.equal(calls, 1);
  assert.deepEqual(found, await pointwise(image));
});

for (const shape of [
  [70, 33],
  [20, 40, 18],
]) {
  test(`blended windows of a pointwise network are its whole image, ${shape.length}D`, async () => {
    const image = ramp(...shape);
    const found = await slidingWindow(image, pointwise, { window: shape.map(() => 16), overlap: 0.5 });
    const expected = await pointwise(image);
    assert.deepEqual(found.shape, expected.shape);
    allClose(found.data, expected.data, { absolute: 1e-5 });
  });
}

test('mirrored copies are mirrored back', async () => {
  const image = ramp(16, 32);
  const seen: Tensor[] = [];
  const predict: Predict = (window) => {
    seen.push(window);
    return pointwise(window);
  };
  const found = await slidingWindow(image, predict, { window: [16, 32], flips: [0, 1] });
  assert.equal(seen.length, 4);
  assert.equal(seen[1]!.data[0], image.data[15 * 32]);
  const expected = await pointwise(image);
  allClose(found.data, expected.data);
});

test('the class of the highest probability, the first of equal ones', () => {
  const { shape, data } = argmax(tensor([3, 1, 3], Float32Array.of(0.5, 0.2, 0.1, 0.5, 0.3, 0.1, 0, 0.5, 0.8)));
  assert.deepEqual(
    [shape, [...data]],
    [
      [1, 3],
      [0, 2, 2],
    ],
  );
});
