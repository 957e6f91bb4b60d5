import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrap } from './wrap.js';

test('lines of at most 80 columns keep every word; a longer word stands alone', () => {
  const text = `${'word '.repeat(40).trim()}\nshort\n${'x'.repeat(100)} end`;
  const lines = wrap(text).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    ['x'.repeat(100)],
  );
  assert.equal(lines.join(' '), text.replaceAll('\n', ' '));
  assert.ok(lines.includes('short') && lines.at(-1) === 'end');
});
