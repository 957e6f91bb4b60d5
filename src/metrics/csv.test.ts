/** Fields of a table: what is quoted, and that nothing of it runs as a formula. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csv } from './csv.js';

test('separators, quotes and line breaks are quoted', () => {
  assert.equal(
    csv([
      ['case', 'dice'],
      ['a, left', 0.9],
    ]),
    'case,dice\n"a, left",0.9\n',
  );
  assert.equal(csv([['say "a"', 'two\nlines', null]]), '"say ""a""","two\nlines",\n');
});

test('a text that a spreadsheet would run is text there; numbers stay numbers', () => {
  for (const [field, written] of [
    ['=1+1', "'=1+1"],
    ['+1+1', "'+1+1"],
    ['-cmd', "'-cmd"],
    ['@sum', "'@sum"],
    ['\t=1', '"\'\t\'=1"'],
    ['\r=1', '"\'\r\'=1"'],
    ['＝1', "'＝1"],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ['a;=1', '"a;\'=1"'],
    ['-0.5', '-0.5'],
    ['+1e-3', '+1e-3'],
    ['lung-left', 'lung-left'],
    [-0.5, '-0.5'],
    [1e-7, '1e-7'],
  ] as const) {
    assert.equal(csv([[field]]), `${written}\n`, JSON.stringify(field));
  }
});

test('no field begins with what runs, by whatever separator a table is read', () => {
  const start = /^[=+\-@＝＋－＠]/;
  const number = /^[+-]?[\d.]/;
  const letters = fc.constantFrom(...'=+-@;,\t\r\n"a1 ');
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 12 }), (field) => {
      const line = csv([['x', field]]).slice(2, -1);
      const text = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
      for (const cell of [text, ...text.split(/[;\t\r\n]/)]) {
        assert.ok(!start.test(cell) || number.test(cell), JSON.stringify([field, cell]));
      }
    }),
  );
});
