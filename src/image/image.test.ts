import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Image, toChannels, toUnitRange } from './image.js';

const base = { shape: [1, 2], bitDepth: 8, maximum: 255, source: 'x.png' } as const;

test('the unit range divides by the maximum of the bit depth', () => {
  const eight: Image = { ...base, channels: 1, data: Float32Array.of(0, 255) };
  assert.deepEqual(toUnitRange(eight), { shape: [1, 1, 2], data: Float32Array.of(0, 1) });
  const sixteen: Image = { ...eight, bitDepth: 16, maximum: 65535, data: Float32Array.of(1, 65535) };
  assert.deepEqual([...toUnitRange(sixteen).data], [Math.fround(1 / 65535), 1]);
});

test('floating-point values outside of 0 to 1 are refused', () => {
  for (const value of [-0.5, 1.5, Number.NaN]) {
    const image: Image = { ...base, channels: 1, bitDepth: 32, maximum: 1, data: Float32Array.of(0, value) };
    assert.throws(() => toUnitRange(image), { code: 'image', message: /x\.png: expected values from 0 to 1, found/ });
  }
});

test('three channels become Rec. 601 luma, one channel is repeated', () => {
  const colour: Image = { ...base, channels: 3, data: Float32Array.of(255, 255, 0, 255, 0, 255) };
  assert.deepEqual([...toChannels(colour, 1).data], [Math.fround(0.299 * 255), 255]);
  const gray: Image = { ...base, channels: 1, data: Float32Array.of(3, 4) };
  assert.deepEqual([...toChannels(gray, 3).data], [3, 4, 3, 4, 3, 4]);
  assert.equal(toChannels(gray, 1), gray);
  assert.throws(
    () => toChannels({ ...gray, channels: 2, data: new Float32Array(4) }, 1),
    /expected 1 or 3 channels, found 2/,
  );
});
