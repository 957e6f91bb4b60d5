import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { DENSITY, line, paste, picture, pixelAt, text } from './canvas.js';
import { fittingText, textWidth } from './font.js';
import { heading } from './montage.js';
import { pairPanel } from './panel.js';

test('lines join their ends, drawing outside is harmless, letters stay in their box', () => {
  const target = picture(12, 12);
  line(target, 0, 0, 11, 11, [1, 2, 3]);
  for (let at = 0; at < 12; at++) assert.deepEqual(pixelAt(target, at, at), [1, 2, 3]);
  line(target, -5, 4, 40, 4, [9, 9, 9]);
  assert.throws(() => paste(target, picture(4, 4), 10, 0), /fits/);

  const letters = picture(40, 120);
  text(letters, 10, 10, 'Ly', [255, 255, 255], 12);
  const inked = (row: number, column: number) => pixelAt(letters, row, column)[0] > 128;
  // The stem and the foot of the L, nothing above the foot; the y hangs below the line.
  assert.ok(inked(10, 10) && inked(21, 10) && inked(22, 15) && !inked(14, 15));
  assert.ok([...Array(12).keys()].some((column) => inked(25, 18 + column)) && !inked(25, 10));
});

test('a text is as wide as its letters, and is cut where it does not fit', () => {
  assert.ok(textWidth('mm', 10) > textWidth('ii', 10));
  assert.ok(Math.abs(textWidth('moving', 20) - 2 * textWidth('moving', 10)) < 1e-9);
  // An accent takes no room of its own.
  assert.equal(textWidth('é', 10), textWidth('e', 10));
  assert.equal(fittingText('moving', 10, 200), 'moving');
  const cut = fittingText('a long name of a case', 10, 60);
  assert.match(cut, /^a lon.*…$/);
  assert.ok(textWidth(cut, 10) <= 60);
  assert.equal(fittingText('wide', 10, 3), '');
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
  const gap = 4 * DENSITY;
  const exact = pairPanel({ ...parts, predictedField: field, features });
  const off = pairPanel({ ...parts, predictedField: wrong, features });
  assert.deepEqual([exact.height, exact.width], [2 * (8 * height + heading + gap) + gap, 4 * (8 * width + gap) + gap]);
  const errorCell = [gap + 8 * height + heading + gap + heading + 200, gap + 2 * (8 * width + gap) + 160] as const;
  assert.deepEqual(pixelAt(exact, ...errorCell), [68, 1, 84]);
  assert.deepEqual(pixelAt(off, ...errorCell), [253, 231, 37]);
  const movingCell = [gap + heading + 200, gap] as const;
  assert.deepEqual(pixelAt(exact, ...movingCell), [0, 0, 0]);
  assert.deepEqual(pixelAt(exact, movingCell[0], gap + 8 * width - 1), [255, 255, 255]);
  pairPanel({ ...parts, predictedField: field });
  pairPanel({ ...parts, predictedField: field, mask: tensor(mask.shape) });
});
