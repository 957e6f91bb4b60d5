/** The decoder of pages gives what the one of Node gives, to the bit. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp, { type PngOptions } from 'sharp';
import { randomStream } from '../core/random.js';
import { decodePng, isPng } from './decode-png.js';
import { temporaryFolder } from './fixtures.js';
import { readImage } from './read.js';

const { folder } = temporaryFolder();
const [width, height] = [37, 23];

async function png(channels: 1 | 2 | 3 | 4, wide: boolean, options: PngOptions = {}): Promise<Buffer> {
  const random = randomStream(channels, wide ? 16 : 8);
  const count = width * height * channels;
  const data = wide ? new Uint16Array(count) : new Uint8Array(count);
  for (let index = 0; index < count; index++) data[index] = random.integer(0, wide ? 65536 : 256);
  const image = sharp(data, { raw: { width, height, channels } });
  const space = channels < 3 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
  return image.toColourspace(space).png(options).toBuffer();
}

const files: Record<string, () => Promise<Buffer>> = {
  'stored turned': async () =>
    sharp(await png(3, false))
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer(),
  'a palette': () => png(3, false, { palette: true, colours: 16 }),
  'interlaced rows': () => png(3, false, { progressive: true }),
  'a gray image of 1 bit': () =>
    sharp({ create: { width, height, channels: 3, background: 'white' } })
      .composite([{ input: { create: { width: 9, height: 5, channels: 3, background: 'black' } }, left: 3, top: 4 }])
      .toColourspace('b-w')
      .png({ palette: true, colours: 2 })
      .toBuffer(),
};
for (const channels of [1, 2, 3, 4] as const) {
  for (const wide of [false, true]) {
    files[`${channels} channels of ${wide ? 16 : 8} bits`] = () => png(channels, wide);
  }
}

for (const [name, make] of Object.entries(files)) {
  test(`PNG: ${name}`, async () => {
    const bytes = await make();
    const path = join(folder, 'image.png');
    writeFileSync(path, bytes);
    assert.ok(isPng(bytes));
    assert.deepEqual(decodePng(bytes, path), await readImage(path));
  });
}

test('PNG: interlaced pixels that share a byte are refused by name', async () => {
  const bytes = Uint8Array.from(await png(3, false, { palette: true, colours: 4, progressive: true }));
  assert.deepEqual([bytes[24], bytes[28]], [2, 1]);
  assert.throws(() => decodePng(bytes, 'a.png'), /a\.png: .*found an interlaced one of 2 bits/);
});

test('PNG: cut short, damaged, and too large', async () => {
  const bytes = await png(1, true);
  assert.throws(() => decodePng(bytes.subarray(0, 300), 'a.png'), /a\.png: expected a complete image/);
  const damaged = Uint8Array.from(bytes);
  damaged[60]! ^= 1;
  assert.throws(() => decodePng(damaged, 'a.png'), /a\.png: expected a PNG image, found a damaged file/);
  assert.throws(() => decodePng(bytes, 'a.png', 100), /at most 100 pixels, found 37 × 23 = 851/);
});
