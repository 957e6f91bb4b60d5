import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CT_WINDOWS, contentOf, defaultRule, MRI_PERCENTILES, toUnitVolume } from './intensity.js';
import { percentile } from './percentile.js';
import type { StoredArray, Volume } from './volume.js';

function volumeOf(data: StoredArray, more: Partial<Volume> = {}): Volume {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const shape = [1, 1, data.length] as const;
  return { shape, data, slope: 1, intercept: 0, affine, modality: 'other', source: 'x', warnings: [], ...more };
}

const each = (values: Float32Array | Float64Array) => (use: (value: number) => void) => {
  for (const value of values) use(value);
};

test('a percentile is the value of its rank in the sorted array, however large the array and its range', () => {
  const values = fc.float64Array({ minLength: 1, maxLength: 50, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 100, noNaN: true }), (some, percent) => {
      const many = Float64Array.from({ length: some.length * 2000 }, (_, index) => some[index % some.length]! + 0);
      const rank = Math.max(0, Math.ceil((percent / 100) * many.length) - 1);
      const found = percentile(each(many), percent);
      assert.equal(found + 0, many.sort()[rank]! + 0);
    }),
    { numRuns: 60 },
  );
  assert.ok(Number.isNaN(percentile(() => {}, 50)));
});

test('many different values are ranked exactly', () => {
  const values = Float32Array.from({ length: 200_000 }, (_, index) => ((index * 7919) % 200_000) / 7);
  values[5] = 1e30;
  const sorted = Float64Array.from(values).sort();
  for (const percent of [0.5, 50, 99.5]) {
    const rank = Math.ceil((percent / 100) * values.length) - 1;
    assert.equal(percentile(each(values), percent), sorted[rank]);
  }
});

test('a CT window is in Hounsfield units, after slope and intercept', () => {
  const ct = volumeOf(Uint16Array.of(0, 24, 1024, 2024, 4000, ...Array.from({ length: 50 }, (_, index) => index)), {
    intercept: -1024,
    modality: 'CT',
  });
  assert.deepEqual(defaultRule(ct), CT_WINDOWS.wide);
  const { data, warnings } = toUnitVolume(ct);
  assert.deepEqual(data.shape, [1, 1, 1, 55]);
  assert.deepEqual([...data.data.subarray(0, 5)], [0, 0, 0.5, 1, 1]);
  assert.deepEqual(warnings, []);
  const far = toUnitVolume(ct, { kind: 'window', lower: 5000, upper: 6000 });
  assert.match(far.warnings[0]!, /no value lies in the window from 5000 to 6000/);
});

test('percentiles are of the foreground: padding does not move them', () => {
  const tissue = Array.from({ length: 1000 }, (_, index) => 100.5 + index);
  const bare = toUnitVolume(volumeOf(Float32Array.from([0, ...tissue])), MRI_PERCENTILES);
  const padded = toUnitVolume(volumeOf(Float32Array.from([...new Array(9000).fill(0), ...tissue])), MRI_PERCENTILES);
  assert.deepEqual([bare.lower, bare.upper], [104.5, 1094.5]);
  assert.deepEqual([padded.lower, padded.upper], [bare.lower, bare.upper]);
  assert.ok(padded.data.data.every((value) => value >= 0 && value <= 1));
});

test('a negative slope, NaN and infinity are taken as they are', () => {
  const turned = volumeOf(
    Int16Array.from({ length: 100 }, (_, index) => index),
    { slope: -0.5, intercept: 3 },
  );
  const { data } = toUnitVolume(turned);
  assert.ok(data.data[0]! > data.data[50]! && data.data[50]! > data.data[98]!);
  const broken = volumeOf(Float32Array.from([Number.NaN, Infinity, ...Array.from({ length: 50 }, (_, i) => i / 7)]));
  const unit = toUnitVolume(broken);
  assert.ok(unit.data.data.every((value) => value >= 0 && value <= 1));
  assert.deepEqual(unit.warnings, ['2 values that are not finite become 0']);
});

test('constants, masks and volumes without a value are told from images', () => {
  assert.equal(contentOf(volumeOf(Float32Array.of(Number.NaN, Number.NaN))), 'empty');
  assert.equal(contentOf(volumeOf(Float32Array.of(2.5, 2.5))), 'constant');
  assert.equal(contentOf(volumeOf(Uint8Array.of(0, 1, 1, 2))), 'labels');
  assert.equal(contentOf(volumeOf(Uint8Array.of(0, 1, 1, 2), { slope: 0.3 })), 'image');
  assert.equal(contentOf(volumeOf(Uint8Array.from({ length: 33 }, (_, index) => index))), 'image');
  const constant = toUnitVolume(volumeOf(Uint8Array.of(7, 7)));
  assert.deepEqual([constant.content, ...constant.data.data], ['constant', 0, 0]);
  assert.deepEqual(constant.warnings, ['all values are equal']);
  const mask = toUnitVolume(volumeOf(Uint8Array.of(0, 0, 1, 1)));
  assert.deepEqual([mask.content, ...mask.data.data], ['labels', 0, 0, 1, 1]);
  assert.match(mask.warnings[0]!, /may be a mask/);
});

test('a rule without a range is refused', () => {
  const volume = volumeOf(Uint8Array.of(1, 2));
  for (const rule of [
    { kind: 'window', lower: 5, upper: 5 },
    { kind: 'window', lower: Number.NaN, upper: 5 },
    { kind: 'percentiles', lower: -1, upper: 99 },
    { kind: 'percentiles', lower: 50, upper: 101 },
  ] as const) {
    assert.throws(() => toUnitVolume(volume, rule), { code: 'config' });
  }
});
