/** What is encoded is read by another decoder and by the own one, to the bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { randomStream } from '../core/random.js';
import { decodePng } from './decode-png.js';
import { encodePng } from './encode-png.js';

const [height, width] = [23, 37];

for (const channels of [1, 3] as const) {
  for (const bits of [8, 16] as const) {
    test(`${channels} channels of ${bits} bits`, async () => {
      const random = randomStream(channels, bits);
      const data = bits === 8 ? new Uint8Array(height * width * channels) : new Uint16Array(height * width * channels);
      for (let at = 0; at < data.length; at++) data[at] = random.integer(0, 2 ** bits);
      const png = await encodePng({ height, width, data });
      const { data: read, info } = await sharp(png)
        .toColourspace(channels === 1 ? (bits === 8 ? 'b-w' : 'grey16') : bits === 8 ? 'srgb' : 'rgb16')
        .raw({ depth: bits === 8 ? 'uchar' : 'ushort' })
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.height, info.width, info.channels], [height, width, channels]);
      assert.equal(Buffer.compare(read, Buffer.from(data.buffer)), 0);
      const own = decodePng(png, 'own.png');
      assert.deepEqual([own.shape, own.channels], [[height, width], channels]);
      const pixels = height * width;
      assert.ok(data.every((value, at) => own.data[(at % channels) * pixels + Math.floor(at / channels)] === value));
    });
  }
}

test('a row that is the one above it takes next to nothing', async () => {
  const random = randomStream(3);
  const row = Uint8Array.from({ length: 3000 }, () => random.integer(0, 256));
  const data = new Uint8Array(500 * row.length);
  for (let at = 0; at < data.length; at += row.length) data.set(row, at);
  assert.ok((await encodePng({ height: 500, width: 1000, data })).length < data.length / 100);
});

test('a raster of another number of channels is refused', async () => {
  await assert.rejects(encodePng({ height: 5, width: 7, data: new Uint8Array(34) }), /1 or 3 channels/);
});
