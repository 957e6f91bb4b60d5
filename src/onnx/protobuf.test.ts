/** Texts of the writer against their bytes as the runtime of the language makes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufWriter } from './protobuf.js';

test('a text is its UTF-8 behind its length, whatever it is made of and wherever a buffer ends', () => {
  const texts = [
    '',
    'v12',
    'α',
    'lung α',
    'lung ä',
    `${'x'.repeat(40)}é`,
    'x'.repeat(200),
    `${'y'.repeat(70_000)}ü`,
    '🫁',
  ];
  for (const before of [0, 10, 236, 250, 65_500, 65_530]) {
    const writer = new ProtobufWriter();
    if (before > 0) writer.bytes(1, new Uint8Array(Math.min(before, 4000)));
    for (let rest = before - 4000; rest > 0; rest -= 4000) writer.bytes(1, new Uint8Array(Math.min(rest, 4000)));
    const start = writer.finish().length;
    for (const text of texts) writer.text(2, text);
    const expected = texts.flatMap((text) => {
      const bytes = [...new TextEncoder().encode(text)];
      const length = [];
      let rest = bytes.length;
      for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
      return [0x12, ...length, rest, ...bytes];
    });
    assert.deepEqual([...writer.finish().subarray(start)], expected, `after ${before} bytes`);
  }
});
