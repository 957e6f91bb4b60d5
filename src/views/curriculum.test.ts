/** The curriculum: a share that grows linearly, and views whose displacements grow with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import { allClose } from '../testing/all-close.js';
import { strengthAt, weakened } from './curriculum.js';
import { defaultViewOptions, drawViews, viewImageShape } from './views.js';

test('the share grows linearly to 1 and stays there; without a curriculum it is 1', () => {
  const curriculum = { from: 0.2, steps: 4 };
  const shares = [1, 2, 3, 4, 5, 6].map((step) => strengthAt(step, curriculum));
  allClose(shares, [0.4, 0.6, 0.8, 1, 1, 1], { absolute: 1e-12 });
  assert.equal(strengthAt(100, curriculum), 1);
  assert.equal(strengthAt(1, null), 1);
  assert.equal(strengthAt(1, { from: 0, steps: 1 }), 1);
});

for (const crop of [
  [32, 48],
  [16, 16, 16],
]) {
  test(`${crop.length}D: half the strength gives shorter displacements, from affine and elastic parts, and 0 gives none`, () => {
    const options = { ...defaultViewOptions(crop), elastic: { alpha: [50, 50], sigma: [2, 2] } as const };
    const shape = viewImageShape(options);
    const image = { shape: [1, ...shape], data: new Float32Array(sizeOf(shape)) };
    const mean = (strength: number, extra: Partial<typeof options> = {}) => {
      const drawn = Array.from({ length: 8 }, (_, sample) =>
        drawViews(image, weakened({ ...options, ...extra }, strength), randomStream(3, sample)),
      );
      const values = drawn.flatMap(({ field }) => Array.from(field, Math.abs));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    assert.ok(mean(0.5) < 0.8 * mean(1));
    assert.ok(mean(0.5, { degree: 0 }) < 0.6 * mean(1, { degree: 0 }));
    assert.ok(mean(0) < 1e-5);
    assert.equal(weakened(options, 1), options);
  });
}
