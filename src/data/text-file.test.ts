import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseFile } from './text-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-text-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a key that an object has twice is refused, wherever it is and however it is written', () => {
  const path = join(folder, 'a.json');
  const parse = (text: string) => {
    writeFileSync(path, text);
    return parseFile(path);
  };
  for (const text of ['{"a":1,"b":2,"a":1}', '[{"x":{"a":[{}],"b":[],\n"\\u0061" : 2}}]']) {
    assert.throws(() => parse(text), /a\.json: expected each name once in an object, found "a" twice/);
  }
  const good = { a: { a: ['a', 'a', { a: '":' }] }, b: '{"a":1,"a":2}', 'c"': [], 'c\\"': {} };
  assert.deepEqual(parse(JSON.stringify(good)), good);
  assert.deepEqual(parse('["a", "a"]'), ['a', 'a']);
});
