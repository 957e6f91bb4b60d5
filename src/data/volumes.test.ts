import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { sizeOf } from '../core/tensor.js';
import { writeLabels, writeVolume } from '../image/files.js';
import { type Affine, toUnitVolume } from '../image/index.js';
import { allClose } from '../testing/all-close.js';
import { openCache } from './cache.js';
import { discover } from './discover.js';
import { examine } from './doctor.js';
import { formatDoctorReport } from './doctor-text.js';
import { stemOf } from './kinds.js';
import type { Recipe } from './recipe.js';
import { filesIn, kindOf } from './search.js';

const root = mkdtempSync(join(tmpdir(), 'cover-volumes-'));
after(() => rmSync(root, { recursive: true }));

const straight = (x: number, y: number, z: number): Affine => [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1];

/** Values that differ at every voxel: `(place · factor) mod 997`. */
function save(name: string, shape: readonly [number, number, number], factor = 7, affine = straight(1, 1, 1)): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  const data = Int16Array.from({ length: sizeOf(shape) }, (_, index) => (index * factor) % 997);
  writeVolume(path, { data, slope: 1, intercept: 0, shape, affine });
  return path;
}

test('volumes, DICOM folders and images of one tree are told apart', () => {
  const folder = join(root, 'tree');
  const dicom = new Uint8Array(200);
  dicom.set(new TextEncoder().encode('DICM'), 128);
  for (const [name, bytes] of [
    ['one.nii.gz', ''],
    ['deep/er/two.nrrd', ''],
    ['pair.hdr', ''],
    ['pair.img', ''],
    ['study/ct/IM0001', dicom],
    ['study/ct/IM0002', dicom],
    ['photo.png', ''],
    ['notes', 'text'],
    ['._one.nii.gz', ''],
  ] as const) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  const names = (kind: Recipe['kind']) =>
    discover(folder, { kind, validationShare: 0 }).train.map((file) => file.slice(folder.length + 1));
  assert.deepEqual(names('volumes'), ['deep/er/two.nrrd', 'one.nii.gz', 'pair.hdr', 'study/ct']);
  assert.deepEqual(names('images'), ['photo.png', 'study/ct/IM0001', 'study/ct/IM0002']);
  assert.equal(kindOf(folder), 'volumes');
  assert.deepEqual(['a/b_01.nii.gz', 'c.d.mha', 'e.png', 'f'].map(stemOf), ['b_01', 'c.d', 'e', 'f']);
});

test('a folder of the other kind is refused in the words of who asks: a training by its settings, a network by its axes', () => {
  save('others/a.nii.gz', [2, 2, 2]);
  const folder = join(root, 'others');
  assert.throws(() => discover(folder, { kind: 'images', validationShare: 0 }), /found 1 volume\n.*data\.slices=axial/);
  assert.throws(() => filesIn(folder, ['images']), /found 1 volume\n {2}The network is of two axes/);
});

test('splits.json names volumes by what stands before .nii.gz', () => {
  for (const id of ['a', 'b', 'c']) save(`split/images/${id}.nii.gz`, [2, 2, 2]);
  writeFileSync(join(root, 'split', 'splits.json'), JSON.stringify({ train: ['a', 'b'], val: ['c'] }));
  const { train, validation } = discover(join(root, 'split'), { kind: 'volumes' });
  assert.deepEqual([...train, ...validation].map(stemOf), ['a', 'b', 'c']);
  assert.throws(() => discover(join(root, 'split')), { message: /found 3 volumes[\s\S]*views\.crop=\[48,64,48\]/ });
});

test('the doctor tells what is wrong with a volume, and what is only odd', async () => {
  const shape = [9, 10, 11] as const;
  const good = save('sick/images/a-good.nii', shape);
  const bytes = readFileSync(good);
  const write = (name: string, content: Uint8Array) => {
    const path = join(root, 'sick', 'images', name);
    writeFileSync(path, content);
    return path;
  };
  const changed = (name: string, change: (view: DataView) => void) => {
    const copy = Uint8Array.from(readFileSync(save('sick/other.nii', shape, 7 + name.length)));
    change(new DataView(copy.buffer));
    return write(name, copy);
  };
  const nan = join(root, 'sick', 'images', 'nan.nii.gz');
  const values = Float32Array.from({ length: 990 }, (_, index) => (index % 100 === 3 ? Number.NaN : index / 7));
  writeVolume(nan, { data: values, slope: 1, intercept: 0, shape, affine: straight(1, 1, 1) });
  const labels = new Uint8Array(12 * 10 * 11).map((_, index) => index % 3);
  mkdirSync(join(root, 'sick', 'labels'));
  writeLabels(join(root, 'sick', 'labels', 'thick.nii.gz'), labels, { shape: [12, 10, 11], affine: straight(1, 1, 1) });
  const files = [
    good,
    save('sick/images/copy.nii.gz', shape),
    write('cut.nii', bytes.subarray(0, 900)),
    changed('long.nii', (view) => view.setInt16(42, 400, true)),
    nan,
    changed('singular.nii', (view) => {
      for (let at = 280; at < 328; at += 4) view.setFloat32(at, 0, true);
      view.setInt16(252, 0, true);
    }),
    changed('zero-spacing.nii', (view) => {
      for (const at of [252, 254]) view.setInt16(at, 0, true);
      view.setFloat32(84, 0, true);
    }),
    save('sick/images/small.nii', [3, 40, 40]),
    save('sick/images/flat.nii', shape, 0),
    join(root, 'sick', 'labels', 'thick.nii.gz'),
    save('sick/images/thick.nii', [9, 10, 12], 13, straight(1, 1, 5)),
  ];
  const report = await examine(files, { kind: 'volumes' });
  const states = report.files.map(
    ({ file, state, warnings = [] }) => [basename(file), state, warnings.join('; ')] as const,
  );
  const expected: readonly (readonly [string, string, RegExp])[] = [
    ['a-good.nii', 'ok', /^$/],
    ['copy.nii.gz', 'duplicate', /^$/],
    ['cut.nii', 'truncated', /^$/],
    ['long.nii', 'truncated', /^$/],
    ['nan.nii.gz', 'ok', /10 of 990 values are not finite/],
    ['singular.nii', 'ok', /sform|singular/],
    ['zero-spacing.nii', 'ok', /voxel edges of 1 × 0 × 1 mm are impossible/],
    ['small.nii', 'too small', /^$/],
    ['flat.nii', 'constant', /^$/],
    ['thick.nii.gz', 'mask', /^$/],
    ['thick.nii', 'ok', /labels\/thick\.nii\.gz is of another size: 12 × 10 × 11 of 1 × 1 × 1 mm/],
  ];
  assert.equal(states.length, expected.length);
  states.forEach(([name, state, warnings], index) => {
    const [file, wanted, message] = expected[index]!;
    assert.deepEqual([name, state], [file, wanted]);
    assert.match(warnings, message, name);
  });
  const text = formatDoctorReport(report);
  assert.ok(
    text.split('\n').every((line) => line.length <= 80),
    text,
  );
  assert.match(text, /^11 volumes examined\n {7}5 {2}ok\n/);
  assert.match(text.replaceAll('\n', ' '), /from 1 × 1 × 1 to 5 × 1 × 1 mm.*data\.spacing=\[1, 1, 1\]/);
});

const recipe = { kind: 'volumes', channels: 1, fit: 'keep', minimumSize: 1, intensity: { window: [0, 996] } } as const;

test('a kept volume is in RAS, padded where it is smaller, and read through windows', async () => {
  const shape = [6, 5, 9] as const;
  // x runs to the left: the canonical volume is the stored one mirrored.
  const file = save('kept.nii.gz', shape, 7, [-1, 0, 0, 8, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  const cache = await openCache({ ...recipe, files: [file], shape: [4, 8, 6], folder: join(root, 'kept') });
  assert.deepEqual([cache.records, cache.shapes, cache.spacings], [[[6, 8, 9]], [[6, 5, 9]], [[1, 1, 1]]]);
  const { data } = cache.read(0);
  for (let z = 0; z < 6; z++) {
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 9; x++) {
        const inside = y >= 1 && y < 6;
        const value = inside ? ((((z * 5 + y - 1) * 9 + 8 - x) * 7) % 997) / 996 : 0;
        assert.ok(Math.abs(data[(z * 8 + y) * 9 + x]! - value) < 1e-5, `${z} ${y} ${x}`);
      }
    }
  }
  const [start, size] = [
    [1, 0, 2],
    [4, 8, 6],
  ];
  const window = cache.window(0, start!, size!);
  assert.deepEqual(window.shape, [1, 4, 8, 6]);
  for (let index = 0; index < window.data.length; index++) {
    const [z, y, x] = [Math.floor(index / 48), Math.floor(index / 6) % 8, index % 6];
    assert.equal(window.data[index], data[((z + 1) * 8 + y) * 9 + x + 2]);
  }
  assert.throws(() => cache.window(0, [3, 0, 0], [4, 8, 6]), /leaves the record/);
  cache.close();
});

test('spacing changes the extents, and resize fits them whatever they are', async () => {
  const file = save('thick.nii.gz', [6, 8, 10], 3, straight(1, 1, 2));
  const folder = join(root, 'spacing');
  const records = async (fit: 'keep' | 'resize') => {
    const cache = await openCache({ ...recipe, fit, spacing: [1, 1, 2], files: [file], shape: [4, 4, 4], folder });
    cache.close();
    return [cache.records[0], cache.shapes[0], cache.spacings[0]];
  };
  assert.deepEqual(await records('keep'), [
    [12, 8, 5],
    [12, 8, 5],
    [1, 1, 2],
  ]);
  assert.deepEqual(await records('resize'), [
    [4, 4, 4],
    [12, 8, 5],
    [1, 1, 2],
  ]);
});

test('of slices only their own two axes must be large enough', async () => {
  const thick = save('thick.nii', [3, 40, 36]);
  const look = (slices: 'axial' | 'coronal') => examine([thick], { kind: 'volumes', slices });
  assert.deepEqual((await look('axial')).usable, [thick]);
  assert.equal(
    (await look('coronal')).files[0]!.reason,
    'expected at least 32 voxels along both axes of coronal slices, found 3 × 36',
  );
});

test('slices are a stack as radiologists see it, without the empty ones at its ends', async () => {
  const shape = [4, 5, 6] as const;
  const data = new Int16Array(sizeOf(shape));
  for (let index = 30; index < 90; index++) data[index] = index + 1;
  const file = join(root, 'slices.nii');
  writeVolume(file, { data, slope: 1, intercept: 0, shape, affine: straight(1, 1, 1) });
  const stack = async (slices: 'axial' | 'coronal' | 'sagittal', crop: number[]) => {
    const cache = await openCache({ ...recipe, slices, files: [file], shape: crop, folder: join(root, slices) });
    cache.close();
    return {
      record: cache.records[0],
      data: (await openCache({ ...recipe, slices, files: [file], shape: crop, folder: join(root, slices) })).read(0)
        .data,
    };
  };
  const value = (z: number, y: number, x: number) => data[(z * 5 + y) * 6 + x]! / 996;
  const near = (found: number | undefined, wanted: number) => assert.ok(Math.abs(found! - wanted) < 1e-5);
  const axial = await stack('axial', [5, 6]);
  assert.deepEqual(axial.record, [2, 5, 6]);
  // The first pixel lies at the front and on the right: y and x are largest.
  near(axial.data[0], value(1, 4, 5));
  near(axial.data[30 + 6 + 2], value(2, 3, 3));
  const coronal = await stack('coronal', [4, 6]);
  assert.deepEqual(coronal.record, [5, 4, 6]);
  near(coronal.data[2 * 24 + 6 + 1], value(2, 2, 4));
  const sagittal = await stack('sagittal', [4, 5]);
  assert.deepEqual(sagittal.record, [6, 4, 5]);
  near(sagittal.data[3 * 20 + 5 + 1], value(2, 3, 3));
});

test('percentiles and windows give the values of toUnitVolume', async () => {
  const shape = [8, 8, 8] as const;
  const file = save('unit.nii', shape);
  const stored = Int16Array.from({ length: 512 }, (_, index) => (index * 7) % 997);
  const volume = {
    shape,
    data: stored,
    slope: 1,
    intercept: 0,
    affine: straight(1, 1, 1),
    modality: 'other',
    source: '',
    warnings: [],
  } as const;
  for (const [intensity, rule] of [
    ['auto', undefined],
    [{ percentiles: [10, 90] }, { kind: 'percentiles', lower: 10, upper: 90 }],
    ['brain', { kind: 'window', lower: 0, upper: 80 }],
  ] as const) {
    const cache = await openCache({ ...recipe, intensity, files: [file], shape, folder: join(root, 'unit') });
    const expected = toUnitVolume(volume, rule).data.data;
    allClose(cache.read(0).data, expected, { absolute: 1e-5 });
    cache.close();
  }
});
