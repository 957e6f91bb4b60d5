import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { readImage, TruncatedImageError } from './read.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-read-'));
after(() => rmSync(folder, { recursive: true }));

const WIDTH = 23;
const HEIGHT = 17;
const SIZE = WIDTH * HEIGHT;

function pixels(channels: 1 | 2 | 3 | 4, wide = false) {
  const values = Array.from({ length: SIZE * channels }, (_, index) => (index * 7919 + 13) % (wide ? 65536 : 256));
  const data = wide ? Uint16Array.from(values) : Uint8Array.from(values);
  return { data, raw: { width: WIDTH, height: HEIGHT, channels } };
}

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The first `channels` of each pixel of [H, W, C], as [C, H, W]. */
function expected({ data, raw }: ReturnType<typeof pixels>, channels: number): number[] {
  return Array.from({ length: SIZE * channels }, (_, at) => data[(at % SIZE) * raw.channels + Math.floor(at / SIZE)]!);
}

for (const format of ['png', 'tiff'] as const) {
  for (const [channels, kept] of [
    [1, 1],
    [2, 1],
    [3, 3],
    [4, 3],
  ] as const) {
    for (const wide of [false, true]) {
      test(`${format} with ${channels} channels of ${wide ? 16 : 8} bits keeps its values exactly`, async () => {
        const source = pixels(channels, wide);
        const space = wide ? (kept === 1 ? 'grey16' : 'rgb16') : kept === 1 ? 'b-w' : 'srgb';
        const options = format === 'tiff' ? { compression: 'lzw' as const } : {};
        const bytes = await sharp(source.data, { raw: source.raw }).toColourspace(space)[format](options).toBuffer();
        const image = await readImage(save(`exact-${channels}-${wide}.${format}`, bytes));
        assert.deepEqual([image.shape, image.channels], [[HEIGHT, WIDTH], kept]);
        assert.deepEqual([image.bitDepth, image.maximum], wide ? [16, 65535] : [8, 255]);
        assert.deepEqual([...image.data], expected(source, kept));
      });
    }
  }
}

test('the content decides, not the extension; a gray JPEG stays gray', async () => {
  const { data, raw } = pixels(1);
  const image = await readImage(
    save('really-jpeg.png', await sharp(data, { raw }).toColourspace('b-w').jpeg().toBuffer()),
  );
  assert.deepEqual([image.channels, image.bitDepth], [1, 8]);
});

test('WebP is colour, a palette is expanded, one bit reaches 255', async () => {
  const source = pixels(3);
  const webp = await readImage(
    save('a.webp', await sharp(source.data, { raw: source.raw }).webp({ lossless: true }).toBuffer()),
  );
  assert.deepEqual([...webp.data], expected(source, 3));
  const few = { data: source.data.map((value) => (value > 100 ? 200 : 10)), raw: source.raw };
  const palette = await sharp(few.data, { raw: few.raw }).png({ palette: true }).toBuffer();
  assert.deepEqual([...(await readImage(save('palette.png', palette))).data], expected(few, 3));
  const gray = pixels(1);
  const bits = await sharp(gray.data, { raw: gray.raw }).toColourspace('b-w').tiff({ bitdepth: 1 }).toBuffer();
  assert.deepEqual([...new Set((await readImage(save('bits.tif', bits))).data)].sort(), [0, 255]);
});

test('colour profiles change nothing', async () => {
  const source = pixels(3);
  const profiled = await sharp(source.data, { raw: source.raw })
    .withIccProfile('p3', { attach: true })
    .png()
    .toBuffer();
  const bare = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer();
  assert.deepEqual([...(await readImage(save('p3.png', profiled))).data], expected({ data: bare, raw: source.raw }, 3));
});

test('a floating-point TIFF keeps its values', async () => {
  const values = Float32Array.of(0, 0.25, 1, 0.125, 0.75, 1e-3);
  const image = await readImage(save('float.tif', floatTiff(values, 3, 2)));
  assert.deepEqual([image.shape, image.channels, image.bitDepth, image.maximum], [[2, 3], 1, 32, 1]);
  assert.deepEqual(image.data, values);
});

for (const format of ['png', 'jpeg', 'webp', 'tiff'] as const) {
  test(`a truncated ${format} is refused wherever it is cut`, async () => {
    const { data, raw } = pixels(1);
    const options = format === 'tiff' ? { compression: 'none' as const } : {};
    const bytes = await sharp(data, { raw }).toColourspace('b-w')[format](options).toBuffer();
    for (const length of [
      0,
      40,
      bytes.length >> 1,
      Math.floor(bytes.length * 0.9),
      bytes.length - 12,
      bytes.length - 1,
    ]) {
      const path = save(`cut.${format}`, bytes.subarray(0, length));
      await assert.rejects(readImage(path), (error) => {
        assert.ok(error instanceof TruncatedImageError, `${format} cut to ${length} bytes: ${error}`);
        assert.match(error.message, /cut\.\w+: expected a complete image, found .*\n.*copy or download it again/);
        return true;
      });
    }
  });
}

test('a damaged PNG, a text file, an SVG, a folder and a missing file are refused', async () => {
  const { data, raw } = pixels(1);
  const bytes = await sharp(data, { raw }).png().toBuffer();
  bytes.fill(0x55, 60, 90);
  await assert.rejects(readImage(save('damaged.png', bytes)), {
    code: 'image',
    message: /damaged\.png: expected .*found a damaged/,
  });
  await assert.rejects(readImage(save('text.png', Buffer.from('patient, age\n1, 60\n'))), {
    code: 'image',
    message: /text\.png: expected a PNG, JPEG, TIFF or WebP image, found something else/,
  });
  await assert.rejects(readImage(save('s.png', Buffer.from('<svg width="5" height="5"></svg>'))), /found svg/);
  await assert.rejects(readImage(folder), /found a folder/);
  await assert.rejects(readImage(join(folder, 'none.png')), /none\.png: expected .*found no such file/);
});

test('several pages and too many pixels are refused with the numbers', async () => {
  const gif = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const pages = await sharp([gif, gif], { join: { animated: true } })
    .tiff()
    .toBuffer();
  await assert.rejects(readImage(save('pages.tif', pages)), /expected a single image, found 2 pages/);
  await assert.rejects(
    readImage(save('large.png', gif), { pixelLimit: 63 }),
    /expected at most 63 pixels, found 8 × 8 = 64/,
  );
});

const xray = '../shared/data/cxr_pretrain/images/cxn_0001.png';
test('a chest X-ray is read', { skip: existsSync(xray) ? false : 'the shared data is absent' }, async () => {
  const image = await readImage(xray);
  const { width, height } = await sharp(readFileSync(xray)).metadata();
  assert.deepEqual([image.shape, image.channels], [[height, width], 1]);
});

/** A little-endian TIFF with one strip of 32-bit floating-point values. */
function floatTiff(values: Float32Array, width: number, height: number): Uint8Array {
  const tags = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 32],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, values.byteLength],
    [339, 3, 3],
  ] as const;
  const bytes = new Uint8Array(8 + values.byteLength + 2 + tags.length * 12 + 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, 8 + values.byteLength, true);
  bytes.set(new Uint8Array(values.buffer), 8);
  view.setUint16(8 + values.byteLength, tags.length, true);
  tags.forEach(([tag, type, value], index) => {
    const at = 10 + values.byteLength + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  });
  return bytes;
}
