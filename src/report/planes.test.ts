import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { pixelAt } from './canvas.js';
import { heading } from './montage.js';
import { pairPanel } from './panel.js';
import { fieldInPlane, inPlane, planesThrough } from './planes.js';

const grid = [4, 5, 6] as const;
const size = 4 * 5 * 6;
const volume = tensor(
  [1, ...grid],
  Float32Array.from({ length: size }, (_, index) => index),
);

test('a volume has three planes through a point, seen from the front, from the left and from below', () => {
  const planes = planesThrough([1, 2, 3]);
  assert.deepEqual(
    planes.map(({ name }) => name),
    ['axial 1', 'coronal 2', 'sagittal 3'],
  );
  const at = (z: number, y: number, x: number) => (z * 5 + y) * 6 + x;
  const [axial, coronal, sagittal] = planes.map((plane) => inPlane(volume, plane, grid));
  assert.deepEqual(
    [axial!.shape, coronal!.shape, sagittal!.shape],
    [
      [1, 5, 6],
      [1, 4, 6],
      [1, 4, 5],
    ],
  );
  assert.equal(axial!.data[6 + 2], at(1, 3, 3));
  assert.equal(coronal!.data[6 + 2], at(2, 2, 3));
  assert.equal(sagittal!.data[5 + 2], at(2, 2, 3));
});

test('the field within a plane turns with it', () => {
  const field = tensor(
    [3, ...grid],
    Float32Array.from({ length: 3 * size }, (_, index) => Math.floor(index / size) + 1),
  );
  const [axial, coronal, sagittal] = planesThrough([1, 2, 3]).map((plane) => fieldInPlane(field, plane));
  assert.deepEqual([axial!.data[0], axial!.data[30]], [-2, -3]);
  assert.deepEqual([coronal!.data[0], coronal!.data[24]], [-1, -3]);
  assert.deepEqual([sagittal!.data[0], sagittal!.data[20]], [-1, -2]);
});

test('an image is its own plane', () => {
  const [plane, ...others] = planesThrough([1, 2]);
  const image = tensor([1, 2, 3]);
  assert.equal(others.length, 0);
  assert.equal(inPlane(image, plane!, [2, 3]), image);
});

test('the panel of a volume goes through the largest error', () => {
  const mask = tensor([1, ...grid]);
  mask.data.fill(1);
  const trueField = tensor([3, ...grid]);
  const predictedField = tensor([3, ...grid]);
  predictedField.data[(2 * 5 + 3) * 6 + 4] = 9;
  const panel = pairPanel({ moving: volume, fixed: volume, warped: volume, trueField, predictedField, mask });
  // Seven cells and three planes of 4 × 5 × 6 voxels at a zoom of 67.
  const gap = 8;
  assert.deepEqual(
    [panel.height, panel.width],
    [(5 + 4 + 4) * 67 + 3 * (heading + gap) + gap, 7 * (6 * 67 + gap) + gap],
  );
  const error = gap + 5 * (6 * 67 + gap);
  // Axial: row 4 − 3, column 5 − 4.
  assert.deepEqual(pixelAt(panel, gap + heading + 67 + 5, error + 67 + 5), [253, 231, 37]);
  assert.deepEqual(pixelAt(panel, gap + heading + 5, error + 5), [68, 1, 84]);
});
