import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allClose } from '../../testing/all-close.js';
import type { Volume } from '../volume.js';
import { apply, multiply } from './affine.js';
import {
  fromCanonical,
  type Grid,
  inverseTurn,
  orientationName,
  sameGrid,
  toCanonical,
  turnData,
  turnGrid,
  turnToCanonical,
} from './orientation.js';

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** The 48 ways to lay three axes along the world's, as 3 × 3 signs. */
const ORIENTATIONS = ORDERS.flatMap((order) =>
  Array.from({ length: 8 }, (_, bits) => order.map((world, axis) => ({ world, sign: (bits >> axis) & 1 ? -1 : 1 }))),
);

/** Axes along the world's, then a small rotation about the vertical, so that the volume is oblique. */
function affineOf(
  axes: (typeof ORIENTATIONS)[number],
  spacing: readonly number[],
  origin: readonly number[],
  angle = 0,
) {
  const straight = new Array<number>(16).fill(0);
  straight[15] = 1;
  axes.forEach(({ world, sign }, axis) => {
    straight[4 * world + axis] = sign * spacing[axis]!;
  });
  origin.forEach((value, row) => {
    straight[4 * row + 3] = value;
  });
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return multiply([cos, -sin, 0, 0, sin, cos, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], straight);
}

const millimetres = fc.double({ min: 0.1, max: 9, noNaN: true });
const place = fc.double({ min: -500, max: 500, noNaN: true });
const grids = fc.record({
  orientation: fc.integer({ min: 0, max: 47 }),
  shape: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  spacing: fc.tuple(millimetres, millimetres, millimetres),
  origin: fc.tuple(place, place, place),
  angle: fc.double({ min: -0.6, max: 0.6, noNaN: true }),
});

function volumeOf(grid: Grid): Volume {
  const size = grid.shape[0] * grid.shape[1] * grid.shape[2];
  const data = Int16Array.from({ length: size }, (_, index) => index * 7 - 100);
  return { ...grid, data, slope: 2, intercept: 1, modality: 'other', source: 'x', warnings: [] };
}

/** Every value with the place in the patient where it lies, sorted by value. */
function placed({ data, shape: [depth, height, width], affine }: Volume): { value: number; at: number[] }[] {
  const list: { value: number; at: number[] }[] = [];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        list.push({ value: data[(z * height + y) * width + x]!, at: apply(affine, [x, y, z]) });
      }
    }
  }
  return list.sort((one, other) => one.value - other.value);
}

test('all 48 orientations are named and turned to RAS', () => {
  const names = new Set<string>();
  for (const axes of ORIENTATIONS) {
    const volume = volumeOf({ shape: [2, 3, 4], affine: affineOf(axes, [1, 2, 3], [5, 6, 7]) });
    names.add(orientationName(volume.affine));
    assert.equal(orientationName(toCanonical(volume).affine), 'RAS');
  }
  assert.equal(names.size, 48);
});

test('every voxel keeps its value and its place, whatever the orientation', () => {
  fc.assert(
    fc.property(grids, ({ orientation, shape, spacing, origin, angle }) => {
      const volume = volumeOf({ shape, affine: affineOf(ORIENTATIONS[orientation]!, spacing, origin, angle) });
      const before = placed(volume);
      const after = placed(toCanonical(volume));
      before.forEach(({ value, at }, index) => {
        assert.equal(after[index]!.value, value);
        assert.ok(Math.hypot(...at.map((x, row) => x - after[index]!.at[row]!)) < 1e-9);
      });
    }),
    { numRuns: 480 },
  );
});

test('the way back restores values and grid', () => {
  fc.assert(
    fc.property(grids, ({ orientation, shape, spacing, origin, angle }) => {
      const volume = volumeOf({ shape, affine: affineOf(ORIENTATIONS[orientation]!, spacing, origin, angle) });
      const inside = toCanonical(volume);
      assert.deepEqual(fromCanonical(inside.data, volume), volume.data);
      const turn = turnToCanonical(volume.affine);
      const back = turnGrid(turnGrid(volume, turn), inverseTurn(turn));
      assert.deepEqual(back.shape, volume.shape);
      allClose(back.affine, volume.affine, { absolute: 1e-9 });
      assert.deepEqual(inverseTurn(inverseTurn(turn)), turn);
      assert.ok(sameGrid(volume, back));
    }),
    { numRuns: 480 },
  );
});

test('components are turned one by one; a canonical volume is left as it is', () => {
  const turn = { axes: [0, 1, 2], flips: [false, false, true] } as const;
  const twice = turnData(Uint8Array.of(1, 2, 3, 4, 5, 6), [1, 1, 3], turn);
  assert.deepEqual([...twice], [3, 2, 1, 6, 5, 4]);
  const volume = volumeOf({ shape: [2, 2, 2], affine: affineOf(ORIENTATIONS[0]!, [1, 1, 1], [0, 0, 0]) });
  assert.equal(toCanonical(volume), volume);
});

test('grids that differ by float noise are the same, by a tenth of a voxel they are not', () => {
  const affine = affineOf(ORIENTATIONS[13]!, [0.7, 0.7, 5], [-120.5, 88, 1000], 0.2);
  const grid: Grid = { shape: [30, 200, 200], affine };
  assert.ok(sameGrid(grid, { ...grid, affine: affine.map(Math.fround) }));
  assert.ok(!sameGrid(grid, { ...grid, affine: affine.map((value, index) => (index === 3 ? value + 0.07 : value)) }));
  assert.ok(!sameGrid(grid, { ...grid, shape: [30, 200, 201] }));
});
