import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { formatTransferReport, transfer } from './transfer.js';

const target = new Map([
  ['inc.weight', [8, 1, 3, 3]],
  ['inc.bias', [8]],
  ['head.weight', [2, 8]],
]);

test('every parameter is loaded, missing or of another shape, and the rest of the source unused', () => {
  const bias = tensor([8]);
  const source = new Map([
    ['inc.bias', bias],
    ['head.weight', tensor([4, 8])],
    ['proj.weight', tensor([3])],
  ]);
  const { tensors, ...report } = transfer(source, target);
  assert.deepEqual([...tensors], [['inc.bias', bias]]);
  assert.deepEqual(report, {
    loaded: ['inc.bias'],
    missing: ['inc.weight'],
    mismatched: [{ name: 'head.weight', expected: [2, 8], found: [4, 8] }],
    unused: ['proj.weight'],
  });
  assert.equal(
    formatTransferReport(report),
    [
      'loaded 1 of 3 parameters',
      '1 not in the source, keep their initial values:',
      '  inc.weight',
      '1 of another shape, keep their initial values:',
      '  head.weight: expected [2, 8], found [4, 8]',
      '1 in the source but not in the network, not used:',
      '  proj.weight',
    ].join('\n'),
  );
});

test('the report stays within 80 columns and shortens long lists', () => {
  const names = Array.from({ length: 25 }, (_, index) => `${'deep.'.repeat(30)}${index}.weight`);
  const text = formatTransferReport({ loaded: [], missing: names, mismatched: [], unused: [] });
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(text, /\n {2}….*0\.weight\n/);
  assert.match(text, /\n {2}… and 15 more$/);
});

test('nothing loaded is an error that shows names or shapes of both', () => {
  assert.throws(
    () => transfer(new Map([['other', tensor([1])]]), target),
    (error) => error instanceof InputError && /such as inc\.weight, .*; found other/.test(error.message),
  );
  assert.throws(() => transfer(new Map([['inc.bias', tensor([4])]]), target), /inc\.bias: expected \[8\], found \[4\]/);
  assert.throws(() => transfer(new Map(), target), /found nothing/);
});

test('names from a file cannot steer the terminal', () => {
  const name = 'a\u001b[2J\u009b1mb\n';
  const text = formatTransferReport({ loaded: [], missing: [], mismatched: [], unused: [name] });
  assert.match(text, /\n {2}a\?\[2J\?1mb\?$/);
});
