import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allClose } from '../../testing/all-close.js';
import { spacingOf, type Volume } from '../volume.js';
import { apply, type Vector } from './affine.js';
import { fromCanonical, type Grid, toCanonical } from './orientation.js';
import { gridWithSpacing, resample, resampleData, resampleToSpacing } from './resample.js';

/** Oblique, left-handed, with three different edges. */
const affine = [-0.8, 0.1, 0.3, 40, 0.1, 1.1, -0.6, -70, 0.05, 0.2, 2.4, 12, 0, 0, 0, 1];
const grid: Grid = { shape: [7, 10, 13], affine };

function volumeOf(data: Volume['data'], { shape, affine }: Grid = grid): Volume {
  return { shape, affine, data, slope: 1, intercept: 0, modality: 'other', source: 'x', warnings: [] };
}

/** Calls back with every voxel of a grid and its place. */
function eachVoxel({ shape: [depth, height, width], affine }: Grid, use: (index: number, at: Vector) => void): void {
  for (let z = 0, index = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) use(index++, apply(affine, [x, y, z]));
    }
  }
}

/** An image that is linear in the patient's coordinates: linear interpolation must be exact. */
const linear = ([x, y, z]: Vector) => 3 + 0.5 * x - 0.25 * y + 0.125 * z;

function linearVolume(on: Grid = grid): Volume {
  const data = new Float32Array(on.shape[0] * on.shape[1] * on.shape[2]);
  eachVoxel(on, (index, at) => {
    data[index] = linear(at);
  });
  return volumeOf(data, on);
}

test('a linear image stays itself at any finer or coarser spacing, away from the border', () => {
  const volume = linearVolume();
  const edges = fc.double({ min: 0.4, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(edges, edges, edges), (spacing) => {
      const result = resampleToSpacing(volume, spacing);
      allClose(spacingOf(result), spacing, { absolute: 1e-9 });
      const old = spacingOf(volume);
      let inner = 0;
      for (let z = 0, index = 0; z < result.shape[0]; z++) {
        for (let y = 0; y < result.shape[1]; y++) {
          for (let x = 0; x < result.shape[2]; x++, index++) {
            // Where the voxel lies among the old ones, from the middle outwards.
            const inside = [z, y, x].every((at, axis) => {
              const offset = ((at - (result.shape[axis]! - 1) / 2) * spacing[axis]!) / old[axis]!;
              return Math.abs(offset) <= (volume.shape[axis]! - 1) / 2;
            });
            if (!inside) continue;
            inner++;
            const wanted = linear(apply(result.affine, [x, y, z]));
            assert.ok(Math.abs(result.data[index]! - wanted) < 1e-4, `${result.data[index]} instead of ${wanted}`);
          }
        }
      }
      assert.ok(inner > 0);
    }),
    { numRuns: 50 },
  );
});

test('the middle stays in place, and whole multiples keep both ends', () => {
  const middle = ({ shape, affine }: Grid) =>
    apply(affine, [(shape[2] - 1) / 2, (shape[1] - 1) / 2, (shape[0] - 1) / 2]);
  const corner = ({ affine }: Grid) => apply(affine, [-0.5, -0.5, -0.5]);
  const [z, y, x] = spacingOf(grid);
  const half = gridWithSpacing(grid, [z / 2, y / 2, x / 2]);
  assert.deepEqual(half.shape, [14, 20, 26]);
  for (const [one, other] of [
    [middle(grid), middle(half)],
    [corner(grid), corner(half)],
  ] as const) {
    allClose(other, one, { absolute: 1e-9 });
  }
});

test('the same spacing changes nothing, in either way of sampling', () => {
  const labels = volumeOf(Uint8Array.from({ length: 910 }, (_, index) => index % 5));
  assert.deepEqual(resampleToSpacing(labels, spacingOf(labels), 'nearest').data, labels.data);
  const image = linearVolume();
  assert.deepEqual(resampleToSpacing(image, spacingOf(image)).data, image.data);
});

test('labels keep their type and take no new value', () => {
  const labels = volumeOf(Uint16Array.from({ length: 910 }, (_, index) => (index % 3) * 1000));
  const result = resampleToSpacing(labels, [1, 1, 1], 'nearest');
  assert.ok(result.data instanceof Uint16Array);
  assert.deepEqual([...new Set(result.data)].sort(), [0, 1000, 2000]);
});

test('labels of a finer canonical grid go back onto the grid of the file', () => {
  const labels = volumeOf(Uint8Array.from({ length: 910 }, (_, index) => (index * 31) % 7));
  const inside = toCanonical(labels);
  const [z, y, x] = spacingOf(inside);
  const fine = resampleToSpacing(inside, [z / 3, y / 3, x / 3], 'nearest');
  const coarse = resample(fine, inside, 'nearest');
  assert.deepEqual(fromCanonical(coarse.data, labels), labels.data);
});

test('a volume lands on any other grid, turned or oblique, at its own places', () => {
  const other: Grid = { shape: [4, 5, 6], affine: [0, 0.9, 0, 33, 0.7, 0, 0.2, -66, 0, -0.1, 1.5, 16, 0, 0, 0, 1] };
  const big: Grid = { shape: [60, 60, 60], affine: [1, 0, 0, 10, 0, 1, 0, -90, 0, 0, 1, -10, 0, 0, 0, 1] };
  const result = resample(linearVolume(big), other);
  allClose(result.data, linearVolume(other).data, { absolute: 1e-4 });
});

test('outside of the source the border goes on, and several components are resampled alike', () => {
  const line: Grid = { shape: [1, 1, 3], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const long: Grid = { shape: [1, 1, 5], affine: [1, 0, 0, -1.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const data = Float32Array.of(10, 20, 40, 1, 2, 4);
  assert.deepEqual([...resampleData(data, line, long, 'linear')], [10, 10, 15, 30, 40, 1, 1, 1.5, 3, 4]);
  assert.deepEqual([...resampleData(data, line, long, 'nearest')], [10, 10, 20, 40, 40, 1, 1, 2, 4, 4]);
});

test('a spacing of zero, or one that asks for too much, is refused', () => {
  for (const spacing of [
    [0, 1, 1],
    [1, -1, 1],
    [1, 1, Number.NaN],
    [1e-6, 1e-6, 1e-6],
  ] as const) {
    assert.throws(() => gridWithSpacing(grid, spacing), { code: 'image', message: /expected a spacing above 0 mm/ });
  }
});
