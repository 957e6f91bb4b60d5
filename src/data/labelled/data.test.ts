/** Layouts, parts, label budgets and labels: what is read, and what is refused. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { warpNearest } from '../../finetune/augment.js';
import { writeLabels, writePng } from '../../image/files.js';
import { imageElements, placeElements } from '../../image/formats/dicom/fixtures/images.js';
import { writeDicom } from '../../image/formats/dicom/fixtures/writer.js';
import { mirror, wholeRegion } from '../../views/index.js';
import { readAnyVolume } from '../index.js';
import { createImageStore, readKeptImage } from './image-store.js';
import { checkClasses, namesFromLabels } from './known-classes.js';
import type { LabelledCase, Layout } from './labelled.js';
import { resizeLabels } from './labels.js';
import { filesById } from './layouts/files-by-id.js';
import { readLayout } from './layouts/read-layout.js';
import { divide, limitLabels } from './parts.js';
import { readLabels } from './read-labels.js';
import { SampleSet, type Samples } from './sample-set.js';
import { readSamples } from './samples.js';

const root = mkdtempSync(join(tmpdir(), 'cover-labelled-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Writes 8-bit images of 4 × 4 pixels with the given values, and JSON files. */
async function dataset(name: string, files: Readonly<Record<string, readonly number[] | object>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, name, path);
    mkdirSync(dirname(file), { recursive: true });
    if (!file.endsWith('.png')) writeFileSync(file, JSON.stringify(content));
    else {
      const values = content as readonly number[];
      const height = values.length / 4;
      await writePng(file, { width: 4, height, channels: 1, data: Uint8Array.from(values) });
    }
  }
  return join(root, name);
}

const setOf = (samples: Samples) => new SampleSet(samples, readKeptImage);
const gray = Array.from({ length: 16 }, (_, index) => 10 * index);
const halves: readonly number[] = gray.map((_, index) => (index < 8 ? 0 : 1));

const options = {
  channels: 1,
  fit: 'resize',
  size: [4, 4],
  window: [4, 4],
  spacing: null,
  intensity: 'auto',
  antialias: true,
  classes: ['background', 'organ'],
  ignore: 255,
  images: createImageStore(join(root, 'kept'), Number.POSITIVE_INFINITY),
} as const;
const numbered = (count: number, patients = count): LabelledCase[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `case-${String(index).padStart(3, '0')}`,
    image: '',
    label: '',
    patient: `p${index % patients}`,
  }));
const layoutOf = (cases: readonly LabelledCase[], parts?: Layout['parts']): Layout => ({
  cases,
  classes: [],
  ...(parts ? { parts } : {}),
});
const drawn = { seed: 3, validationShare: 0.2, testShare: 0.2 };

test('pairs, MSD and nnU-Net folders give the same cases', async () => {
  const pairs = await dataset('pairs', {
    'images/a.png': gray,
    'labels/a.png': halves,
    'dataset.json': { classes: { 0: 'background', 1: 'organ' } },
    'cases.json': { a: { patient: 7 } },
    'splits.json': { train: ['a'] },
  });
  const decathlon = await dataset('msd', {
    'imagesTr/a.png': gray,
    'labelsTr/a.png': halves,
    'dataset.json': {
      labels: { 0: 'background', 1: 'organ' },
      training: [{ image: './imagesTr/a.png', label: './labelsTr/a.png' }],
    },
  });
  const nnunet = await dataset('nnunet', {
    'imagesTr/a_0000.png': gray,
    'labelsTr/a.png': halves,
    'imagesTs/b_0000.png': gray,
    'labelsTs/b.png': halves,
    'dataset.json': { channel_names: { 0: 'xray' }, labels: { background: 0, organ: 1 }, file_ending: '.png' },
  });
  const read = [pairs, decathlon, nnunet].map((folder) => readLayout(folder, 'segmentation'));
  for (const { cases, classes } of read) {
    assert.equal(cases[0]!.id, 'a');
    assert.deepEqual(classes, ['background', 'organ']);
    const samples = await readSamples(cases.slice(0, 1), options);
    assert.ok(Math.abs(setOf(samples).image(0).data[3]! - 30 / 255) < 1e-6);
    assert.deepEqual([...setOf(samples).labels(0).data], halves);
  }
  assert.equal(read[0]!.cases[0]!.patient, '7');
  assert.deepEqual(read[0]!.parts, { train: ['a'] });
  assert.deepEqual(read[2]!.parts, { test: ['b'] });
});

test('what a folder names and does not have, or has and does not use, is told', async () => {
  const images = { 'images/a.png': gray, 'images/b.png': gray };
  const notes = (folder: string, task: 'segmentation' | 'classification' = 'classification') =>
    readLayout(folder, task).notes!.map((note) => note.replaceAll(`${folder}/`, ''));
  const table = await dataset('table', { ...images, 'labels.json': { a: 0, 'b.png': 1, x: 1, y: 0 } });
  assert.deepEqual(
    readLayout(table, 'classification').cases.map(({ label }) => label),
    [0, 1],
  );
  assert.deepEqual(notes(table), ['labels.json names 2 images that are not there: x, y']);
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`x${index}`, 0]));
  const csv = await dataset('csv', images);
  writeFileSync(join(csv, 'labels.csv'), 'name,class\n"a",0\nb,1\r\nz,1\n');
  assert.deepEqual(notes(csv), ['labels.csv names 1 image that is not there: z']);
  const patients = await dataset('patients', {
    ...images,
    'labels.json': { a: 0, b: 1 },
    'cases.json': { a: { patient: 1 }, ...Object.fromEntries(Object.keys(many).map((id) => [id, { patient: 2 }])) },
  });
  assert.deepEqual(notes(patients), ['cases.json names 7 images that are not there: x0, x1, x2, x3, x4 and 2 more']);

  const msd = await dataset('msd-more', {
    'imagesTr/a.png': gray,
    'imagesTr/b.png': gray,
    'labelsTr/a.png': halves,
    'dataset.json': {
      labels: { 0: 'background', 1: 'organ' },
      training: [{ image: 'imagesTr/a.png', label: 'labelsTr/a.png' }],
    },
  });
  assert.deepEqual(notes(msd, 'segmentation'), ['imagesTr has 1 image that dataset.json does not list: b']);
  // Advice alone: labels beside the images are no images, and what could not be told apart is not read.
  const together = await dataset('msd-together', {
    'all/a.png': gray,
    'all/a-label.png': halves,
    'all/b.png': gray,
    'all/b.tif': gray,
    'dataset.json': {
      labels: { 0: 'background', 1: 'organ' },
      training: [{ image: 'all/a.png', label: 'all/a-label.png' }],
    },
  });
  assert.deepEqual(notes(together, 'segmentation'), ['all has 2 images that dataset.json does not list: b, b']);
  const nnunet = { 'imagesTr/a_0000.png': gray, 'labelsTr/a.png': halves, 'imagesTs/b_0000.png': gray };
  assert.deepEqual(notes(await dataset('nnunet-test', nnunet), 'segmentation'), [
    'imagesTs has no labels beside it (labelsTs) and is not used',
  ]);
  const orphans = await dataset('nnunet-orphan', { ...nnunet, 'labelsTr/c.png': halves, 'labelsTr/d.png': halves });
  assert.throws(
    () => readLayout(orphans, 'segmentation'),
    /labelsTr\/c\.png: this label has no image .*imagesTr\/c_0000\.\*, and 1 more like it/,
  );
});

test('a table of classes with a line that is none, or two for one image, is refused', async () => {
  const folder = await dataset('bad-table', { 'images/a.png': gray });
  const read = (text: string) => {
    writeFileSync(join(folder, 'labels.csv'), text);
    return () => readLayout(folder, 'classification');
  };
  assert.throws(read('id,class\na,0\na,1\n'), /labels\.csv, line 3: expected .*, found a second line for "a"/);
  assert.throws(read('id,class\na,benign\n'), /line 2: expected a name and its class .*found "a,benign"/);
  assert.throws(read('a;0\nb;1\n'), /line 2: expected .*found "b;1"/);
});

test('masks whose values are no classes are refused: wide gaps, a JPEG, transparent pixels', async () => {
  const values = (...data: number[]) => [{ shape: [data.length], data: Uint8Array.from(data) }];
  assert.throws(() => namesFromLabels(values(0, 127, 254), 255), /found 3 values up to 254: 0, 127, 254\n/);
  assert.equal(namesFromLabels(values(0, 1, 7), 255).length, 8);
  assert.equal(namesFromLabels(values(0, 1, 2, 255), 255).length, 3);
  const raw = { width: 4, height: 4, channels: 1 } as const;
  mkdirSync(join(root, 'masks'));
  await sharp(Uint8Array.from(halves), { raw })
    .jpeg()
    .toFile(join(root, 'masks', 'a.jpg'));
  await assert.rejects(readLabels(join(root, 'masks', 'a.jpg')), /a\.jpg: expected class indices, found a JPEG/);
  const clear = Uint8Array.from(halves.flatMap((value) => [1, 1, 1, 255 * value]));
  for (const [name, data] of [
    ['clear', clear],
    ['opaque', clear.map((value, at) => (at % 4 === 3 ? 255 : value))],
  ] as const) {
    await sharp(data, { raw: { ...raw, channels: 4 } })
      .png()
      .toFile(join(root, 'masks', `${name}.png`));
  }
  await assert.rejects(readLabels(join(root, 'masks', 'clear.png')), /found transparent pixels/);
  assert.deepEqual([...(await readLabels(join(root, 'masks', 'opaque.png'))).data], new Array(16).fill(1));
});

test('what does not fit is refused, and the file is named', async () => {
  const missing = await dataset('missing', { 'images/a.png': gray, 'images/b.png': gray, 'labels/a.png': halves });
  assert.throws(
    () => readLayout(missing, 'segmentation'),
    /images\/b\.\*: expected a label .*labels\/b\.\*, found none/,
  );
  const orphan = await dataset('orphan', { 'images/a.png': gray, 'labels/a.png': halves, 'labels/c.png': halves });
  assert.throws(() => readLayout(orphan, 'segmentation'), /labels\/c\.png: this label has no image/);
  assert.throws(() => readLayout(join(root, 'nowhere'), 'segmentation'), /nowhere: expected a folder/);

  const small = await dataset('small', { 'images/a.png': gray, 'labels/a.png': halves.slice(0, 12) });
  await assert.rejects(
    readSamples(readLayout(small, 'segmentation').cases, options),
    /labels\/a\.png: expected the extents of its image, 4 × 4, found 3 × 4/,
  );
  const beyond = await dataset('beyond', { 'images/a.png': gray, 'labels/a.png': halves.with(5, 3).with(6, 3) });
  await assert.rejects(
    readSamples(readLayout(beyond, 'segmentation').cases, options),
    /labels\/a\.png: expected classes from 0 to 1 \(background, organ\).* found 3 in 2 pixels/,
  );
  const channels = await dataset('channels', { 'imagesTr/a_0001.png': gray, 'labelsTr/a.png': halves });
  assert.throws(() => readLayout(channels, 'segmentation'), /a_0001\.png: expected one file ID_0000/);
});

test('classes of whole images come from labels.json or labels.csv', async () => {
  const json = await dataset('json', { 'images/a.png': gray, 'images/b.png': gray, 'labels.json': { a: 1, b: 0 } });
  const csv = await dataset('csv', { 'images/a.png': gray, 'images/b.png': gray });
  writeFileSync(join(csv, 'labels.csv'), 'id,class\na,1\r\nb,0\n');
  for (const folder of [json, csv]) {
    const { cases } = readLayout(folder, 'classification');
    const samples = await readSamples(cases, options);
    assert.deepEqual(
      samples.cases.map(({ labels }) => labels[0]),
      [1, 0],
    );
  }
  const bad = await dataset('bad', { 'images/a.png': gray, 'labels.json': { a: 'ill' } });
  assert.throws(() => readLayout(bad, 'classification'), /for the image "a", found "ill"/);
  assert.throws(() => readLayout(join(root, 'pairs'), 'classification'), /found neither this file nor labels\.csv/);
});

test('classes without names are counted; a mask of 0 and 255 is asked back', () => {
  const labels = (...values: number[]) => ({ shape: [1, values.length], data: Uint8Array.from(values) });
  assert.deepEqual(namesFromLabels([labels(0, 2), labels(255)], 255), ['background', 'class 1', 'class 2']);
  assert.throws(() => namesFromLabels([labels(0, 255)], 255), /found the values 0, 255\n.*a mask as 0 and 1/);
});

test('masks of 0 and 255 are refused where classes have names, too, once all are seen', async () => {
  const check = async (...all: readonly (readonly number[] | null)[]) => {
    let read = 0;
    const cases = all.map((_, index) => ({ id: `${index}`, image: '', label: `${index}.png`, patient: '' }));
    await checkClasses(cases, async ({ id }) => {
      read++;
      const values = all[Number(id)];
      if (!values) throw new Error('not readable');
      return { shape: [values.length], data: Uint8Array.from(values) };
    });
    return read;
  };
  await assert.rejects(
    check([0], null, [255]),
    /^InputError: 0\.png and 2 more: expected .*the values 0, 255\n.*0 and 1/,
  );
  await assert.rejects(check([0, 255]), /^InputError: 0\.png: expected labels with classes/);
  assert.equal(await check([0, 255], [0, 1], [0, 255]), 2);
  for (const fine of [[0], [255], [1], []]) await check(fine);
});

test("nnU-Net's regions are told as such", async () => {
  const folder = await dataset('regions', {
    'imagesTr/a_0000.png': gray,
    'labelsTr/a.png': halves,
    'dataset.json': { labels: { background: 0, whole: [1, 3], post: 3 }, regions_class_order: [1, 3] },
  });
  assert.throws(
    () => readLayout(folder, 'segmentation'),
    /dataset\.json: expected an index for each class, found \[1, 3\] for "whole"; region-based.*\n.*labels\/CLASS\/ID/,
  );
});

test('parts that the data name are kept; others are drawn by patient, the same for a seed', () => {
  const cases = numbered(40, 10);
  const parts = divide(layoutOf(cases), drawn);
  assert.deepEqual(parts, divide(layoutOf(cases), drawn));
  assert.notDeepEqual(parts, divide(layoutOf(cases), { ...drawn, seed: 4 }));
  const patients = Object.values(parts).map((part) => new Set(part.map(({ patient }) => patient)));
  assert.equal(
    patients.reduce((sum, { size }) => sum + size, 0),
    10,
  );
  assert.deepEqual([parts.train.length, parts.validation.length, parts.test.length], [24, 8, 8]);

  const given = divide(layoutOf(cases, { train: ['case-001'], test: ['case-002'] }), { ...drawn, validationShare: 0 });
  assert.deepEqual(
    [given.train, given.validation, given.test].map((part) => part.map(({ id }) => id)),
    [['case-001'], [], ['case-002']],
  );
  assert.throws(() => divide(layoutOf(cases, { train: ['x'] }), drawn), /train: expected a labelled image "x"/);
  assert.throws(
    () => divide(layoutOf(cases, { train: ['case-001'], test: ['case-001'] }), drawn),
    /"case-001" is in train and in test/,
  );
  assert.throws(() => divide(layoutOf(cases, { train: [] }), drawn), /at least one training case/);
  assert.throws(() => divide(layoutOf(cases), { ...drawn, patients: '^p(\\d)' }), /found none for .* in "case-000"/);
});

test('label budgets are nested and seeded', () => {
  const cases = numbered(50);
  const ids = (count: number | null, fraction = 1, seed = 0) =>
    limitLabels(cases, { cases: count, fraction }, seed).map(({ id }) => id);
  const [few, more, share] = [ids(3), ids(10), ids(null, 0.2)];
  assert.equal(few.length, 3);
  assert.ok(few.every((id) => more.includes(id)));
  assert.deepEqual(share, more);
  assert.notDeepEqual(ids(3, 1, 1), few);
  assert.equal(ids(null).length, 50);
  assert.throws(() => ids(51), /at most the 50 training cases, found 51/);
});

test('labels are resized, warped and mirrored without mixing', async () => {
  const labels = { shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) };
  assert.deepEqual([...resizeLabels(labels, [4, 2]).data], [1, 2, 1, 2, 3, 4, 3, 4]);
  const zero = new Float32Array(8);
  assert.deepEqual([...warpNearest(labels.data, zero, wholeRegion([2, 2]), 255)], [1, 2, 3, 4]);
  const right = Float32Array.of(0, 0, 0, 0, 0.9, 0.9, 0.9, 0.9);
  assert.deepEqual([...warpNearest(labels.data, right, wholeRegion([2, 2]), 255)], [2, 255, 4, 255]);
  assert.deepEqual([...mirror({ shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) }, [0, 1])], [4, 3, 2, 1]);
  const folder = await dataset('own', { 'labels/a.png': halves });
  assert.deepEqual((await readLabels(join(folder, 'labels/a.png'))).data, Uint8Array.from(halves));
});

test('images beyond the memory are in files, hold the same values, and are gone at the end', async () => {
  const folder = await dataset('stored', {
    'images/a.png': gray,
    'images/b.png': gray.toReversed(),
    'labels/a.png': halves,
    'labels/b.png': halves,
  });
  const { cases } = readLayout(folder, 'segmentation');
  const memory = await readSamples(cases, options);
  const images = createImageStore(join(root, 'files'), 4 * 16);
  const mixed = await readSamples(cases, { ...options, images });
  assert.equal(images.onDisk, 1);
  assert.deepEqual(readdirSync(join(root, 'files')), ['0.f32']);
  for (const index of [0, 1, 0]) assert.deepEqual(setOf(mixed).image(index), setOf(memory).image(index));
  truncateSync(join(root, 'files', '0.f32'), 60);
  const file = mixed.cases.findIndex(({ image }) => typeof image === 'string');
  setOf(mixed).image(1 - file);
  const other = { ...mixed, cases: mixed.cases.map((one) => ({ ...one, image: `${join(root, 'files')}/./0.f32` })) };
  assert.throws(() => setOf(other).image(file), /0\.f32: expected 64 bytes of an image of this run, found 60/);
  images.clear();
  assert.ok(!existsSync(join(root, 'files')));
});

test('pictures that cover segment writes beside labels are no labels', async () => {
  const folder = await dataset('overlays', {
    'images/a.png': gray,
    'labels/a.png': halves,
    'labels/a.overlay.png': gray,
    'labels/.a.png': gray,
  });
  const { cases } = readLayout(folder, 'segmentation');
  assert.deepEqual(
    cases.map(({ id, label }) => [id, label]),
    [['a', join(folder, 'labels', 'a.png')]],
  );
  assert.deepEqual([...filesById(join(folder, 'labels')).keys()], ['a']);
});

test('DICOM images are read as they are listed: a file is an image, a folder of slices a volume', async () => {
  const folder = await dataset('dicom', { 'labels/1.2.840.1.png': halves, 'labels/b.png': halves });
  mkdirSync(join(folder, 'images'));
  const pixels = new Uint8Array(Uint16Array.from(gray).buffer);
  const image = writeDicom(imageElements({ rows: 4, columns: 4, pixels, stored: 8 }));
  writeFileSync(join(folder, 'images', 'b.dcm'), image);
  writeFileSync(join(folder, 'images', '1.2.840.1'), image);
  const { cases } = readLayout(folder, 'segmentation');
  assert.deepEqual(
    cases.map(({ id }) => id),
    ['1.2.840.1', 'b'],
  );
  const samples = await readSamples(cases, options);
  for (const index of [0, 1]) {
    assert.ok(Math.abs(setOf(samples).image(index).data[3]! - 30 / 255) < 1e-6);
    assert.deepEqual([...setOf(samples).labels(index).data], halves);
  }

  const volumes = join(root, 'series');
  mkdirSync(join(volumes, 'images', 'p1'), { recursive: true });
  for (let slice = 0; slice < 3; slice++) {
    const place = placeElements({ position: [0, 0, 2 * slice], instance: slice + 1 });
    const elements = imageElements({ rows: 4, columns: 4, pixels, more: place });
    writeFileSync(join(volumes, 'images', 'p1', `IM.000${slice}`), writeDicom(elements));
  }
  const { shape, affine } = await readAnyVolume(join(volumes, 'images', 'p1'));
  const values = Uint8Array.from({ length: 48 }, (_, index) => (index < 16 ? 1 : 0));
  writeLabels(join(volumes, 'labels', 'p1.nii.gz'), values, { shape, affine });
  const [one] = readLayout(volumes, 'segmentation').cases;
  assert.equal(one!.id, 'p1');
  const stack = await readSamples([one!], { ...options, size: [3, 4, 4], window: [3, 4, 4] });
  assert.deepEqual(setOf(stack).image(0).shape, [1, 3, 4, 4]);
  assert.deepEqual([...setOf(stack).labels(0).data], [...values]);
});

test('of several series in a folder none is taken by chance', async () => {
  const folder = join(root, 'two-series');
  mkdirSync(folder);
  for (const series of ['1.2.3', '1.2.4']) {
    for (let slice = 0; slice < 2; slice++) {
      const place = placeElements({ position: [0, 0, slice], instance: slice + 1, uid: `${series}.${slice}` });
      const elements = imageElements({
        rows: 4,
        columns: 4,
        pixels: new Uint8Array(32),
        more: { ...place, '0020000e': ['UI', series] },
      });
      writeFileSync(join(folder, `${series}-${slice}.dcm`), writeDicom(elements));
    }
  }
  await assert.rejects(readAnyVolume(folder), /expected one DICOM series, found 2\n.*1\.2\.3-0\.dcm/);
  assert.deepEqual((await readAnyVolume(join(folder, '1.2.4-0.dcm'))).shape, [2, 4, 4]);
});
