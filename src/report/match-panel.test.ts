/** Panels of pairs: the marks stand where the points are, and photos keep means and proportions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { picture, pixelAt } from './canvas.js';
import { fieldPanel, matchPanel } from './match-panel.js';
import { heading } from './montage.js';
import { displayRange, mark, photo } from './photo.js';

test('a photo keeps the proportions and averages what it shrinks', () => {
  const stripes = tensor(
    [1, 64, 32],
    new Float32Array(64 * 32).map((_, index) => index % 2),
  );
  const small = photo(stripes, { side: 8, range: [0, 1] });
  assert.deepEqual([small.height, small.width], [8, 4]);
  assert.ok(small.data.every((value) => value === 128));
  const colour = photo(tensor([3, 1, 1], Float32Array.of(1, 0.5, 0)), { side: 1, range: [0, 1] });
  assert.deepEqual([...colour.data], [255, 128, 0]);
});

test('a bright marker does not darken an image, and a dark background does not count', () => {
  const image = tensor([1, 100, 100]);
  // Half of it is background, the body goes from 0.2 to 0.4, and the marker covers 20 pixels.
  for (let at = 5000; at < 10000; at++) image.data[at] = 0.2 + (0.2 * (at - 5000)) / 5000;
  image.data.fill(1, 9980);
  const [low, high] = displayRange([image]);
  assert.equal(low, 0);
  assert.ok(Math.abs(high - 0.4) < 0.005, `${high}`);
  const drawn = photo(image, { side: 100 });
  assert.ok(pixelAt(drawn, 97, 50)[0] > 245);
  assert.deepEqual(displayRange([tensor([1, 2, 2], new Float32Array(4).fill(0.5))]), [0, 1]);
  assert.deepEqual(displayRange([tensor([1, 2, 2], new Float32Array(4).fill(7))]), [7, 8]);
  assert.deepEqual(displayRange([tensor([1, 2], Float32Array.of(Number.NaN, Number.NaN))]), [0, 1]);
});

test('a mark is a ring around its place, which stays free', () => {
  const target = picture(120, 120, [50, 50, 50]);
  mark(target, 60, 40, [255, 176, 0]);
  assert.deepEqual(pixelAt(target, 60, 40), [50, 50, 50]);
  assert.deepEqual(pixelAt(target, 60, 58), [255, 176, 0]);
  assert.deepEqual(pixelAt(target, 42, 40), [255, 176, 0]);
  mark(target, 0, 119, [255, 176, 0]);
});

test('a panel has a row for each point and the field panel two', () => {
  const [a, b] = [tensor([1, 30, 20]), tensor([1, 24, 24])];
  const match = { from: { x: 5, y: 7 }, to: { x: 9, y: 3 }, similarity: 0.9, map: tensor([1, 30, 20]) };
  const [one, two] = [matchPanel(a, b, [match]), matchPanel(a, b, [match, match])];
  assert.ok(one.width === two.width && two.height > 1.9 * one.height);
  // A is 256 wide and 384 high in its cell, which starts 8 pixels from the left and below the title.
  const zoom = 384 / 30;
  const [row, column] = [8 + heading + 7.5 * zoom - 0.5, 8 + 5.5 * zoom - 0.5];
  assert.deepEqual(pixelAt(one, Math.round(row), Math.round(column) + 18), [255, 176, 0]);
  const field = fieldPanel({ moving: a, fixed: a, warped: a, field: tensor([2, 30, 20]) });
  assert.ok(field.height > 800 && field.width > 800);
});
