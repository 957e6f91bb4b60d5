/** Labelled volumes: labels on their image's grid, windows, and what a network of volumes is used for. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tensor } from '../core/tensor.js';
import {
  type CaseRecipe,
  createImageStore,
  fitted,
  fittedGrid,
  readCaseInput,
  readLabels,
} from '../data/labelled/index.js';
import { fittedLabels } from '../data/labelled/recipe.js';
import { SampleSet } from '../data/labelled/sample-set.js';
import { readSamples } from '../data/labelled/samples.js';
import { readVolume, writeLabels, writeVolume } from '../image/files.js';
import { turnGrid } from '../image/geometry/orientation.js';
import { resampleData, turnData, turnToCanonical, type Volume } from '../image/index.js';
import { loadFinetuneConfig } from '../node/config-file.js';
import { loadFinetuned } from '../node/models.js';
import { openSegmenter } from '../node/networks.js';
import { writePhantoms } from '../phantom/index.js';
import { cover, succeeds } from '../pretrain/fixtures.js';
import { segment } from '../use/segmentation/segment.js';
import { makeSample } from './augment.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-volumes-'));
const at = (...parts: string[]) => join(folder, ...parts);
const image = at('data', 'images', 'chest-0000.nii.gz');
const label = at('data', 'labels', 'chest-0000.nii.gz');

/** z down, x and y swapped, x to the left. */
const TURN = { axes: [0, 2, 1], flips: [true, false, true] } as const;

before(async () => {
  await writePhantoms(at('data'), 5, { size: [20, 28, 24], seed: 1, validationShare: 0.4 });
});
after(() => rmSync(folder, { recursive: true, force: true }));

function turned(volume: Volume): Volume {
  return { ...volume, ...turnGrid(volume, TURN), data: turnData(volume.data, volume.shape, TURN) };
}

const small = ['model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]', 'batch.size=1', 'data.workers=0', 'threads=1'].flatMap(
  (setting) => ['--set', setting],
);

const recipe: CaseRecipe = {
  channels: 1,
  fit: 'keep',
  size: [],
  window: [32, 16, 16],
  spacing: null,
  intensity: 'wide',
  antialias: true,
};

test('labels are read in RAS, however their file lies; other grids are refused', async () => {
  const stored = await readVolume(label);
  const other = turned(stored);
  writeLabels(at('turned.nii.gz'), other.data as Uint8Array, other);
  const [straight, back] = [await readLabels(label), await readLabels(at('turned.nii.gz'))];
  assert.deepEqual(back.data, straight.data);

  const images = createImageStore(at('kept'), Number.POSITIVE_INFINITY);
  const options = { ...recipe, images, classes: ['background', 'a', 'b', 'c', 'd', 'e'], ignore: 255 };
  const one = { id: 'a', image, label: at('turned.nii.gz'), patient: 'a' };
  const { cases } = await readSamples([one], options);
  assert.deepEqual(cases[0]!.shape, [32, 28, 24]);
  const moved = { ...stored, affine: stored.affine.map((value, index) => value + (index === 3 ? 5 : 0)) };
  writeLabels(at('moved.nii.gz'), moved.data as Uint8Array, moved);
  await assert.rejects(
    readSamples([{ ...one, label: at('moved.nii.gz') }], options),
    /moved\.nii\.gz: expected the grid of its image, 20 × 28 × 24 voxels/,
  );
  writeVolume(at('half.nii.gz'), { ...stored, data: Float32Array.from(stored.data, (value) => value / 2) });
  await assert.rejects(
    readLabels(at('half.nii.gz')),
    /expected class indices, whole numbers from 0 to 255, found \d\.5/,
  );
});

test('what is padded for the window is ignored, and cut off again', async () => {
  const labels = await readLabels(label);
  const padded = fittedLabels(labels, labels.grid, recipe, 255);
  assert.deepEqual(padded.shape, [32, 28, 24]);
  const outside = padded.data.reduce((sum, value) => sum + (value === 255 ? 1 : 0), 0);
  assert.equal(outside, 12 * 28 * 24);
  const values = tensor([1, ...labels.shape], Float32Array.from(labels.data));
  const own = labels.grid!;
  const seen = fitted(values, recipe);
  const back = resampleData(seen.data, fittedGrid(own, recipe), own, 'linear');
  assert.deepEqual(back, values.data);
  const coarse = { ...recipe, fit: 'resize', size: [16, 16, 16], window: [16, 16, 16] } as const;
  assert.deepEqual(fittedLabels(labels, labels.grid, coarse, 255).shape, [16, 16, 16]);
});

test('windows about labelled voxels hold one; all draws follow from the seed', () => {
  const shape = [16, 16, 64];
  const labels = new Uint8Array(16 * 16 * 64);
  labels[8 * 16 * 64 + 8 * 64 + 60] = 2;
  const { views } = loadFinetuneConfig({
    settings: ['views.crop=[16, 16, 16]', 'views.degree=0', 'views.foreground=1'],
  });
  const cases = [{ shape, image: new Float32Array(labels.length), labels }];
  const samples = new SampleSet({ channels: 1, perPixel: true, sets: false, cases }, () => new Float32Array());
  const context = { samples, views, seed: 0, kept: true, ignore: 255, slices: null };
  for (let epoch = 0; epoch < 4; epoch++) {
    const [, target] = makeSample(context, { epoch, sample: 0 });
    assert.ok(target!.includes(2));
    assert.deepEqual(makeSample(context, { epoch, sample: 0 })[1], target);
  }
  const anywhere = { ...context, views: { ...views, foreground: 0 } };
  const found = Array.from({ length: 8 }, (_, epoch) => makeSample(anywhere, { epoch, sample: 0 })[1]!.includes(2));
  assert.ok(found.includes(false));
});

test('a frozen start from a pretraining of volumes, used on a volume that lies otherwise', async () => {
  const keep = ['views.crop=[16, 32, 16]', 'views.margin=1', 'data.fit=keep', 'data.intensity=wide'];
  const settings = [...keep, 'method=contrast', 'schedule.steps=1', `data.cache=${at('cache')}`].flatMap((one) => [
    '--set',
    one,
  ]);
  succeeds('pretrain', at('data'), '-o', at('pre'), ...small, ...settings);
  const steps = ['schedule.steps=2', 'run.validateEvery=2', 'backbone.mode=frozen'].flatMap((one) => ['--set', one]);
  const output = succeeds('finetune', at('data'), '-o', at('run'), '--init-from', at('pre'), ...small, ...steps);
  assert.match(output, /kept at their size, windows of 16 × 32 × 16 voxels/);
  const report = readFileSync(at('run', 'report.html'), 'utf8');
  assert.match(report, /The worst validation case/);

  // The label map lies on the grid of its file, and says the same of every place.
  writeVolume(at('scan.nii.gz'), turned(await readVolume(image)));
  succeeds('export', at('run'), '--onnx', at('run.onnx'));
  succeeds('segment', at('run'), image, at('scan.nii.gz'), '-o', at('masks'), '--probabilities');
  assert.match(
    succeeds('segment', at('run.onnx'), image, '-o', at('again'), '--no-overlay'),
    /^Wrote 1 label map in /m,
  );
  const [mask, other, again] = await Promise.all(
    [at('masks', 'chest-0000.nii.gz'), at('masks', 'scan.nii.gz'), at('again', 'chest-0000.nii.gz')].map((path) =>
      readVolume(path),
    ),
  );
  assert.deepEqual(mask!.shape, [20, 28, 24]);
  assert.deepEqual(other!.shape, [20, 24, 28]);
  assert.deepEqual(again!.data, mask!.data);
  assert.deepEqual(turnData(other!.data, other!.shape, turnToCanonical(other!.affine)), mask!.data);
  assert.ok(new Set(mask!.data).size > 1);

  const segmenter = await openSegmenter(loadFinetuned(at('run')));
  try {
    const input = await readCaseInput(image, segmenter);
    const { probabilities } = await segment(segmenter, input, { probabilities: true });
    const sum = [0, 1, 2, 3, 4, 5].reduce((all, k) => all + probabilities!.data[k * 20 * 28 * 24 + 999]!, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5);
  } finally {
    await segmenter.close();
  }
  assert.match(succeeds('evaluate', at('run'), '-o', at('scores'), '--split', 'validation'), /HD95 \(mm\)/);
  await writePhantoms(at('flat'), 2, { size: [32, 32], seed: 1 });
  const images = cover('evaluate', at('run'), at('flat'), '-o', at('none'));
  assert.deepEqual([images.status, images.stdout], [1, '']);
  assert.match(images.stderr, /flat: expected volumes, for which .* was trained, found 2 images among 2 cases\n/);
  const refused = cover('finetune', at('data'), '-o', at('x'), '--from', 'scratch', '--set', 'views.crop=[32, 32]');
  assert.match(refused.stderr, /views\.crop: expected extents along z, y and x/);
});

test('volumes are classified as a whole, by a run and by its ONNX file', () => {
  const classes = Object.fromEntries([0, 1, 2, 3, 4].map((index) => [`chest-000${index}`, index % 2]));
  writeFileSync(at('data', 'labels.json'), JSON.stringify(classes));
  const settings = ['schedule.steps=1', 'data.size=[16, 32, 16]'].flatMap((one) => ['--set', one]);
  succeeds(
    'finetune',
    at('data'),
    '-o',
    at('classes'),
    '--from',
    'scratch',
    '--task',
    'classification',
    ...small,
    ...settings,
  );
  succeeds('export', at('classes'), '--onnx', at('classes.onnx'));
  const images = at('data', 'images');
  const output = succeeds('classify', images, '--model', at('classes'), '-o', at('a'));
  assert.match(output, /chest-0004 {2}class ([01]) 0\.\d{3} {2}\(class (?!\1)[01] 0\.\d{3}\)\n/);
  succeeds('classify', images, '--model', at('classes.onnx'), '-o', at('b'));
  const [a, b] = ['a', 'b'].map((name) => JSON.parse(readFileSync(at(name, 'classes.json'), 'utf8')).images);
  assert.equal(a.length, 5);
  for (const [index, { probabilities }] of a.entries()) {
    assert.ok(Math.abs(probabilities['class 0'] - b[index].probabilities['class 0']) < 1e-5);
  }
  assert.match(
    readFileSync(at('a', 'classes.csv'), 'utf8'),
    /^file,class,class 0,class 1\n.*chest-0000\.nii\.gz,class/,
  );
  const wrong = cover('classify', images, '--model', at('run'));
  assert.match(wrong.stderr, /expected a network for classification, found one for segmentation/);
});
