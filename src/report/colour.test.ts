import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { type Picture, pixelAt } from './canvas.js';
import { gray, hsv, vectorColour, viridis } from './colour.js';
import { colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';

test('the maps keep their ends, clip, and grow brighter', () => {
  assert.deepEqual([gray(-1), gray(0.5), gray(2)].map(String), ['0,0,0', '128,128,128', '255,255,255']);
  assert.deepEqual(viridis(0), [68, 1, 84]);
  assert.deepEqual(viridis(5), [253, 231, 37]);
  assert.deepEqual(viridis(Number.NaN), viridis(0));
  const luma = Array.from({ length: 21 }, (_, i) => viridis(i / 20)).map(
    ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b,
  );
  luma.slice(1).forEach((value, index) => {
    assert.ok(value > luma[index]!);
  });
});

test('hue turns through red, green and blue', () => {
  assert.deepEqual([hsv(0, 1, 1), hsv(1 / 3, 1, 1), hsv(-1 / 3, 1, 1)].map(String), ['255,0,0', '0,255,0', '0,0,255']);
});

test('vector directions have their colours and no length is white', () => {
  assert.deepEqual(vectorColour(0, 0, 1), [255, 255, 255]);
  assert.deepEqual(vectorColour(0, 3, 1), [255, 0, 0]);
  assert.deepEqual(vectorColour(0, -1, 1), [0, 255, 255]);
  assert.deepEqual(vectorColour(1, 0, 1), [128, 255, 0]);
  assert.deepEqual(vectorColour(-1, 0, 1), [128, 0, 255]);
});

test('a field picture reads component 0 as rows and component 1 as columns', () => {
  const field = tensor([2, 1, 2], new Float32Array([0, 4, 4, 0]));
  assert.equal(fieldScale(field), 4);
  assert.deepEqual([...fieldColours(field).data], [255, 0, 0, 128, 255, 0]);
  const wheel = colourWheel(21);
  assert.deepEqual(pixelAt(wheel, 10, 20), [255, 0, 0]);
  assert.deepEqual(pixelAt(wheel, 20, 10), [128, 255, 0]);
});

test('an arrow runs from its pixel to where the vector points', () => {
  const field = tensor([2, 9, 9]);
  field.data.fill(3, 81);
  const target: Picture = { height: 9, width: 9, data: new Uint8Array(9 * 9 * 3) };
  fieldArrows(target, field, { every: 9, colour: [255, 0, 0] });
  const red = (row: number, column: number) => pixelAt(target, row, column)[0] === 255;
  assert.ok(red(4, 4) && red(4, 5) && red(4, 7));
  assert.ok(!red(4, 3) && !red(4, 8) && !red(7, 4));
});
