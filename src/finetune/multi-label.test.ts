/** Classes that overlap: masks in folders, the loss, a run from data to scores, and what is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { maskOf, setsFrom } from '../core/label-sets.js';
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { readLabels } from '../data/labelled/index.js';
import type { Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { add, mul } from '../graph/index.js';
import { readVolume, writeLabels, writePng } from '../image/files.js';
import { scoreSegmentation } from '../metrics/index.js';
import { listLabelled } from '../node/analysis-cases.js';
import { onnxMetadata } from '../onnx/metadata.js';
import { writePhantoms } from '../phantom/index.js';
import { refused, succeeds } from '../pretrain/fixtures.js';
import { picture, pixelAt } from '../report/canvas.js';
import { classColour, labelOverlay } from '../report/index.js';
import { evaluate } from '../testing/golden/evaluate.js';
import { inverseWeights, weightOfSets } from './class-weights.js';
import { binaryCrossEntropy, diceLoss, truthOfSets } from './losses.js';
import { sigmoid } from './segmentation/network.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-multi-label-'));
const path = (...names: readonly string[]) => join(folder, ...names);
/**
 * Of the phantom's classes (right lung, left lung, heart, …) which belong to each mask: the chest holds all of them.
 */
const masks: Readonly<Record<string, (label: number) => boolean>> = {
  chest: (label) => label > 0,
  heart: (label) => label === 3,
  lungs: (label) => label === 1 || label === 2,
};
const names = Object.keys(masks);

let engine: Engine;
before(async () => {
  engine = await startEngine({ device: 'cpu', threads: 1 });
  await writePhantoms(path('images'), 8, { size: [48, 48], seed: 1, validationShare: 0.25 });
  await writePhantoms(path('plain'), 3, { size: [32, 32], seed: 1 });
  await writePhantoms(path('volumes'), 2, { size: [16, 16, 16], seed: 1 });
  for (const set of ['images', 'volumes']) {
    renameSync(path(set, 'labels'), path(set, 'indices'));
    for (const file of readdirSync(path(set, 'indices'))) {
      const { data, shape } = await readLabels(path(set, 'indices', file));
      for (const [name, inside] of Object.entries(masks)) {
        const target = path(set, 'labels', name, file);
        if (set === 'volumes') {
          const volume = await readVolume(path(set, 'indices', file));
          writeLabels(
            target,
            Uint8Array.from(volume.data, (label) => Number(inside(label))),
            volume,
          );
        } else {
          const mask = data.map((label) => (inside(label) ? 255 : 0));
          await writePng(target, { height: shape[0]!, width: shape[1]!, channels: 1, data: mask });
        }
      }
    }
  }
});
after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const small = [
  'model.channels=[8,8,8,8,8,8,8,8,8]',
  'data.workers=0',
  'batch.size=2',
  'schedule.warmup=2',
  'threads=1',
];
const train = (set: string, run: string, ...settings: string[]) => [
  ...['finetune', path(set), '-o', path(run), '--from', 'scratch'],
  ...[...small, ...settings].flatMap((setting) => ['--set', setting]),
];

test('a set is a bit for each class; masks come out as they went in', () => {
  const given = [Uint8Array.of(0, 255, 1, 0), Uint8Array.of(0, 1, 0, 0), Uint8Array.of(7, 0, 0, 0)];
  const sets = setsFrom(given);
  assert.deepEqual([...sets], [4, 3, 1, 0]);
  for (const [index, mask] of given.entries()) {
    assert.deepEqual([...maskOf(sets, index + 1, 1)], [...mask].map(Math.sign));
  }
});

test('scores of sets are those of the masks one by one', () => {
  const random = randomStream(3, 'sets');
  const grid = { shape: [4, 5, 6], spacing: [1, 0.7, 2] };
  const draw = () => [0, 1, 2].map(() => Uint8Array.from({ length: 120 }, () => Number(random.uniform() < 0.4)));
  const [a, b] = [draw(), draw()];
  const [prediction, reference] = [a, b].map((own) => ({ ...grid, data: setsFrom(own), sets: true }));
  const classes = names.map((name, index) => ({ label: index + 1, name }));
  const together = scoreSegmentation('x', prediction!, reference!, { classes, ignore: 255 });
  together.forEach((score, index) => {
    const alone = scoreSegmentation(
      'x',
      { ...grid, data: a[index]! },
      { ...grid, data: b[index]! },
      { classes: [{ label: 1, name: names[index]! }] },
    );
    assert.deepEqual({ ...score, label: 1 }, alone[0]);
  });
});

test('the loss is the mean surprise of every class, its gradient agrees with differences, micro-batches add up', async () => {
  const random = randomStream(5, 'losses');
  const weights = [1, 0.5, 2];
  const logits = tensor([2, 2, 3, 4]);
  const target = tensor([2, 1, 3, 4]);
  logits.data.forEach((_, index) => {
    logits.data[index] = 3 * random.normal();
  });
  target.data.forEach((_, index) => {
    target.data[index] = random.uniform() < 0.2 ? 255 : random.integer(0, 4);
  });
  const total = weightOfSets(target.data, weights);
  const known = target.data.filter((label) => label !== 255).length;
  assert.equal(total, known * 2.5);
  const lossOf = (values: typeof logits, labels: typeof target, wanted: string[] = []) =>
    evaluate(
      engine,
      { values, labels, total: tensor([1], Float32Array.of(total)) },
      (x) => {
        const truth = truthOfSets(x.labels!, 3);
        const entropy = binaryCrossEntropy(x.values!, truth, weights.slice(1), x.total!);
        const dice = diceLoss(sigmoid(x.values!), truth, 2, 0);
        return { entropy, dice, loss: add(entropy, mul(dice, 0.7)) };
      },
      { upstream: { loss: tensor([1], Float32Array.of(1)) }, wanted },
    );
  const whole = await lossOf(logits, target, ['values']);
  let expected = 0;
  const overlap = [0, 0, 0, 0];
  const sizes = [0, 0, 0, 0];
  for (let index = 0; index < 48; index++) {
    const [sample, k, pixel] = [Math.floor(index / 24), Math.floor(index / 12) % 2, index % 12];
    const label = target.data[sample * 12 + pixel]!;
    if (label === 255) continue;
    const inside = (label >> k) & 1;
    const p = 1 / (1 + Math.exp(-logits.data[index]!));
    expected -= (weights[k + 1]! * Math.log(inside ? p : 1 - p)) / total;
    overlap[2 * sample + k]! += p * inside;
    sizes[2 * sample + k]! += p + inside;
  }
  assert.ok(Math.abs(whole.entropy!.data[0]! - expected) < 1e-5);
  const dice = overlap.reduce((sum, shared, at) => sum + (2 * shared + 1) / (sizes[at]! + 1) / 4, 0);
  assert.ok(Math.abs(whole.dice!.data[0]! - (1 - dice)) < 1e-5);
  for (let index = 0; index < 48; index += 5) {
    const at = async (shift: number) => {
      const data = logits.data.slice();
      data[index]! += shift;
      return (await lossOf(tensor(logits.shape, data), target)).loss!.data[0]!;
    };
    const numeric = ((await at(1e-2)) - (await at(-1e-2))) / 2e-2;
    assert.ok(Math.abs(whole['grad:values']!.data[index]! - numeric) < 2e-4, `${index}`);
  }
  const halves = await Promise.all(
    [0, 1].map((half) =>
      lossOf(
        tensor([1, 2, 3, 4], logits.data.slice(24 * half, 24 * half + 24)),
        tensor([1, 1, 3, 4], target.data.slice(12 * half, 12 * half + 12)),
      ),
    ),
  );
  const sum = halves.reduce((all, half) => all + half.loss!.data[0]!, 0);
  assert.ok(Math.abs(sum - whole.loss!.data[0]!) < 1e-5);
});

test('a sure logit has a finite loss and gradient', async () => {
  const values = tensor([1, 1, 1, 2], Float32Array.of(400, -400));
  const found = await evaluate(
    engine,
    { values, labels: tensor([1, 1, 1, 2], Float32Array.of(0, 1)) },
    (x) => {
      const truth = truthOfSets(x.labels!, 2);
      const one = x.values!.graph.constant([2]);
      return { loss: add(binaryCrossEntropy(x.values!, truth, [1], one), diceLoss(sigmoid(x.values!), truth, 1, 0)) };
    },
    { upstream: { loss: tensor([1], Float32Array.of(1)) }, wanted: ['values'] },
  );
  assert.ok(Math.abs(found.loss!.data[0]! - 400 - 2 / 3) < 1e-3, `${found.loss!.data[0]}`);
  assert.ok(found['grad:values']!.data.every(Number.isFinite));
});

test('rare classes weigh more', () => {
  const parts = [setsFrom([Uint8Array.of(1, 1, 1, 0), Uint8Array.of(1, 0, 0, 0)])];
  const [, often, seldom] = inverseWeights(parts, 3, true);
  assert.ok(Math.abs(seldom! / often! - 3) < 1e-9);
});

test('a contour has the colour of the class that ends there, a pixel of two classes the mean', () => {
  const [a, b] = [1, 2].map(classColour);
  const labels = { shape: [1, 4], data: Uint8Array.of(3, 1, 1, 0), sets: true };
  const drawn = labelOverlay(picture(1, 4), labels, 1);
  assert.deepEqual([...pixelAt(drawn, 0, 0)], [...b!], 'the second class ends, the first goes on');
  assert.deepEqual([...pixelAt(drawn, 0, 1)], [...a!]);
  const inner = labelOverlay(picture(1, 2), { ...labels, shape: [1, 2], data: Uint8Array.of(3, 3) }, 1);
  assert.deepEqual(
    [...pixelAt(inner, 0, 0)],
    [0, 1, 2].map((c) => Math.round((a![c]! + b![c]!) / 2)),
  );
});

test('a run learns classes that overlap; its masks, scores and exported file agree', async () => {
  const settings = ['data.size=[48,48]', 'schedule.steps=60', 'optimizer.rate=5e-3', 'run.validateEvery=20'];
  const output = succeeds(...train('images', 'run', ...settings));
  assert.match(output, /classes background, chest, heart, lungs/);
  const best = Math.max(...[...output.matchAll(/Dice ([\d.]+)/g)].map(([, dice]) => Number(dice)));
  assert.ok(best > 0.75, `Dice ${best}`);
  assert.match(readFileSync(path('run', 'config.yaml'), 'utf8'), /multiLabel: true/);

  succeeds('evaluate', path('run'), '-o', path('scores'), '--split', 'validation');
  const files = ['chest-0006.png', 'chest-0007.png'];
  const images = files.map((file) => path('images', 'images', file));
  assert.match(succeeds('segment', path('run'), ...images, '-o', path('masks')), /1: [\d.]+ % {2}2: [\d.]+ % {2}3: /);
  assert.deepEqual(readdirSync(path('masks')).sort(), [
    'chest',
    'chest-0006.overlay.png',
    'chest-0007.overlay.png',
    'heart',
    'lungs',
  ]);
  const stored = await readLabels(names.map((name) => path('masks', name, files[0]!)));
  const both = stored.data.filter((set) => (set & 3) === 3).length;
  assert.ok(both > 10, `pixels of chest and heart: ${both}`);

  for (const name of names) {
    for (const file of files) {
      const { data, shape } = await readLabels(path('images', 'labels', name, file));
      await writePng(path('truth', name, file), { height: shape[0]!, width: shape[1]!, channels: 1, data });
    }
  }
  succeeds('evaluate', path('masks'), path('truth'), '-o', path('again'));
  const [a, b] = ['scores', 'again'].map((name) => JSON.parse(readFileSync(path(name, 'segmentation.json'), 'utf8')));
  assert.deepEqual(a.mean, b.mean);

  assert.match(
    succeeds('export', path('run'), '--onnx', path('net.onnx')),
    /masks {10}\[1, 3, 61, 62\]\nTried .*\n {2}labels as cover segment --keep-islands decides them, but for 0 pixels/,
  );
  assert.match(onnxMetadata(readFileSync(path('net.onnx')), 'net.onnx').get('outputs')!, /each for itself/);
  succeeds('segment', path('net.onnx'), images[0]!, '-o', path('from-onnx'), '--no-overlay');
  for (const name of names) {
    const of = (run: string) => readFileSync(path(run, name, files[0]!));
    assert.ok(of('from-onnx').equals(of('masks')), name);
  }
});

test('volumes, whole and slice by slice: masks as NIfTI on the grid of the file', async () => {
  const file = readdirSync(path('volumes', 'images'))[0]!;
  const image = await readVolume(path('volumes', 'images', file));
  for (const [run, ...settings] of [
    ['whole', 'views.crop=[16,16,16]'],
    ['sliced', 'views.crop=[16,16]', 'data.slices=sagittal'],
  ] as const) {
    succeeds(...train('volumes', run, 'schedule.steps=2', 'loss.classWeights=inverse', ...settings));
    const masks = path(`masks-${run}`);
    succeeds('segment', path(run), path('volumes', 'images', file), '-o', masks, '--no-overlay');
    const mask = await readVolume(join(masks, 'heart', file));
    assert.deepEqual(mask.shape, image.shape);
    assert.deepEqual(mask.affine, image.affine);
    assert.ok([...mask.data].every((value) => value === 0 || value === 1));
  }
});

test('what does not fit is refused', async () => {
  refused(/data.multiLabel: expected a mask for each class/, ...train('plain', 'x', 'data.multiLabel=true'));
  refused(/data.ignore: expected 255 where classes have masks of their own/, ...train('images', 'x', 'data.ignore=9'));
  refused(
    /expected folders of masks \(chest, heart, lungs\)/,
    'evaluate',
    path('images', 'indices'),
    path('truth'),
    '-o',
    path('x'),
  );
  refused(
    /expected a mask for each class, with which .* was trained/,
    'evaluate',
    path('run'),
    path('plain'),
    '--split',
    'validation',
    '-o',
    path('x'),
  );
  rmSync(path('truth', 'heart', 'chest-0007.png'));
  refused(
    /heart.chest-0007\.\*: expected a mask of every class/,
    'evaluate',
    path('masks'),
    path('truth'),
    '-o',
    path('x'),
  );
  assert.throws(() => listLabelled(path('images')), /expected one class for each pixel, found a mask for each class/);
});
