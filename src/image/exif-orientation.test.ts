/** All eight orientations in every format that can name one: the picture is read as viewers show it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { readLabels } from '../data/labelled/index.js';
import { readImage } from './read.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-exif-'));
after(() => rmSync(folder, { recursive: true }));

const [HEIGHT, WIDTH] = [17, 24];

/** Blocks of 8 pixels with values that lossy formats keep apart; `wide` gives 16-bit values. */
function picture(channels: 1 | 3, wide = false) {
  const data = wide ? new Uint16Array(HEIGHT * WIDTH * channels) : new Uint8Array(HEIGHT * WIDTH * channels);
  data.forEach((_, index) => {
    const pixel = Math.floor(index / channels);
    const [row, column] = [Math.floor(pixel / WIDTH) >> 3, (pixel % WIDTH) >> 3];
    data[index] = (20 + 30 * (row * 3 + column)) * (wide ? 200 : 1);
  });
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

/** The picture by the definition of EXIF: where the stored row 0 and column 0 are seen. */
const SEEN: Readonly<Record<number, (row: number, column: number) => [number, number]>> = {
  1: (row, column) => [row, column],
  2: (row, column) => [row, WIDTH - 1 - column], // row 0 at the top, column 0 at the right
  3: (row, column) => [HEIGHT - 1 - row, WIDTH - 1 - column],
  4: (row, column) => [HEIGHT - 1 - row, column],
  5: (row, column) => [column, row], // row 0 at the left, column 0 at the top
  6: (row, column) => [column, HEIGHT - 1 - row], // row 0 at the right, column 0 at the top
  7: (row, column) => [WIDTH - 1 - column, HEIGHT - 1 - row],
  8: (row, column) => [WIDTH - 1 - column, row],
};

const FORMATS = ['png', 'jpeg', 'tiff', 'webp'] as const;

for (const format of FORMATS) {
  test(`${format}: every orientation is put upright`, async () => {
    for (const wide of format === 'png' || format === 'tiff' ? [false, true] : [false]) {
      for (const channels of format === 'webp' ? ([3] as const) : ([1, 3] as const)) {
        const space = wide ? (channels === 1 ? 'grey16' : 'rgb16') : channels === 1 ? 'b-w' : 'srgb';
        const write = async (orientation?: number) => {
          const plain = picture(channels, wide).toColourspace(space);
          const named = orientation ? plain.withMetadata({ orientation }) : plain;
          const options = format === 'webp' ? { lossless: true } : {};
          const path = join(folder, `${format}-${channels}-${wide}-${orientation ?? 0}.${format}`);
          writeFileSync(path, await named[format](options).toBuffer());
          return readImage(path);
        };
        const stored = await write();
        assert.equal(stored.orientation, undefined);
        for (let orientation = 1; orientation <= 8; orientation++) {
          const image = await write(orientation);
          const swapped = orientation > 4;
          assert.deepEqual(image.shape, swapped ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH], `${format} ${orientation}`);
          assert.equal(image.orientation, orientation === 1 ? undefined : orientation);
          const columns = image.shape[1]!;
          for (let channel = 0; channel < channels; channel++) {
            for (let place = 0; place < HEIGHT * WIDTH; place++) {
              const [row, column] = SEEN[orientation]!(Math.floor(place / WIDTH), place % WIDTH);
              const at = channel * HEIGHT * WIDTH;
              assert.equal(image.data[at + row * columns + column], stored.data[at + place]);
            }
          }
        }
      }
    }
  });
}

test('sharp, asked to turn the picture itself, agrees', async () => {
  for (const orientation of [2, 5, 6, 7, 8]) {
    const bytes = await picture(1).toColourspace('b-w').withMetadata({ orientation }).png().toBuffer();
    const path = join(folder, 'turned.png');
    writeFileSync(path, bytes);
    const turned = await sharp(bytes).autoOrient().toColourspace('b-w').raw().toBuffer();
    const { data } = await readImage(path);
    assert.deepEqual([...data.subarray(0, turned.length)], [...turned]);
  }
});

test('labels are put upright as their images are', async () => {
  const path = join(folder, 'label.png');
  writeFileSync(path, await picture(1).toColourspace('b-w').withMetadata({ orientation: 6 }).png().toBuffer());
  const { shape, data } = await readLabels(path);
  const image = await readImage(path);
  assert.deepEqual([shape, [...data]], [image.shape, [...image.data.subarray(0, HEIGHT * WIDTH)]]);
});
