/** Panels of pairs: the marks stand where the points are, and photos keep means and proportions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { picture, pixelAt } from './canvas.js';
import { fieldPanel, matchPanel } from './match-panel.js';
import { mark, photo } from './photo.js';

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

test('a mark is a ring around its place, which stays free', () => {
  const target = picture(60, 60, [50, 50, 50]);
  mark(target, 30, 20, [255, 176, 0]);
  assert.deepEqual(pixelAt(target, 30, 20), [50, 50, 50]);
  assert.deepEqual(pixelAt(target, 30, 29), [255, 176, 0]);
  assert.deepEqual(pixelAt(target, 21, 20), [255, 176, 0]);
  mark(target, 0, 59, [255, 176, 0]);
});

test('a panel has a row for each point and the field panel two', () => {
  const [a, b] = [tensor([1, 30, 20]), tensor([1, 24, 24])];
  const match = { from: { x: 5, y: 7 }, to: { x: 9, y: 3 }, similarity: 0.9, map: tensor([1, 30, 20]) };
  const [one, two] = [matchPanel(a, b, [match]), matchPanel(a, b, [match, match])];
  assert.ok(one.width === two.width && two.height > 1.9 * one.height);
  // A is 280 wide and 420 high in its cell, which starts 6 pixels from the left and below the title.
  const [row, column] = [6 + 26 + 7.5 * 14 - 0.5, 6 + 5.5 * 14 - 0.5];
  assert.deepEqual(pixelAt(one, Math.round(row), Math.round(column) + 9), [255, 176, 0]);
  const field = fieldPanel({ moving: a, fixed: a, warped: a, field: tensor([2, 30, 20]) });
  assert.ok(field.height > 800 && field.width > 800);
});
