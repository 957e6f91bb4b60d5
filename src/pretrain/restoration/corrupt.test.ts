/** Each corruption by what it may change and what it must leave, in two and three dimensions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import { changeIntensities, corrupt, inpaint, outpainted, shuffled } from './corrupt.js';

for (const extents of [
  [40, 30],
  [20, 16, 24],
]) {
  const shape = [2, ...extents];
  const pixels = sizeOf(extents);
  // The second channel is the first less 2, so that both tell whether a pixel's channels share its fate.
  const image = tensor(
    shape,
    Float32Array.from({ length: 2 * pixels }, (_, index) => (index % pixels) / pixels - 2 * Math.floor(index / pixels)),
  );
  const stream = (name: string) => randomStream(5, name, extents.length);
  const changed = (data: Float32Array) =>
    data.filter((value, index) => value !== image.data[index]).length / data.length;

  test(`shuffling moves pixels within a tenth of the extents, ${extents.length}D`, () => {
    const result = shuffled(image.data, shape, stream('shuffle'));
    assert.ok(changed(result) > 0.4, `${changed(result)}`);
    for (let index = 0; index < pixels; index++) {
      const source = Math.round(result[index]! * pixels);
      assert.equal(result[pixels + index], image.data[pixels + source]);
      let [from, to] = [source, index];
      for (const extent of extents.toReversed()) {
        assert.ok(Math.abs((from % extent) - (to % extent)) < Math.floor(extent / 10));
        [from, to] = [Math.floor(from / extent), Math.floor(to / extent)];
      }
    }
  });

  test(`in-painting leaves most of the image, out-painting keeps windows of it, ${extents.length}D`, () => {
    for (let k = 0; k < 8; k++) {
      const painted = image.data.slice();
      inpaint(painted, shape, stream(`in ${k}`));
      assert.ok(changed(painted) <= 5 / 3 ** extents.length + 0.01);
      const kept = 1 - changed(outpainted(image.data, shape, stream(`out ${k}`)));
      assert.ok(kept > 0.3 ** extents.length && kept < 5 * (4 / 7) ** extents.length, `${kept}`);
    }
  });

  test(`equal streams give equal images, probabilities of 0 leave them, ${extents.length}D`, () => {
    const all = { shuffle: 1, nonlinear: 1, paint: 1, outpaint: 0.5 };
    const before = image.data.slice();
    assert.deepEqual(corrupt(image, all, stream('a')), corrupt(image, all, stream('a')));
    assert.notDeepEqual(corrupt(image, all, stream('a')), corrupt(image, all, stream('b')));
    assert.deepEqual(corrupt(image, { shuffle: 0, nonlinear: 0, paint: 0, outpaint: 1 }, stream('a')), image.data);
    assert.deepEqual(image.data, before);
  });
}

test('intensities rise or fall along the curve from end to end, and stay within 0 and 1', () => {
  const directions = new Set<number>();
  for (let k = 0; k < 20; k++) {
    const ramp = Float32Array.from({ length: 101 }, (_, index) => index / 100);
    changeIntensities(ramp, randomStream(1, 'curve', k));
    const direction = Math.sign(ramp[100]! - ramp[0]!);
    directions.add(direction);
    assert.deepEqual([ramp[0], ramp[100]], direction > 0 ? [0, 1] : [1, 0]);
    for (let index = 1; index <= 100; index++) assert.ok(direction * (ramp[index]! - ramp[index - 1]!) >= 0);
  }
  assert.deepEqual([...directions].sort(), [-1, 1]);
});
