/** What counts as close. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allClose } from './all-close.js';

test('arrays within the tolerance pass, and the worst element of others is named', () => {
  allClose([1, Number.NaN, Infinity], [1 + 1e-7, Number.NaN, Infinity]);
  allClose([100, 1], [101, 1], { relative: 0.01 });
  assert.throws(() => allClose([1, 2, 3], [1.1, 2.5, 3], {}, 'field'), /field: element 1 of 3: expected 2.5, found 2/);
  assert.throws(() => allClose([0], [1e-3], { relative: 0.01 }), /element 0/);
  assert.throws(() => allClose([1, Number.NaN], [2, 0]), /element 1/);
  assert.throws(() => allClose([1], [1, 2]), /the number of elements/);
});
