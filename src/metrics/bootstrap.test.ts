import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { bootstrap, bootstrapMean } from './bootstrap.js';
import { close } from './fixtures.js';
import { quantile } from './quantile.js';

test('quantiles interpolate between neighbours', () => {
  const sorted = Float64Array.of(0, 1, 3, 10);
  close(quantile(sorted, 0), 0);
  close(quantile(sorted, 0.5), 2);
  close(quantile(sorted, 0.95), 8.95);
  close(quantile(sorted, 1), 10);
  assert.equal(quantile(Float64Array.of(4), 0.95), 4);
});

test('the interval of a mean is about 1.96 standard errors to each side', () => {
  const random = randomStream(3, 'values');
  const values = Array.from({ length: 400 }, () => random.normal(5, 2));
  const { value, low, high, cases } = bootstrapMean(values, { resamples: 4000 });
  assert.equal(cases, 400);
  close(value! - low!, 1.96 * 0.1, 'low', 0.025);
  close(high! - value!, 1.96 * 0.1, 'high', 0.025);
});

test('the same seed gives the same interval, and another seed another one', () => {
  const values = [0.2, 0.5, 0.9, 0.4, 0.7];
  assert.deepEqual(bootstrapMean(values, { seed: 4 }), bootstrapMean(values, { seed: 4 }));
  assert.notDeepEqual(
    bootstrapMean(values, { seed: 4, resamples: 50 }),
    bootstrapMean(values, { seed: 5, resamples: 50 }),
  );
});

test('a higher level gives a wider interval, around the value', () => {
  const values = [0.2, 0.5, 0.9, 0.4, 0.7, 0.1];
  const [narrow, wide] = [bootstrapMean(values, { level: 0.8 }), bootstrapMean(values, { level: 0.99 })];
  assert.ok(wide.low! <= narrow.low! && narrow.low! <= narrow.value!);
  assert.ok(wide.high! >= narrow.high! && narrow.high! >= narrow.value!);
});

test('undefined values are left out; one value has no interval, none has no mean', () => {
  assert.deepEqual(bootstrapMean([null, 3]), { value: 3, low: null, high: null, cases: 1 });
  assert.deepEqual(bootstrapMean([null]), { value: null, low: null, high: null, cases: 0 });
  assert.deepEqual(bootstrapMean([2, 2, null]), { value: 2, low: 2, high: 2, cases: 2 });
});

test('strata keep their size in every resample', () => {
  const strata = [0, 1, 1, 0, 1, 2];
  bootstrap(
    6,
    (counts) => {
      const sizes = [0, 0, 0];
      strata.forEach((stratum, index) => {
        sizes[stratum]! += counts[index]!;
      });
      assert.deepEqual(sizes, [2, 3, 1]);
      return [0];
    },
    { resamples: 20 },
    strata,
  );
});

test('options outside of their range are named', () => {
  assert.throws(() => bootstrapMean([1, 2], { resamples: 0 }), /resamples: expected a whole number .* found 0/);
  assert.throws(() => bootstrapMean([1, 2], { level: 95 }), /level: expected a number between 0 and 1, found 95/);
});
