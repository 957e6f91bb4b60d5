import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printable, printableLines, printableMessage } from './printable.js';

test('what a terminal would obey or hide is written out', () => {
  assert.equal(printable('scan\u001b[2J.png'), 'scan\\x1b[2J.png');
  assert.equal(printable('a\nb\r\tc\u0007\u009b'), 'a\\nb\\r\\tc\\x07\\x9b');
  assert.equal(printable('gnp.\u202Esecret'), 'gnp.\\u202esecret');
  assert.equal(printable('half \ud83d of a pair'), 'half \\ud83d of a pair');
  assert.equal(printableLines('one\u001b\ntwo\r'), 'one\\x1b\ntwo\\r');
  assert.equal(printableMessage('a\nerror: b: expected\n  Check.'), 'a\\nerror: b: expected\n  Check.');
});

test('other text stays, in every script', () => {
  for (const text of ['größe', '胸部.png', 'рентген', '😀 ok', '\uFFFD', 'a\\nb']) assert.equal(printable(text), text);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      return printable(shown) === shown && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(shown);
    }),
  );
});
