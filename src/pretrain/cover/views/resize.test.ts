/** Resizing: identity, constants, ramps and channels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../core/tensor.js';
import { resizeLinear } from './resize.js';

test('equal extents return the image itself', () => {
  const image: Tensor = { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
  assert.equal(resizeLinear(image, [2, 2]), image);
});

test('twice the size has half-pixel centres and a clamped border', () => {
  const image: Tensor = { shape: [1, 1, 2], data: Float32Array.of(0, 4) };
  assert.deepEqual(resizeLinear(image, [1, 4]).data, Float32Array.of(0, 1, 3, 4));
});

test('half the size takes the middle between two pixels', () => {
  const image: Tensor = { shape: [1, 1, 4], data: Float32Array.of(0, 2, 10, 20) };
  assert.deepEqual(resizeLinear(image, [1, 2]).data, Float32Array.of(1, 15));
});

test('channels and a third axis are kept apart', () => {
  const data = new Float32Array(2 * 2 * 3 * 2).fill(1, 0, 12).fill(5, 12);
  const resized = resizeLinear({ shape: [2, 2, 3, 2], data }, [3, 5, 4]);
  assert.deepEqual(resized.shape, [2, 3, 5, 4]);
  assert.deepEqual(resized.data, new Float32Array(120).fill(1, 0, 60).fill(5, 60));
});
