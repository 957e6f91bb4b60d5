import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allClose } from '../../testing/all-close.js';
import { minimalFilter, mostTaps } from './minimal-filter.js';

for (const [taps, tile] of [
  [3, 4],
  [3, 2],
  [2, 5],
  [1, 6],
] as const) {
  test(`${taps} taps of a tile of ${tile} from ${taps + tile - 1} products`, () => {
    const { ofWindow, ofTile, toTaps } = minimalFilter(taps, tile);
    const x = Array.from({ length: taps + tile - 1 }, (_, index) => Math.sin(3 * index + 1));
    const g = Array.from({ length: tile }, (_, index) => Math.cos(2 * index));
    const times = (rows: readonly (readonly number[])[], vector: readonly number[]) =>
      rows.map((row) => row.reduce((sum, factor, index) => sum + factor * vector[index]!, 0));
    const [window, filter] = [times(ofWindow, x), times(ofTile, g)];
    assert.equal(window.length, taps + tile - 1);
    const found = times(
      toTaps,
      window.map((value, index) => value * filter[index]!),
    );
    const expected = Array.from({ length: taps }, (_, k) => g.reduce((sum, value, r) => sum + value * x[k + r]!, 0));
    allClose(found, expected, { absolute: 1e-12 });
  });
}

test('more taps than there are points for are refused', () => {
  assert.equal(mostTaps(4), 3);
  assert.throws(() => minimalFilter(5, 4), /no filter for 5 taps and a tile of 4/);
});
