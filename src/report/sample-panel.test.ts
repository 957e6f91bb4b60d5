import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { pixelAt } from './canvas.js';
import { viridis } from './colour.js';
import { samplePanel } from './sample-panel.js';

const filled = (shape: readonly number[], value: number) => {
  const map = tensor(shape);
  map.data.fill(value);
  return map;
};

test('images, shares within their mask and features stand side by side, in rows of the given length', () => {
  const mask = filled([1, 100, 80], 1);
  mask.data.fill(0, 0, 50 * 80);
  const cells = [
    { title: 'image', map: filled([1, 100, 80], 0.5), as: 'gray' },
    { title: 'share', map: filled([1, 100, 80], 0.25), as: 'share', mask },
    { title: 'features', map: filled([8, 100, 80], 1), as: 'features' },
  ] as const;
  const row = samplePanel(cells);
  const rows = samplePanel(cells, 2);
  // Cells of 400 × 320 with a gap of 8 around each.
  assert.equal(row.width, 3 * 328 + 8);
  assert.equal(rows.width, 2 * 328 + 8);
  assert.ok(rows.height > 1.9 * row.height);
  const bottom = row.height - 10;
  assert.deepEqual(pixelAt(row, bottom, 20), [128, 128, 128]);
  assert.deepEqual(pixelAt(row, bottom, 328 + 20), viridis(0.25));
  assert.deepEqual(pixelAt(row, row.height - 390, 328 + 20), [77, 77, 77]);
});

test('a volume has a row for each plane', () => {
  const cells = [
    { title: 'image', map: filled([1, 16, 16, 16], 0), as: 'gray' },
    { title: 'other', map: filled([1, 16, 16, 16], 1), as: 'gray' },
  ] as const;
  const panel = samplePanel(cells, 1);
  const side = 16 * 25;
  assert.equal(panel.width, 2 * (side + 8) + 8);
  assert.ok(panel.height > 3 * side && panel.height < 4 * side);
});

test('cells of other extents are a mistake', () => {
  const cells = [filled([1, 16, 16], 0), filled([1, 16, 8], 0)].map((map) => ({ title: '', map, as: 'gray' as const }));
  assert.throws(() => samplePanel(cells), /share their extents/);
});
