import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { pcaPicture } from './pca-picture.js';

test('the PCA picture separates regions and is the same each time', () => {
  const random = randomStream(1, 'features');
  const direction = Array.from({ length: 8 }, () => random.normal());
  const data = Float32Array.from(
    { length: 8 * 16 },
    (_, at) => direction[Math.floor(at / 16)]! * (at % 4 < 2 ? 1 : -1),
  );
  const features = tensor(
    [8, 4, 4],
    data.map((value) => value + random.normal(0, 1e-3)),
  );
  const picture = pcaPicture(features);
  assert.deepEqual(picture.data, pcaPicture(features).data);
  const red = (column: number) => picture.data[column * 3]!;
  assert.ok(Math.abs(red(0) - red(3)) > 200 && Math.abs(red(0) - red(1)) < 20);
  assert.deepEqual(pcaPicture(tensor([1, 2, 2])).data, new Uint8Array(12).fill(128));
});
