import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64 } from './base64.js';

test('every byte and every length of the last group is written as Node writes it', () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, at) => (at * 167 + (at >> 8)) & 255);
  for (const length of [0, 1, 2, 3, 4, 5, 1021, 1022, 1023, 1024]) {
    const part = bytes.subarray(0, length);
    assert.equal(base64(part), Buffer.from(part).toString('base64'));
  }
});
