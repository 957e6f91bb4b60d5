/** The doctor on labelled folders: classes, parts, overlaps, what is wrong, and what the command says of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { waited } from '../../cli/fixtures/waited.js';
import { writeLabels, writePng, writeVolume } from '../../image/files.js';
import { allClose } from '../../testing/all-close.js';
import { examineLabelled, labelledTasks } from './doctor.js';
import { readLayout } from './layouts/read-layout.js';

const root = mkdtempSync(join(tmpdir(), 'cover-labelled-doctor-'));
after(() => rmSync(root, { recursive: true, force: true }));

const SIDE = 40;
const picture = (seed: number) => Uint8Array.from({ length: SIDE * SIDE }, (_, at) => (at * (seed + 3)) % 251);
/** The first `share` of the pixels of this class, the others 0. */
const mask = (label: number, share: number) =>
  Uint8Array.from({ length: SIDE * SIDE }, (_, at) => (at < share * SIDE * SIDE ? label : 0));

async function folder(name: string, files: Readonly<Record<string, Uint8Array | object | string>>): Promise<string> {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    if (content instanceof Uint8Array) {
      await writePng(path, { width: SIDE, height: content.length / SIDE, channels: 1, data: content });
    } else writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return join(root, name);
}

const cases = (count: number, folders: readonly string[] = ['images', 'labels']) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      [`${folders[0]}/c${index}.png`, picture(index)],
      [`${folders[1]}/c${index}.png`, mask(1 + (index % 2), 0.25)],
    ]).flat(),
  );

const doctor = (...args: readonly string[]) => waited(['doctor', ...args]);

test('classes are counted, parts and overlaps found', async () => {
  const path = await folder('good', {
    ...cases(4),
    'images/c4.png': picture(0),
    'labels/c4.png': mask(255, 0.5),
    'dataset.json': { classes: { 0: 'background', 1: 'lung', 2: 'heart', 3: 'tumour' } },
    'cases.json': { c0: { patient: 'a' }, c1: { patient: 'b' }, c2: { patient: 'a' } },
    'splits.json': { train: ['c0', 'c1'], val: ['c2'], test: ['c4'] },
  });
  assert.deepEqual(labelledTasks(path), ['segmentation']);
  const report = await examineLabelled(readLayout(path, 'segmentation'), 'segmentation');
  assert.deepEqual(report.problems, []);
  assert.deepEqual([report.cases, report.patients, report.unused, report.kind], [5, 4, 1, 'images']);
  assert.deepEqual(report.parts, { train: 2, validation: 1, test: 1 });
  assert.equal(report.dividedBy, join(path, 'splits.json'));
  // Pixels of no class (255) do not count: 4 × 1600 of the first four, and half of the last.
  const shares = [(4 * 1200 + 800) / 7200, 800 / 7200, 800 / 7200, 0];
  report.classes.forEach(({ name, cases: count }, index) => {
    assert.deepEqual([name, count], [['background', 'lung', 'heart', 'tumour'][index], [5, 2, 2, 0][index]]);
  });
  allClose(
    report.classes.map(({ share }) => share),
    shares,
    { absolute: 1e-12 },
  );
  assert.deepEqual(report.overlaps, [{ parts: ['train', 'test'], cases: ['c0', 'c4'] }]);
  assert.deepEqual(report.dividedPatients, ['a']);
  assert.equal(report.images.counts.duplicate, 1);

  const { status, stdout } = doctor(path);
  assert.equal(status, 0);
  assert.match(stdout, /Labelled for segmentation: 5 cases of 4 patients/);
  assert.match(stdout, /heart {2,}2 {2,}11\.1 %/);
  assert.match(stdout, /In no case: tumour\./);
  assert.match(stdout, /10\.0 % of the pixels have the label 255, of no class\./);
  assert.match(stdout, /c0 \(train\) and c4 \(test\)/);
  assert.match(stdout, /1 patients have cases in several parts: a/);
  assert.match(stdout, /finetune {2}2 cases to train on, 1 to choose/);
  assert.match(
    stdout,
    /pretrain {2}2 training and 1 validation images \(passed over: 1 images in none(?:\n {11})? of(?:\n {11})? the lists, 1(?:\n {11})? test images\)/,
  );
  assert.ok(stdout.split('\n').every((line) => line.length <= 80 || line.includes(root)));
});

test('what a fine-tuning would refuse is told, all of it, and ends with 1', async () => {
  const path = await folder('bad', {
    ...cases(3),
    'labels/c0.png': mask(1, 0.5).subarray(0, SIDE * 30),
    'labels/c1.png': mask(7, 0.5),
    'labels/c2.png': 'no image',
    'dataset.json': { classes: { 0: 'background', 1: 'lung' } },
    'splits.json': { test: ['c0'] },
  });
  const { problems } = await examineLabelled(readLayout(path, 'segmentation'), 'segmentation');
  assert.equal(problems.length, 4);
  assert.match(problems.join('\n'), /c0\.png: expected the extents of its image, 40 × 40, found 30 × 40/);
  assert.match(problems.join('\n'), /c2\.png: expected a PNG.*found something else/);
  assert.match(
    problems.join('\n'),
    /labels hold 7, which is no class of 2 \(background, lung\) nor 255 for none: .*c1\.png$/m,
  );
  assert.match(problems.join('\n'), /expected the list train .* found only test/);
  const { status, stdout, stderr } = doctor(path);
  assert.deepEqual([status, stderr], [1, '']);
  assert.match(stdout, /finetune {2}nothing before that is mended\n {2}evaluate {2}nothing before that is mended/);

  const missing = await folder('missing', {
    'images/a.png': picture(1),
    'images/b.png': picture(2),
    'labels/a.png': mask(1, 0.5),
  });
  const told = doctor(missing);
  assert.equal(told.status, 1);
  assert.match(told.stdout, /would refuse the folder:\n.*b\.\*: expected a label/);
  assert.match(told.stdout, /2 image files examined/);
});

test('masks of 0 and 255 are refused, with names of the classes and without', async () => {
  const masks = Object.fromEntries([0, 1, 2].map((index) => [`labels/c${index}.png`, mask(255, 0.25)]));
  const names = { 'dataset.json': { classes: ['background', 'tumour'] } };
  for (const [name, described] of [
    ['masks', {}],
    ['named-masks', names],
  ] as const) {
    const path = await folder(name, { ...cases(3), ...masks, ...described });
    const { status, stdout } = doctor(path);
    assert.equal(status, 1);
    assert.match(stdout, /would refuse:\n {2}expected labels with classes 0, 1, …, found the values 0, 255\n/);
    assert.match(stdout, /25\.0 % of the pixels have the label 255/);
    assert.match(stdout, /finetune {2}nothing .*\n {2}evaluate {2}nothing before that is mended/);
  }
  // One label with a class says that 255 stands for none.
  const mixed = await folder('mixed-masks', { ...cases(3), ...masks, ...names, 'labels/c2.png': mask(1, 0.5) });
  assert.equal(doctor(mixed).status, 0);
});

test('cases that only cannot be divided can be scored yet', async () => {
  const { status, stdout } = doctor(await folder('test-alone', { ...cases(2), 'splits.json': { test: ['c0'] } }));
  assert.equal(status, 1);
  assert.match(stdout, /finetune {2}nothing before that is mended\n {2}evaluate {2}all 2 cases\n/);
});

test('masks for each class, classifications, volumes, nnU-Net and named datasets', async () => {
  const sets = await folder('sets', {
    'images/a.png': picture(1),
    'labels/heart/a.png': mask(1, 0.5),
    'labels/lungs/a.png': mask(1, 0.25),
  });
  const overlapping = await examineLabelled(readLayout(sets, 'segmentation'), 'segmentation');
  assert.deepEqual(
    overlapping.classes.map(({ name, cases: count, share }) => [name, count, share]),
    [
      ['background', 1, 0.5],
      ['heart', 1, 0.5],
      ['lungs', 1, 0.25],
    ],
  );
  assert.match(doctor(sets).stdout, /classes may overlap: 1 cases/);

  const classes = await folder('classes', {
    'images/a.png': picture(1),
    'images/b.png': picture(2),
    'labels.csv': 'id,class\na,1\nb,1\n',
  });
  const counted = await examineLabelled(readLayout(classes, 'classification'), 'classification');
  assert.deepEqual(counted.classes, [
    { name: 'class 0', cases: 0, share: 0 },
    { name: 'class 1', cases: 2, share: 1 },
  ]);

  const raw = await folder('raw', { ...cases(2, ['imagesTr', 'labelsTr']) });
  execFileSync('mv', [join(raw, 'imagesTr/c0.png'), join(raw, 'imagesTr/c0_0000.png')]);
  execFileSync('mv', [join(raw, 'imagesTr/c1.png'), join(raw, 'imagesTr/c1_0000.png')]);
  assert.match(doctor(raw).stdout, /Labelled for segmentation: 2 cases/);

  const scr = await folder('scr', cases(3));
  const named = doctor(scr, '--preset', 'scr').stdout;
  assert.match(named, /3 of 247 cases found/);
  assert.match(named, /clavicles {2,}0 {2,}0\.0 %/);

  const grid = { shape: [10, 10, 10], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } as const;
  const volumes = join(root, 'volumes');
  const data = Float32Array.from({ length: 1000 }, (_, at) => Math.sin(at));
  writeVolume(join(volumes, 'images', 'a.nii.gz'), { ...grid, data, slope: 1, intercept: 0 });
  writeLabels(join(volumes, 'labels', 'a.nii.gz'), new Uint8Array(1000).fill(1, 0, 100), {
    ...grid,
    affine: [1, 0, 0, 5, ...grid.affine.slice(4)],
  });
  const placed = await examineLabelled(readLayout(volumes, 'segmentation'), 'segmentation');
  assert.match(placed.problems.join(), /a\.nii\.gz: expected the grid of its image/);
});

test('an image that cannot be read, and what a table names in vain, is told', async () => {
  const path = await folder('unread', { ...cases(3), 'labels.json': { c0: 0, c1: 1, c2: 1, c9: 0 } });
  writeFileSync(join(path, 'images', 'c1.png'), 'nothing');
  const { status, stdout } = doctor(path);
  assert.equal(status, 1);
  assert.match(stdout, /A fine-tuning would refuse:\n {2}.*images\/c1\.png: expected a PNG/);
  assert.match(stdout, /Not used: .*labels\.json\s+names\s+1\s+image\s+that\s+is\s+not\s+there:\s+c9\./);
});

test('names with escape sequences are written out; links to themselves are passed over', async () => {
  const path = await folder('names', {
    'images/a\u001b[31m\n.png': picture(1),
    'images/b.png': mask(1, 0.5).subarray(0, 400),
    'labels/x.png': mask(1, 0.1),
  });
  symlinkSync('self.png', join(path, 'images', 'self.png'));
  for (const args of [[path], [path, '--as', 'images']]) {
    const { stdout, stderr } = doctor(...args);
    assert.equal(stderr, '');
    assert.ok(!stdout.includes('\u001b'), stdout);
    assert.match(stdout, /a\\x1b\[31m\\n|too small/);
    assert.match(stdout, /links that lead nowhere/);
  }
});
