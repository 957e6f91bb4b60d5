/** Random streams: what is drawn at once is what is drawn one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from './random.js';

test('many normal numbers at once are those that come one by one, whatever was drawn before and after', () => {
  const [whole, single] = [randomStream(3, 'normals'), randomStream(3, 'normals')];
  for (const count of [0, 1, 4, 5, 2, 0, 3, 1100, 1]) {
    const expected = Float32Array.from({ length: count }, () => single.normal(0, 0.7));
    assert.deepEqual(whole.normals(new Float32Array(count), 0.7), expected, `${count}`);
    assert.equal(whole.uniform(), single.uniform());
  }
});
