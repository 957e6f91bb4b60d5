import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectWarnings, warningLines } from './warnings.js';

test('files are told once, sorted, the first by name and the rest by number, within the columns', () => {
  const { note, list } = collectWarnings();
  for (const file of ['b', 'a', 'c', 'a']) note(file, [`${file} has no spacing; 1 mm is taken`]);
  assert.deepEqual(
    list().map(({ file }) => file),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(warningLines(list(), { most: 2, width: 20 }), [
    ...['  a', '    a has no', '    spacing; 1 mm is', '    taken'],
    ...['  b', '    b has no', '    spacing; 1 mm is', '    taken'],
    '  … and 1 more',
  ]);
});
