/** Against the reader of Node, which decodes with libtiff. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp, { type TiffOptions } from 'sharp';
import { InputError } from '../../../core/errors.js';
import { randomStream } from '../../../core/random.js';
import { mutate } from '../../mutate.js';
import { readImage } from '../../read.js';
import { decodeTiff } from './decode.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-tiff-'));
after(() => rmSync(folder, { recursive: true }));

const WIDTH = 43;
const HEIGHT = 37;

async function same(bytes: Uint8Array, what: string): Promise<void> {
  const path = join(folder, 'a.tif');
  writeFileSync(path, bytes);
  assert.deepEqual(decodeTiff(bytes, path), await readImage(path), what);
}

/** Smooth with noise in parts, so that runs and strings of all lengths are in the code. */
function pixels(channels: number, wide: boolean) {
  const values = Array.from({ length: WIDTH * HEIGHT * channels }, (_, at) => {
    const y = Math.floor(at / (WIDTH * channels));
    const value = y % 5 === 0 ? 17 : y % 5 < 3 ? at * 3 : at * 7919 + 13;
    return value % (wide ? 65536 : 256);
  });
  const data = wide ? Uint16Array.from(values) : Uint8Array.from(values);
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: channels as 1 } });
}

const codes: readonly TiffOptions[] = [
  { compression: 'none' },
  { compression: 'lzw', predictor: 'none' },
  { compression: 'lzw', predictor: 'horizontal' },
  { compression: 'deflate', predictor: 'horizontal' },
  { compression: 'packbits' },
  { compression: 'lzw', predictor: 'horizontal', tile: true, tileWidth: 16, tileHeight: 32 },
  { compression: 'deflate', bigtiff: true },
];
for (const options of codes) {
  test(`${JSON.stringify(options)} is read as by libtiff`, async () => {
    for (const channels of [1, 2, 3, 4]) {
      for (const wide of [false, true]) {
        const space = wide ? (channels < 3 ? 'grey16' : 'rgb16') : channels < 3 ? 'b-w' : 'srgb';
        const bytes = await pixels(channels, wide).toColourspace(space).tiff(options).toBuffer();
        await same(bytes, `${channels} channels, ${wide ? 16 : 8} bits`);
      }
    }
  });
}

test('few bits, white as zero, orientation and floating point are read as by libtiff', async () => {
  for (const bitdepth of [1, 2, 4] as const) {
    await same(
      await pixels(1, false).toColourspace('b-w').tiff({ bitdepth, compression: 'packbits' }).toBuffer(),
      `${bitdepth} bits`,
    );
    const white = { bitdepth, miniswhite: true, compression: 'none' } as const;
    await same(await pixels(1, false).toColourspace('b-w').tiff(white).toBuffer(), `${bitdepth} bits, white`);
  }
  await same(
    await pixels(1, false).toColourspace('b-w').tiff({ miniswhite: true, compression: 'none' }).toBuffer(),
    'white is zero',
  );
  for (let orientation = 1; orientation <= 8; orientation++) {
    const bytes = await pixels(3, false).withMetadata({ orientation }).tiff({ compression: 'lzw' }).toBuffer();
    await same(bytes, `orientation ${orientation}`);
  }
  for (const predictor of ['none', 'horizontal', 'float'] as const) {
    const values = Float32Array.from({ length: WIDTH * HEIGHT }, (_, at) => Math.sin(at) * 1e3);
    const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
    const image = sharp(values, { raw }).toColourspace('b-w').tiff({ compression: 'deflate', predictor });
    const bytes = await image.toBuffer();
    const { depth } = await sharp(bytes).metadata();
    if (depth === 'float') await same(bytes, `floating point, ${predictor}`);
  }
});

/** An uncompressed file of one strip, or of one for each plane. */
function written(
  little: boolean,
  tags: Readonly<Record<number, readonly number[]>>,
  strips: readonly Uint8Array[],
): Uint8Array {
  const all = Object.entries({
    ...{ 256: [4], 257: [3], 259: [1], 278: [3] },
    ...{ 273: strips.map(() => 0), 279: strips.map(({ length }) => length) },
    ...tags,
  }).map(([tag, values]) => [Number(tag), [...values] as number[]] as const);
  const start = 8 + 2 + 12 * all.length + 4;
  const longs = all.filter(([, { length }]) => length > 1).reduce((sum, [, { length }]) => sum + 4 * length, 0);
  let at = start + longs;
  const offsets = strips.map(({ length }) => {
    at += length;
    return at - length;
  });
  all.find(([tag]) => tag === 273)![1].splice(0, strips.length, ...offsets);
  const bytes = new Uint8Array(at);
  const view = new DataView(bytes.buffer);
  bytes.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, all.length, little);
  let place = start;
  all.forEach(([tag, values], index) => {
    const entry = 10 + 12 * index;
    view.setUint16(entry, tag, little);
    view.setUint16(entry + 2, 4, little);
    view.setUint32(entry + 4, values.length, little);
    view.setUint32(entry + 8, values.length === 1 ? values[0]! : place, little);
    if (values.length === 1) return;
    for (const value of values) {
      view.setUint32(place, value, little);
      place += 4;
    }
  });
  strips.forEach((strip, index) => {
    bytes.set(strip, offsets[index]!);
  });
  return bytes;
}

const ramp = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 37 + 11) % 256);

test('planes, palettes, the lowest bit first and the other byte order are read as by libtiff', async () => {
  for (const little of [true, false]) {
    const rgb = { 258: [8, 8, 8], 262: [2], 277: [3] };
    await same(written(little, { ...rgb, 284: [2] }, [ramp(12), ramp(12).reverse(), ramp(12)]), 'planes');
    await same(written(little, { ...rgb, 258: [16, 16, 16] }, [ramp(72)]), '16 bits');
    await same(written(little, { 258: [8], 262: [1], 266: [2] }, [ramp(12)]), 'lowest bit first');
    await same(written(little, { 258: [1], 262: [1], 266: [2] }, [Uint8Array.of(0x50, 0x30, 0xf0)]), 'one bit');
    const palette = Array.from({ length: 48 }, (_, at) => (at * 5003) % 65536);
    await same(written(little, { 258: [4], 262: [3], 320: palette }, [ramp(6)]), 'a palette');
    const gray = Array.from({ length: 768 }, (_, at) => 257 * (255 - (at % 256)));
    await same(written(little, { 258: [8], 262: [3], 320: gray }, [ramp(12)]), 'a palette of gray');
    const opaque = ramp(48).map((value, at) => (at % 4 === 3 ? 255 : value));
    await same(written(little, { 258: [8, 8, 8, 8], 262: [2], 277: [4], 338: [1] }, [opaque]), 'an alpha of 255');
  }
});

test('floating-point values are inverted where white is zero', async () => {
  for (const little of [true, false]) {
    const view = new DataView(new ArrayBuffer(48));
    for (let at = 0; at < 12; at++) view.setFloat32(4 * at, at / 16, little);
    const bytes = written(little, { 258: [32], 262: [0], 339: [3] }, [new Uint8Array(view.buffer)]);
    await same(bytes, 'white is zero');
    assert.equal(decodeTiff(bytes, 'a.tif').data[4], 0.75);
  }
});

test('the reader of Node refuses other widths of floating point and channels beyond opacity, too', async () => {
  const refused = async (bytes: Uint8Array, words: RegExp) => {
    const path = join(folder, 'b.tif');
    writeFileSync(path, bytes);
    await assert.rejects(readImage(path), words);
    assert.throws(() => decodeTiff(bytes, path), InputError);
  };
  for (const bits of [16, 64]) {
    const bytes = written(true, { 258: [bits], 262: [1], 339: [3] }, [ramp(12 * (bits / 8))]);
    await refused(bytes, new RegExp(`32-bit floating point, found floating-point values of ${bits} bits`));
  }
  const five = { 258: [8, 8, 8, 8, 8], 262: [1], 277: [5], 338: [0, 0, 0, 0] };
  await refused(written(true, five, [ramp(60)]), /expected a gray or RGB image, .*found 5 channels/);
});

test('what is not read is refused by name', async () => {
  const refused = (bytes: Uint8Array, words: RegExp) => assert.throws(() => decodeTiff(bytes, 'a.tif'), words);
  const jpeg = await pixels(3, false).tiff({ compression: 'jpeg' }).toBuffer();
  refused(jpeg, /a\.tif: expected TIFF without compression, or with LZW, deflate or PackBits, found JPEG\n.*PNG/s);
  refused(written(true, { 258: [16], 262: [1], 339: [2] }, [ramp(24)]), /found signed values of 16 bits/);
  refused(written(true, { 258: [32], 262: [1] }, [ramp(48)]), /found unsigned values of 32 bits/);
  refused(written(true, { 258: [8, 8, 8, 8], 262: [5], 277: [4] }, [ramp(48)]), /found the colour model 5/);
  refused(
    written(true, { 256: [100_000], 257: [100_000], 258: [8], 262: [1] }, [ramp(12)]),
    /at most 268435456 pixels/,
  );
  refused(written(true, { 256: [16_000], 257: [16_000], 258: [8], 262: [1] }, [ramp(12)]), /damaged/);
});

test('damage gives an error, or an image, never anything else', async () => {
  const random = randomStream('tiff', 5);
  const files = [];
  for (const options of codes) files.push(await pixels(3, false).tiff(options).toBuffer());
  let refused = 0;
  for (let round = 0; round < 700; round++) {
    const { bytes } = mutate(files[round % files.length]!, random);
    try {
      decodeTiff(bytes, 'a.tif');
    } catch (error) {
      assert.ok(error instanceof InputError, `${(error as Error).stack}`);
      refused++;
    }
  }
  assert.ok(refused > 100, `${refused} refused`);
});
