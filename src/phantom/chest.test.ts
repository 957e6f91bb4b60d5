import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chestClasses, chestPhantom } from './chest.js';

test('the same subject is drawn byte for byte again', () => {
  const first = chestPhantom({ size: [96, 96], seed: 1, subject: 3 });
  const again = chestPhantom({ size: [96, 96], seed: 1, subject: 3 });
  assert.deepEqual(first.image.shape, [1, 96, 96]);
  assert.deepEqual(first.image.data, again.image.data);
  assert.deepEqual(first.labels, again.labels);
});

test('every class has a plausible area and a place, in [0, 1], at several sizes', () => {
  for (const [height, width] of [
    [64, 64],
    [192, 192],
    [128, 160],
  ] as const) {
    for (let subject = 0; subject < 6; subject++) {
      const { image, labels } = chestPhantom({ size: [height, width], seed: 7, subject });
      assert.ok(image.data.every((value) => value >= 0 && value <= 1));
      const area = chestClasses.map(() => 0);
      const columns = chestClasses.map(() => 0);
      const brightness = chestClasses.map(() => 0);
      labels.forEach((label, pixel) => {
        area[label]!++;
        columns[label]! += pixel % width;
        brightness[label]! += image.data[pixel]!;
      });
      const share = (label: number) => area[label]! / Math.min(height, width) ** 2;
      const column = (label: number) => columns[label]! / area[label]! / width;
      const mean = (label: number) => brightness[label]! / area[label]!;
      assert.ok(share(1) > 0.08 && share(1) < 0.3, `right lung ${share(1)}`);
      assert.ok(share(2) > 0.06 && share(2) < 0.3, `left lung ${share(2)}`);
      assert.ok(share(3) > 0.03 && share(3) < 0.12, `heart ${share(3)}`);
      assert.ok(share(4) > 0.008 && share(4) < 0.08, `clavicles ${share(4)}`);
      assert.ok(column(1) < 0.5 && column(2) > 0.5, "the patient's right is on the left of the picture");
      assert.ok(mean(1) < mean(3) && mean(2) < mean(3), 'air is darker than the heart');
    }
  }
});

test('subjects and seeds differ in anatomy, not only in noise', () => {
  const labels = (seed: number, subject: number) => chestPhantom({ size: [96, 96], seed, subject }).labels;
  const reference = labels(0, 0);
  for (const other of [labels(0, 1), labels(0, 2), labels(1, 0)]) {
    const different = other.reduce((count, label, pixel) => count + (label === reference[pixel] ? 0 : 1), 0);
    assert.ok(different > 0.01 * other.length, `only ${different} labels differ`);
  }
});

test('a size that is not whole or too small is refused', () => {
  assert.throws(() => chestPhantom({ size: [8, 96], seed: 0, subject: 0 }), /at least 16/);
  assert.throws(() => chestPhantom({ size: [96.5, 96], seed: 0, subject: 0 }), /whole pixels/);
});
