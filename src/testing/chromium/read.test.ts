/** A page reads files as Node does: the same values, or with the browser's own decoders nearly so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { readImage, readVolume, writeVolume } from '../../image/files.js';
import { chestPhantom } from '../../phantom/index.js';
import { missingChromium, openTestPage, type TestPage } from './page.js';
import type { ReadPage, ReadValues } from './read-page.js';

const skip = missingChromium() ?? false;
const folder = mkdtempSync(join(tmpdir(), 'cover-page-reading-'));
const size = [64, 96] as const;
let opened: TestPage | undefined;
before(async () => {
  if (!skip) opened = await openTestPage('read', { folders: { '/files/': folder } });
});
after(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (name: string, kind: 'images' | 'volumes') =>
  opened!.page.evaluate(
    ([address, what]) => (globalThis as unknown as { readonly reading: ReadPage }).reading.read(address, what),
    [`files/${name}`, kind] as const,
  );

function valuesOf(found: ReadValues | string): Float32Array {
  assert.ok(typeof found !== 'string', String(found));
  const bytes = Buffer.from(found.values, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** A picture with the tones of a radiograph, gray or tinted. */
function picture(channels: 1 | 3, wide = false): Sharp {
  const { data } = chestPhantom({ size, seed: 0, subject: 1 }).image;
  const largest = wide ? 65535 : 255;
  const values = Array.from({ length: data.length * channels }, (_, index) =>
    Math.round(data[Math.floor(index / channels)]! * largest * (1 - 0.2 * (index % channels))),
  );
  const pixels = wide ? Uint16Array.from(values) : Uint8Array.from(values);
  const image = sharp(pixels, { raw: { width: size[1], height: size[0], channels } });
  return image.toColourspace(channels === 1 ? (wide ? 'grey16' : 'b-w') : 'srgb');
}

/** Files, and how far apart their values may be. */
const images: Readonly<Record<string, readonly [make: () => Sharp, allowed: number]>> = {
  'gray16.png': [() => picture(1, true).png(), 0],
  'colour.png': [() => picture(3).png(), 0],
  'gray.jpg': [() => picture(1).jpeg({ quality: 90 }), 1],
  'colour.jpg': [() => picture(3).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }), 2],
  'subsampled.jpg': [() => picture(3).jpeg({ quality: 90 }), 2],
  'colour.webp': [() => picture(3).webp({ lossless: true }), 0],
};

for (const [name, [make, allowed]] of Object.entries(images)) {
  test(`${name} is read as under Node`, { skip }, async (t) => {
    await make().toFile(join(folder, name));
    const there = await readImage(join(folder, name));
    const found = await read(name, 'images');
    const values = valuesOf(found);
    const { shape, channels } = found as ReadValues;
    assert.deepEqual([shape, channels], [there.shape, there.channels]);
    const apart = values.reduce((most, value, index) => Math.max(most, Math.abs(value - there.data[index]!)), 0);
    t.diagnostic(`largest difference: ${apart} of ${there.maximum}`);
    assert.ok(apart <= allowed, `values differ by ${apart} of ${there.maximum}`);
  });
}

test('a volume is read as under Node', { skip }, async () => {
  const path = join(folder, 'volume.nii.gz');
  const shape = [4, 6, 8] as const;
  const data = Int16Array.from({ length: 4 * 6 * 8 }, (_, index) => index * 7 - 500);
  writeVolume(path, { data, slope: 1, intercept: 0, shape, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] });
  const there = await readVolume(path);
  const found = await read('volume.nii.gz', 'volumes');
  assert.deepEqual([...valuesOf(found)], [...there.data]);
});

test('what a page does not read is refused by name', { skip }, async () => {
  await picture(1).tiff().toFile(join(folder, 'a.tiff'));
  assert.match(
    String(await read('a.tiff', 'images')),
    /InputError: files\/a\.tiff: expected a PNG, JPEG or WebP image/,
  );
  const whole = await picture(1).jpeg().toBuffer();
  writeFileSync(join(folder, 'cut.jpg'), whole.subarray(0, whole.length - 40));
  assert.match(String(await read('cut.jpg', 'images')), /files\/cut\.jpg: expected a complete image/);
});
