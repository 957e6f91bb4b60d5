import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { allClose } from '../../../testing/all-close.js';
import { temporaryFolder } from '../../fixtures.js';
import { apply, type Vector } from '../../geometry/affine.js';
import { type Grid, toCanonical } from '../../geometry/orientation.js';
import { readVolume } from '../../read-volume.js';
import type { Affine, StoredArray } from '../../volume.js';
import { fieldInMillimetres } from './encode.js';
import { writeColours, writeDisplacementField, writeLabels, writeVolume } from './write.js';

const { folder } = temporaryFolder();

/** Oblique, with three different edges. */
const grid: Grid = {
  shape: [2, 3, 4],
  affine: [-0.75, 0.125, 0.25, 40, 0.5, 1, -0.5, -70, 0, 0.25, 2.5, 12, 0, 0, 0, 1],
};

test('every type of value comes back unchanged, with scale and place, plain and packed', async () => {
  const types = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array];
  for (const [index, Type] of types.entries()) {
    const data = new Type(24).map((_: number, at: number) => at * 5) as StoredArray;
    const path = join(folder, `type-${index}.nii${index % 2 ? '.gz' : ''}`);
    writeVolume(path, { ...grid, data, slope: 0.5, intercept: -3 });
    const volume = await readVolume(path);
    assert.deepEqual(volume.data, data);
    assert.deepEqual([volume.shape, volume.slope, volume.intercept], [grid.shape, 0.5, -3]);
    assert.deepEqual(volume.affine, grid.affine);
    assert.deepEqual(volume.warnings, []);
  }
});

test('labels keep their type and say what they are', async () => {
  const labels = Uint16Array.from({ length: 24 }, (_, index) => index * 1000);
  const path = join(folder, 'labels.nii.gz');
  writeLabels(path, labels, grid);
  assert.deepEqual((await readVolume(path)).data, labels);
  const plain = join(folder, 'labels.nii');
  writeLabels(plain, Uint8Array.from(labels), grid);
  assert.equal(readFileSync(plain).readInt16LE(68), 1002);
});

test('colours are written as RGB and read plane by plane', async () => {
  const planes = Float32Array.from({ length: 72 }, (_, index) => index / 60 - 0.1);
  const path = join(folder, 'colour.nii.gz');
  writeColours(path, planes, grid);
  await assert.rejects(readVolume(path), /found 3 values for each voxel of 4 × 3 × 2 voxels/);
  for (let plane = 0; plane < 3; plane++) {
    const { data } = await readVolume(path, { frame: plane });
    const wanted = [...planes].slice(24 * plane, 24 * plane + 24).map((value) => Math.min(Math.max(value, 0), 1) * 255);
    assert.deepEqual([...data], wanted.map(Math.round));
  }
});

test('a displacement field has five axes, the intent of a vector, and LPS millimetres', async () => {
  const size = 24;
  // One voxel along x in the first voxel, two along y in the second, three along z in the third.
  const field = new Float32Array(3 * size);
  field[2 * size] = 1;
  field[size + 1] = 2;
  field[2] = 3;
  const path = join(folder, 'field.nii');
  writeDisplacementField(path, field, grid);
  const bytes = readFileSync(path);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((index) => bytes.readInt16LE(40 + 2 * index)),
    [5, 4, 3, 2, 1, 3],
  );
  assert.equal(bytes.readInt16LE(68), 1007);
  const [left, posterior, superior] = await Promise.all([0, 1, 2].map((frame) => readVolume(path, { frame })));
  const at = (index: number) => [left!.data[index]!, posterior!.data[index]!, superior!.data[index]!];
  assert.deepEqual(at(0), [0.75, -0.5, 0]);
  assert.deepEqual(at(1), [-0.25, -2, 0.5]);
  assert.deepEqual(at(2), [-0.75, 1.5, 7.5]);
  assert.deepEqual(at(3), [0, 0, 0]);
});

test('the millimetres of a field lead to the voxel that it names', () => {
  const field = Float32Array.of(0.5, -1.25, 2);
  const one: Grid = { shape: [1, 1, 1], affine: grid.affine };
  const [l, p, s] = fieldInMillimetres(field, one) as unknown as Vector;
  const start = apply(grid.affine, [0, 0, 0]);
  const target = apply(grid.affine, [2, -1.25, 0.5]);
  allClose([start[0] - l, start[1] - p, start[2] + s], target, { absolute: 1e-5 });
});

// A quaternion of three float32 numbers is exact to about 4e-4 near half a turn.
test('qform and sform agree for every rotation, reflection and spacing', async () => {
  const path = join(folder, 'rotated.nii');
  const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
  const edge = fc.double({ min: 0.2, max: 6, noNaN: true });
  await fc.assert(
    fc.asyncProperty(angle, angle, angle, fc.tuple(edge, edge, edge), fc.boolean(), async (a, b, c, edges, mirror) => {
      const affine = rotation(a, b, c).map((value, index) => value * (edges[index % 4] ?? 1));
      if (mirror) for (const row of [0, 4, 8]) affine[row] = -affine[row]!;
      affine.push(0, 0, 0, 1);
      writeVolume(path, { ...grid, affine, data: new Uint8Array(24), slope: 1, intercept: 0 });
      const bytes = readFileSync(path);
      assert.equal(bytes.readInt16LE(252), 1);
      const both = await readVolume(path);
      assert.deepEqual(both.warnings, []);
      bytes.writeInt16LE(0, 254);
      writeFileSync(path, bytes);
      const alone = await readVolume(path);
      allClose(alone.affine, affine, { absolute: 1e-3 * Math.max(...edges) });
    }),
    { numRuns: 200 },
  );
});

/** Three rows of four. */
function rotation(a: number, b: number, c: number): number[] {
  const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
  const rows = [
    [ca * cb, ca * sb * sc - sa * cc, ca * sb * cc + sa * sc],
    [sa * cb, sa * sb * sc + ca * cc, sa * sb * cc - ca * sc],
    [-sb, cb * sc, cb * cc],
  ];
  return rows.flatMap((row, index) => [...row, index * 10]);
}

test('a sheared grid is written with its matrix alone, and survives being turned', async () => {
  const affine: Affine = [1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1];
  const data = Uint8Array.from({ length: 24 }, (_, index) => index);
  const path = join(folder, 'sheared.nii');
  writeVolume(path, { ...grid, affine, data, slope: 1, intercept: 0 });
  assert.equal(readFileSync(path).readInt16LE(252), 0);
  const turned = toCanonical(await readVolume(path));
  assert.deepEqual(turned.affine.slice(8, 12), [0, 0, 1, -1]);
});

test('another name and too long an axis are refused', () => {
  const volume = { ...grid, data: new Uint8Array(24), slope: 1, intercept: 0 };
  assert.throws(() => writeVolume(join(folder, 'x.nrrd'), volume), /expected a name that ends in \.nii or \.nii\.gz/);
  const long = { ...volume, shape: [1, 1, 32768] as const, data: new Uint8Array(32768) };
  assert.throws(() => writeVolume(join(folder, 'long.nii'), long), /at most 32767 voxels/);
});
