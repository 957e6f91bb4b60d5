/** Named datasets: files are found by their paths, and what is missing is said. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { loadFinetuneConfig } from '../../node/config-file.js';
import { layoutOf } from '../../node/layout.js';
import { checkPreset, datasetPresets, presetLayout, presetNames } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'cover-presets-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Empty files, or texts. */
function folder(name: string, ...files: readonly (string | readonly [string, string])[]): string {
  for (const file of files) {
    const [path, text] = typeof file === 'string' ? [file, ''] : file;
    mkdirSync(dirname(join(root, name, path)), { recursive: true });
    writeFileSync(join(root, name, path), text);
  }
  return join(root, name);
}

test('every dataset is found by its own layout', () => {
  const pairs = folder(
    'feta',
    ...['sub-001', 'sub-002'].flatMap((id) => [
      `${id}/anat/${id}_rec-mial_T2w.nii.gz`,
      `${id}/anat/${id}_rec-mial_dseg.nii.gz`,
    ]),
  );
  const { cases, classes, parts } = presetLayout('feta21', pairs);
  assert.deepEqual(
    cases.map(({ id }) => id),
    ['sub-001', 'sub-002'],
  );
  assert.equal(cases[1]!.label, join(pairs, 'sub-002/anat/sub-002_rec-mial_dseg.nii.gz'));
  assert.deepEqual([classes.length, parts], [8, undefined]);

  const eyes = folder(
    'fives',
    ...['train', 'test'].flatMap((part) => [`${part}/Original/1_A.png`, `${part}/Ground truth/1_A.png`]),
  );
  const retina = presetLayout('fives', eyes);
  assert.deepEqual(
    retina.cases.map(({ id, values }) => [id, values]),
    [
      ['test-1_A', { 0: 0, 255: 1 }],
      ['train-1_A', { 0: 0, 255: 1 }],
    ],
  );
  assert.deepEqual(retina.parts, { test: ['test-1_A'] });

  const chests = folder(
    'pdcxr',
    'train/NORMAL/IM-0115-0001.jpeg',
    'train/PNEUMONIA/person1_bacteria_1.jpeg',
    'train/PNEUMONIA/person1_bacteria_2.jpeg',
    'test/NORMAL/IM-0001-0001.jpeg',
    'test/PNEUMONIA/person3_virus_1.jpeg',
  );
  const found = presetLayout('pdcxr', chests).cases;
  assert.deepEqual(
    found.filter(({ patient }) => patient === 'person1').map(({ label }) => label),
    [1, 1],
  );
  assert.deepEqual(checkPreset('pdcxr', chests).found, [
    { part: 'train', cases: 3 },
    { part: 'test', cases: 2 },
  ]);

  const lungs = folder('stoic', 'data/mha/7.mha', 'data/mha/9.mha', [
    'metadata/reference.csv',
    'PatientID,probCOVID,probSevere\n7,1.0,1.0\n9,1.0,0.0\n',
  ]);
  assert.deepEqual(
    presetLayout('stoic', lungs).cases.map(({ id, label }) => [id, label]),
    [
      ['7', 1],
      ['9', 0],
    ],
  );
});

test('what is missing is said, with where to get it', () => {
  const kidneys = folder('kipa', 'train/image/K001.nii.gz', 'train/image/K002.nii.gz', 'train/label/K001.nii.gz');
  const { problems, found } = checkPreset('kipa22', kidneys);
  assert.deepEqual(found, [{ part: undefined, cases: 1 }]);
  assert.match(
    problems.join(),
    /1 images of train\/image\/\{id\}\.nii\.gz have not a label, the first train\/label\/K002\.nii\.gz/,
  );
  assert.throws(() => presetLayout('kipa22', kidneys), /expected the dataset kipa22[\s\S]*K002[\s\S]*https:\/\/kipa22/);
  assert.match(checkPreset('stoic', kidneys).problems.join(), /found no table at metadata\/reference\.csv/);
  assert.match(checkPreset('scr', join(root, 'nowhere')).problems.join(), /there is no such folder/);
  const settings = ['data.preset=stoic', `data.source=${kidneys}`];
  assert.throws(() => layoutOf(loadFinetuneConfig({ settings })), /stoic is a classification, found task=segmentation/);
});

test('the settings of every dataset are settings of fine-tuning', () => {
  for (const name of presetNames) {
    const { settings, dims, task, classes } = datasetPresets[name];
    const flat = Object.entries(settings).flatMap(([section, values]) =>
      Object.entries(values as object).map(([key, value]) => `${section}.${key}=${JSON.stringify(value)}`),
    );
    const { data, views } = loadFinetuneConfig({ settings: [...flat, `task=${task}`, `data.preset=${name}`] });
    const axes = data.slices ? 2 : dims;
    for (const extents of [data.size, views.crop]) assert.ok(extents.length === 0 || extents.length === axes, name);
    assert.ok(classes.length > 1);
  }
});
