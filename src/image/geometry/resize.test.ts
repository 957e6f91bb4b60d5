import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { resizeLinear } from './resize.js';

test('half-pixel positions with a clamped border', () => {
  const row = tensor([1, 4], Float32Array.of(0, 1, 2, 3));
  assert.deepEqual([...resizeLinear(row, [2]).data], [0.5, 2.5]);
  assert.deepEqual([...resizeLinear(row, [8]).data], [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
});

test('channels stay apart, axes are independent, the input stays as it was', () => {
  const input = tensor([2, 2, 2], Float32Array.of(0, 2, 4, 6, 10, 10, 10, 10));
  const output = resizeLinear(input, [1, 4]);
  assert.deepEqual(output.shape, [2, 1, 4]);
  assert.deepEqual([...output.data], [2, 2.5, 3.5, 4, 10, 10, 10, 10]);
  const same = resizeLinear(input, [2, 2]);
  assert.deepEqual(same, input);
  assert.notEqual(same.data, input.data);
});

test('a span crops, and resizes what it covers', () => {
  const row = tensor([1, 6], Float32Array.of(0, 1, 2, 3, 4, 100));
  assert.deepEqual([...resizeLinear(row, [4], [4]).data], [0, 1, 2, 3]);
  assert.deepEqual([...resizeLinear(row, [2], [4]).data], [0.5, 2.5]);
  assert.deepEqual([...resizeLinear(row, [5], [2.5]).data], [0, 0.25, 0.75, 1.25, 1.75]);
  assert.deepEqual([...resizeLinear(row, [6], [3]).data], [0, 0.25, 0.75, 1.25, 1.75, 2.25]);
});

test('channels and a third axis are kept apart', () => {
  const data = new Float32Array(2 * 2 * 3 * 2).fill(1, 0, 12).fill(5, 12);
  const resized = resizeLinear(tensor([2, 2, 3, 2], data), [3, 5, 4]);
  assert.deepEqual(resized.shape, [2, 3, 5, 4]);
  assert.deepEqual(resized.data, new Float32Array(120).fill(1, 0, 60).fill(5, 60));
});

test('a volume keeps a constant and takes any size', () => {
  const output = resizeLinear(tensor([1, 3, 4, 5], new Float32Array(60).fill(0.7)), [5, 1, 7]);
  assert.deepEqual(output.shape, [1, 5, 1, 7]);
  assert.ok(output.data.every((value) => value === Math.fround(0.7)));
});
