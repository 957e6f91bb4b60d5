/** Labelled volumes slice by slice: a network of two axes that learns from slices and labels voxels. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sizeOf, tensor } from '../core/tensor.js';
import { readCaseInput, valuesOf } from '../data/labelled/index.js';
import { SampleSet } from '../data/labelled/sample-set.js';
import { readVolume, writeVolume } from '../image/files.js';
import { turnGrid } from '../image/geometry/orientation.js';
import { sliceOf, slicePlanes, toCanonical, turnData, turnToCanonical, turnToSlices } from '../image/index.js';
import { loadFinetuneConfig } from '../node/config-file.js';
import { loadFinetuned } from '../node/models.js';
import { openSegmenter } from '../node/networks.js';
import { writePhantoms } from '../phantom/index.js';
import { refused, succeeds } from '../pretrain/fixtures.js';
import { segment } from '../use/segmentation/segment.js';
import { makeSample } from './augment.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-slices-'));
const at = (...parts: string[]) => join(folder, ...parts);
const image = at('data', 'images', 'chest-0000.nii.gz');
/** z down, x and y swapped, x to the left. */
const TURN = { axes: [0, 2, 1], flips: [true, false, true] } as const;
const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting]);
const small = set('model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]', 'batch.size=2', 'data.workers=0', 'threads=1');

before(async () => {
  await writePhantoms(at('data'), 5, { size: [32, 34, 40], seed: 1, validationShare: 0.4 });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('a slice is what a volume turned into slices has there', () => {
  const shape = [3, 4, 5] as const;
  const data = Float32Array.from({ length: 2 * 60 }, (_, index) => index);
  for (const plane of slicePlanes) {
    const { axes } = turnToSlices(plane);
    const [count, ...within] = axes.map((axis) => shape[axis]!) as [number, number, number];
    const turned = turnData(data, shape, turnToSlices(plane));
    const size = sizeOf(within);
    for (let index = 0; index < count; index++) {
      const expected = [0, 1].flatMap((channel) => {
        const first = (channel * count + index) * size;
        return [...turned.subarray(first, first + size)];
      });
      assert.deepEqual([...sliceOf(data, shape, plane, index)], expected, plane);
    }
  }
});

test('samples are slices with their labels; those of a labelled voxel are as frequent as asked for', () => {
  const shape = [16, 20, 32];
  const labels = new Uint8Array(sizeOf(shape));
  labels[(5 * 20 + 7) * 32 + 9] = 2;
  const volume = Float32Array.from(labels, (label) => label / 4);
  const cases = [{ shape, image: volume, labels }];
  const samples = new SampleSet({ channels: 1, perPixel: true, sets: false, cases }, () => new Float32Array());
  const { views } = loadFinetuneConfig({
    settings: ['views.crop=[16, 16]', 'views.degree=0', 'views.noise=[0, 0]', 'views.contrast=[1, 1]'],
  });
  const still = { ...views, brightness: 0 };
  const context = { samples, seed: 0, kept: true, ignore: 255, slices: 'sagittal' } as const;
  const draw = (foreground: number, epoch: number) =>
    makeSample({ ...context, views: { ...still, foreground } }, { epoch, sample: 0 });
  for (let epoch = 0; epoch < 6; epoch++) {
    const [seen, target] = draw(1, epoch);
    assert.equal(target!.length, 16 * 16);
    assert.ok(target!.includes(2));
    assert.deepEqual(
      [...seen!].map((value) => Math.round(4 * value)),
      [...target!],
    );
    assert.deepEqual(draw(1, epoch), [seen, target]);
  }
  const found = Array.from({ length: 40 }, (_, epoch) => draw(0, epoch)[1]!.includes(2)).filter(Boolean).length;
  assert.ok(found < 10, `${found} of 40 slices, of which one in 32 is labelled`);
});

test('a pretraining on slices is fine-tuned on slices, and labels volumes', async () => {
  const slices = [
    'views.crop=[16, 32]',
    'views.margin=1',
    'data.slices=coronal',
    'data.intensity=wide',
    'data.fit=keep',
  ];
  const steps = ['method=contrast', 'schedule.steps=2', 'contrast.stride=4', `data.cache=${at('cache')}`];
  succeeds('pretrain', at('data'), '-o', at('pre'), ...small, ...set(...slices, ...steps));
  const begin = ['finetune', at('data'), '-o', at('run'), '--from', at('pre'), ...small];
  const output = succeeds(...begin, ...set('schedule.steps=3', 'run.validateEvery=3', 'views.flips=[1]'));
  assert.match(output, /^coronal slices kept at their size, windows of 16 × 32 pixels$/m);
  const config = readFileSync(at('run', 'config.yaml'), 'utf8');
  assert.match(config, /slices: coronal/);
  assert.match(config, /foreground: 0\.33/);

  const segmenter = await openSegmenter(loadFinetuned(at('run')));
  try {
    const input = await readCaseInput(image, segmenter);
    const { probabilities } = await segment(segmenter, input, { probabilities: true });
    const classes = probabilities!.shape[0]!;
    // The first and the last window of a slice of 32 × 40 pixels, by the network itself.
    const shape = valuesOf(input).shape.slice(1);
    const slice = sliceOf(valuesOf(input).data, shape, 'coronal', 20);
    const [first, last] = await Promise.all(
      [
        { row: 0, column: 0 },
        { row: 16, column: 8 },
      ].map(async ({ row, column }) => {
        const window = Float32Array.from(
          { length: 16 * 32 },
          (_, index) => slice[(row + Math.floor(index / 32)) * 40 + column + (index % 32)]!,
        );
        return segmenter.predict(tensor([1, 16, 32], window));
      }),
    );
    const placed = sliceOf(probabilities!.data, shape, 'coronal', 20);
    // The outermost pixels belong to one window each.
    for (let k = 0; k < classes; k++) {
      assert.ok(Math.abs(placed[k * 32 * 40]! - first!.data[k * 16 * 32]!) < 1e-5);
      assert.ok(Math.abs(placed[(k + 1) * 32 * 40 - 1]! - last!.data[(k + 1) * 16 * 32 - 1]!) < 1e-5);
    }
  } finally {
    await segmenter.close();
  }

  // The label map lies on the grid of its file, and says the same of every place; the exported network, too.
  const stored = await readVolume(image);
  writeVolume(at('scan.nii.gz'), {
    ...stored,
    ...turnGrid(stored, TURN),
    data: turnData(stored.data, stored.shape, TURN),
  });
  assert.match(
    succeeds('export', at('run'), '--onnx', at('run.onnx')),
    /image {2}\[1, channels, 16, 32\] {2}float32, real values/,
  );
  succeeds('segment', at('run'), image, at('scan.nii.gz'), '-o', at('masks'), '--flips');
  succeeds('segment', at('run.onnx'), image, '-o', at('again'), '--flips', '--no-overlay');
  const [mask, other, again] = await Promise.all(
    [at('masks', 'chest-0000.nii.gz'), at('masks', 'scan.nii.gz'), at('again', 'chest-0000.nii.gz')].map((path) =>
      readVolume(path),
    ),
  );
  assert.deepEqual(mask!.shape, [32, 34, 40]);
  assert.deepEqual(toCanonical(other!).data, mask!.data);
  assert.deepEqual(turnData(other!.data, other!.shape, turnToCanonical(other!.affine)), mask!.data);
  assert.deepEqual(again!.data, mask!.data);
  assert.ok(new Set(mask!.data).size > 1);
  assert.match(succeeds('evaluate', at('run'), '-o', at('scores'), '--split', 'validation'), /HD95 \(mm\)/);
});

test('what was pretrained on slices is asked about volumes without a training', async () => {
  const atlas = ['--atlas', at('data'), '--cases', '2', '--threads', '1'];
  succeeds('segment', at('pre'), image, '-o', at('atlas'), ...atlas);
  const mask = await readVolume(at('atlas', 'chest-0000.nii.gz'));
  assert.deepEqual(mask.shape, [32, 34, 40]);
  assert.ok(new Set(mask.data).size > 2);
  assert.match(succeeds('evaluate', at('pre'), '-o', at('atlas-scores'), ...atlas), /HD95 \(mm\)/);

  const scans = join(at('data'), 'images');
  assert.match(
    succeeds('embed', at('pre'), scans, '-o', at('features'), '--threads', '1'),
    /\[8, 32, 34, 40\] {2}chest-0000\.nii\.gz\n(.*\n){4}Wrote 5 files .* and as many pictures \(\.pca\.nii\.gz\)/,
  );
  const pair = [image, join(scans, 'chest-0001.nii.gz')];
  const match = ['match', at('pre'), ...pair, '-o', at('match'), '--threads', '1'];
  assert.match(succeeds(...match, '--point', '20,12,16'), /^A 20,12,16 {2}-> {2}B /m);
  refused(/a displacement field needs a network pretrained by the method cover/, ...match, '--field');
  assert.match(
    succeeds('analyze', at('data'), '-m', at('pre'), '-o', at('analysis'), '--samples', '60', '--threads', '1'),
    /neighbour/i,
  );
});

test('slices are resized where they are asked for, whatever their number', () => {
  const settings = set('data.slices=axial', 'data.size=[16, 32]', 'schedule.steps=1', 'run.validateEvery=1');
  const run = ['finetune', at('data'), '-o', at('resized'), '--from', 'scratch', ...small, ...settings];
  assert.match(succeeds(...run), /^axial slices at 16 × 32, windows of 16 × 32 pixels$/m);
  succeeds('export', at('resized'), '--onnx', at('resized.onnx'));
  succeeds('segment', at('resized'), image, '-o', at('small'), '--no-overlay');
  const scratch = ['finetune', at('data'), '-o', at('kept'), '--from', 'scratch', ...small];
  const kept = set('data.slices=sagittal', 'schedule.steps=1', 'run.validateEvery=1');
  assert.match(succeeds(...scratch, ...kept), /^sagittal slices kept at their size, windows of 32 × 48 pixels$/m);
});

test('slices of what has none are refused', async () => {
  await writePhantoms(at('flat'), 3, { size: [32, 32], seed: 1, validationShare: 0.4 });
  const scratch = (data: string, ...settings: string[]) => [
    ...['finetune', at(data), '-o', at('x'), '--from', 'scratch'],
    ...set(...settings),
  ];
  refused(
    /data\.slices: expected volumes with a label for each voxel, found images/,
    ...scratch('flat', 'data.slices=axial'),
  );
  refused(
    /data\.size: expected height and width, found \[16, 16, 16\]/,
    ...scratch('data', 'data.slices=axial', 'data.size=[16, 16, 16]'),
  );
  const steps = ['method=contrast', 'schedule.steps=1', 'views.crop=[16, 16]', `data.cache=${at('cache')}`];
  succeeds('pretrain', at('flat'), '-o', at('images'), ...small, ...set(...steps));
  refused(
    /expected images, for which .*images was trained, found volumes\n.*--set data\.slices=axial/,
    ...['finetune', at('data'), '-o', at('x'), '--from', at('images')],
  );
  const run = ['finetune', at('data'), '-o', at('taken'), '--from', at('images'), ...small];
  const output = succeeds(...run, ...set('data.slices=axial', 'schedule.steps=1', 'run.validateEvery=1'));
  assert.match(output, /^axial slices at \d+ × \d+, windows of/m);
  const keep = ['views.crop=[16, 32, 16]', 'views.margin=1', 'data.fit=keep'];
  succeeds(
    'pretrain',
    at('data'),
    '-o',
    at('volumes'),
    ...small,
    ...set(...keep, ...steps.filter((one) => !one.startsWith('views'))),
  );
  refused(
    /data\.slices: expected a network of two axes, found .*volumes, which was trained on volumes/,
    ...['finetune', at('data'), '-o', at('x'), '--from', at('volumes'), ...set('data.slices=axial')],
  );
});
