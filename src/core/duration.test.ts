import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doneText, forecastText } from './duration.js';

test('a forecast says how long in all and when it is done, with the date of another day', () => {
  const now = new Date(2026, 10, 27, 13, 47, 10);
  assert.equal(forecastText({ whole: 2820, left: 2700 }, now), 'about 47 min in all, done at 14:32');
  assert.equal(forecastText({ whole: null, left: 95 }, now), 'about 95 s to go, done at 13:48');
  assert.equal(
    forecastText({ whole: 40_000, left: 39_900 }, now),
    'about 11 h 7 min in all, done on 2026-11-28 at 00:52',
  );
  assert.equal(forecastText({ whole: 200_000, left: 1 }, now), 'about 56 h in all, done at 13:47');
  assert.equal(doneText(0, new Date(2026, 0, 2, 3, 4)), 'at 03:04');
});
