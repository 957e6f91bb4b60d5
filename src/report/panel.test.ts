import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { tensor } from '../core/tensor.js';
import { letterWidth, line, paint, paste, picture, pixelAt, text, textHeight } from './canvas.js';
import { pairPanel } from './panel.js';
import { encodePng } from './png.js';

test('a PNG decodes to the same pixels, RGB and gray', async () => {
  const colour = paint(5, 7, (row, column) => [row * 40, column * 30, (row * column * 7) % 256]);
  const decoded = await sharp(await encodePng(colour))
    .raw()
    .toBuffer({ resolveWithObject: true });
  assert.deepEqual([decoded.info.height, decoded.info.width, decoded.info.channels], [5, 7, 3]);
  assert.deepEqual(new Uint8Array(decoded.data), colour.data);

  const gray = Uint8Array.from({ length: 35 }, (_, at) => at * 7);
  const png = await encodePng({ height: 5, width: 7, data: gray });
  assert.equal((await sharp(png).metadata()).channels, 1);
  assert.deepEqual(new Uint8Array(await sharp(png).toColourspace('b-w').raw().toBuffer()), gray);
  await assert.rejects(encodePng({ height: 5, width: 7, data: gray.subarray(1) }), /channels/);
});

test('lines join their ends, drawing outside is harmless, letters stay in their box', () => {
  const target = picture(12, 12);
  line(target, 0, 0, 11, 11, [1, 2, 3]);
  for (let at = 0; at < 12; at++) assert.deepEqual(pixelAt(target, at, at), [1, 2, 3]);
  line(target, -5, 4, 40, 4, [9, 9, 9]);
  assert.throws(() => paste(target, picture(4, 4), 10, 0), /fits/);

  const letters = picture(textHeight, 2 * letterWidth);
  text(letters, 0, 0, 'I.', [255, 255, 255]);
  assert.ok(pixelAt(letters, 3, 2)[0] && !pixelAt(letters, 3, 0)[0] && !pixelAt(letters, 0, 8)[0]);
});

test('a panel shows the pair, and the error only where there is one', () => {
  const [height, width] = [50, 40];
  const image = tensor(
    [1, height, width],
    Float32Array.from({ length: height * width }, (_, at) => at % width),
  );
  const field = tensor([2, height, width]);
  field.data.fill(2);
  const mask = tensor([1, height, width]);
  mask.data.fill(1);
  const parts = { moving: image, fixed: image, warped: image, trueField: field, mask };
  const wrong = tensor(
    field.shape,
    field.data.map((value) => -value),
  );
  const features = tensor(
    [4, 10, 8],
    Float32Array.from({ length: 320 }, (_, at) => Math.sin(at)),
  );
  const exact = pairPanel({ ...parts, predictedField: field, features });
  const off = pairPanel({ ...parts, predictedField: wrong, features });
  assert.deepEqual([exact.height, exact.width], [2 * (4 * height + 13 + 6) + 6, 4 * (4 * width + 6) + 6]);
  const errorCell = [6 + 4 * height + 13 + 6 + 13 + 100, 6 + 2 * (4 * width + 6) + 80] as const;
  assert.deepEqual(pixelAt(exact, ...errorCell), [68, 1, 84]);
  assert.deepEqual(pixelAt(off, ...errorCell), [253, 231, 37]);
  const movingCell = [6 + 13 + 100, 6] as const;
  assert.deepEqual(pixelAt(exact, ...movingCell), [0, 0, 0]);
  assert.deepEqual(pixelAt(exact, movingCell[0], 6 + 4 * width - 1), [255, 255, 255]);
  pairPanel({ ...parts, predictedField: field });
  pairPanel({ ...parts, predictedField: field, mask: tensor(mask.shape) });
});
