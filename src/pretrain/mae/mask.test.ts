/** Masks of patches: whole cells, the wanted share, another draw for another sample. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { drawPatchMask } from './mask.js';

for (const extents of [
  [8, 12],
  [4, 8, 4],
]) {
  test(`${extents.length}D: whole patches are hidden, as many as the share asks for`, () => {
    const mask = drawPatchMask(extents, { patch: 4, ratio: 0.6 }, randomStream(1, 'patches'));
    const pixels = 4 ** extents.length;
    const hidden = mask.reduce((sum, value) => sum + value, 0);
    const cells = mask.length / pixels;
    assert.equal(hidden, Math.round(0.6 * cells) * pixels);
    // Every row of a patch is hidden or shown as a whole.
    for (let start = 0; start < mask.length; start += 4) {
      const row = mask.subarray(start, start + 4);
      assert.ok(row.every((value) => value === row[0]));
    }
    assert.notDeepEqual(drawPatchMask(extents, { patch: 4, ratio: 0.6 }, randomStream(2, 'patches')), mask);
  });
}

test('something is hidden and something is shown, whatever the share', () => {
  const count = (ratio: number) =>
    drawPatchMask([8, 8], { patch: 4, ratio }, randomStream(0)).reduce((sum, value) => sum + value, 0);
  assert.deepEqual([count(0.01), count(0.99)], [16, 48]);
});
