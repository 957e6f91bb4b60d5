/**
 * Which cases `cover evaluate` scores, and that the figures are those of a plain computation: overlaps by counting,
 * distances between surfaces by comparing every pixel with every other.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLabels } from '../data/labelled/index.js';
import { finetuneFixture } from '../finetune/fixtures.js';
import { writePng } from '../image/files.js';
import { writePhantoms } from '../phantom/index.js';
import { cover } from '../pretrain/fixtures.js';
import { fineTuned } from './fixtures/world.js';

const fixture = finetuneFixture();
const { path, train } = fixture;
const other = path('other');
test('a run, and a folder that it has not seen', async () => {
  train('run');
  await writePhantoms(other, 6, { size: [40, 56], seed: 77, validationShare: 0.5 });
});

function evaluated(...argv: string[]) {
  const { status, stdout, stderr } = cover('evaluate', path('run'), ...argv, '-o', path('scores'));
  assert.equal(status, 0, stderr);
  return { out: stdout, error: stderr, report: JSON.parse(readFileSync(path('scores', 'segmentation.json'), 'utf8')) };
}

const casesOf = (report: { scores: { case: string }[] }) => [...new Set(report.scores.map((score) => score.case))];

interface Mask {
  readonly inside: boolean[][];
  readonly surface: [number, number][];
}

function maskOf(data: Uint8Array, [height, width]: readonly number[], label: number): Mask {
  const inside = Array.from({ length: height! }, (_, y) =>
    Array.from({ length: width! }, (__, x) => data[y * width! + x] === label),
  );
  const surface: [number, number][] = [];
  inside.forEach((row, y) => {
    row.forEach((own, x) => {
      const around = [inside[y - 1]?.[x], inside[y + 1]?.[x], row[x - 1], row[x + 1]];
      if (own && around.some((neighbour) => !neighbour)) surface.push([y, x]);
    });
  });
  return { inside, surface };
}

/** Distances from every point of one surface to the nearest of the other. */
function distances(from: Mask, to: Mask): number[] {
  return from.surface.map(([y, x]) => Math.min(...to.surface.map(([v, u]) => Math.hypot(y - v, x - u))));
}

/** Linear interpolation between the order statistics. */
function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = 0.95 * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - low);
}

test('a folder that was not trained on is scored whole, to 1e-12 as a plain script does', async () => {
  const { out, error, report } = evaluated(other);
  assert.match(out, /data .*other: 6 cases, all of the folder\n/);
  assert.equal(error, '');
  assert.deepEqual([report.data.cases, report.data.split, report.data.inTraining], [6, 'all', []]);
  const images = readdirSync(join(other, 'images')).map((name) => join(other, 'images', name));
  const { status, stderr } = cover('segment', path('run'), ...images, '-o', path('masks'), '--no-overlay');
  assert.equal(status, 0, stderr);
  const expected = new Map<string, Record<string, number | null>>();
  const caseMeans: number[] = [];
  for (const name of readdirSync(join(other, 'labels'))) {
    const [found, truth] = [await readLabels(path('masks', name)), await readLabels(join(other, 'labels', name))];
    const dice: number[] = [];
    for (const label of [1, 2, 3, 4]) {
      const [a, b] = [found, truth].map(({ data, shape }) => maskOf(data, shape, label)) as [Mask, Mask];
      const size = (mask: Mask) => mask.inside.flat().filter(Boolean).length;
      const both = a.inside.flat().filter((own, index) => own && b.inside.flat()[index]).length;
      const [sizeA, sizeB] = [size(a), size(b)];
      if (sizeA + sizeB > 0) dice.push((2 * both) / (sizeA + sizeB));
      const [there, back] = sizeA > 0 && sizeB > 0 ? [distances(a, b), distances(b, a)] : [[], []];
      const all = [...there, ...back];
      // Where one is there alone, the diagonal.
      const apart = sizeA + sizeB > 0 ? Math.hypot(...truth.shape) : null;
      expected.set(`${name.replace('.png', '')} ${label}`, {
        dice: sizeA + sizeB > 0 ? (2 * both) / (sizeA + sizeB) : null,
        iou: sizeA + sizeB > 0 ? both / (sizeA + sizeB - both) : null,
        assd: all.length > 0 ? all.reduce((sum, value) => sum + value, 0) / all.length : apart,
        hd95: all.length > 0 ? Math.max(percentile95(there), percentile95(back)) : apart,
      });
    }
    caseMeans.push(dice.reduce((sum, value) => sum + value, 0) / dice.length);
  }
  assert.equal(report.scores.length, 24);
  for (const score of report.scores) {
    for (const [metric, value] of Object.entries(expected.get(`${score.case} ${score.label}`)!)) {
      const what = `${score.case}, class ${score.label}, ${metric}: ${score[metric]} for ${value}`;
      assert.ok(value === null ? score[metric] === null : Math.abs(score[metric] - value) <= 1e-12, what);
    }
  }
  const mean = caseMeans.reduce((sum, value) => sum + value, 0) / caseMeans.length;
  assert.ok(Math.abs(report.mean.dice.value - mean) <= 1e-12);
});

test('--split narrows it by the lists of the folder; a folder with a test list alone is taken', () => {
  assert.equal(casesOf(evaluated(other, '--split', 'validation').report).length, 3);
  const listed = path('listed');
  cpSync(other, listed, { recursive: true });
  writeFileSync(join(listed, 'splits.json'), JSON.stringify({ test: ['chest-0004'] }));
  assert.equal(casesOf(evaluated(listed).report).length, 6);
  assert.deepEqual(casesOf(evaluated(listed, '--split', 'test').report), ['chest-0004']);
  const refused = (message: RegExp, folder: string, ...argv: string[]) => {
    const { status, stderr } = cover('evaluate', path('run'), folder, ...argv, '-o', path('none'));
    assert.equal(status, 1);
    assert.match(stderr, message);
  };
  refused(/the part train, found none\n.*Its lists have: test 1/, listed, '--split', 'train');
  rmSync(join(listed, 'splits.json'));
  refused(/the part test, found none\n.*not divided/, listed, '--split', 'test');
});

test('cases of the training are told by their content, under other names, too', () => {
  const mixed = path('mixed');
  cpSync(other, mixed, { recursive: true });
  rmSync(join(mixed, 'splits.json'));
  for (const part of ['images', 'labels']) {
    cpSync(join(fixture.data, part, 'chest-0000.png'), join(mixed, part, 'patient-x.png'));
    cpSync(join(fixture.data, part, 'chest-0007.png'), join(mixed, part, 'patient-y.png'));
  }
  const { out, error, report } = evaluated(mixed);
  assert.match(out, /8 cases, all of the folder\n/);
  assert.match(error, /warning: 1 of 8 cases were in the training, told by their content: patient-x\n/);
  assert.match(error, /warning: 1 of 8 cases chose the checkpoint \(validation\).*: patient-y\n/);
  assert.deepEqual([report.data.inTraining, report.data.inValidation], [['patient-x'], ['patient-y']]);
});

test('of the folder of the training its parts, as the run began with them', () => {
  const { out, error, report } = evaluated('--split', 'validation');
  assert.match(out.replaceAll('\n  ', ' '), /2 cases, its validation part, the folder of the training\n/);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
  assert.equal(error, '');
  assert.deepEqual(casesOf(report), ['chest-0006', 'chest-0007']);
  // Lists that were changed since do not put training cases into the validation.
  const splits = join(fixture.data, 'splits.json');
  const before = readFileSync(splits);
  writeFileSync(splits, JSON.stringify({ train: ['chest-0006'], val: ['chest-0000'] }));
  assert.deepEqual(casesOf(evaluated('--split', 'validation').report), ['chest-0006', 'chest-0007']);
  writeFileSync(splits, before);
  const seen = evaluated(fixture.data, '--split', 'train');
  assert.match(seen.error, /warning: 6 of 6 cases were in the training/);
  renameSync(join(fixture.data, 'images', 'chest-0007.png'), path('away.png'));
  renameSync(join(fixture.data, 'labels', 'chest-0007.png'), path('away-label.png'));
  const { status, stderr } = cover('evaluate', path('run'), '--split', 'validation', '-o', path('none'));
  renameSync(path('away.png'), join(fixture.data, 'images', 'chest-0007.png'));
  renameSync(path('away-label.png'), join(fixture.data, 'labels', 'chest-0007.png'));
  assert.equal(status, 1);
  assert.match(stderr, /expected an image for every name of validation, found none for "chest-0007"/);
});

test('volumes are refused before the first case by a network of images', async () => {
  const volumes = path('volumes');
  await writePhantoms(volumes, 2, { size: [16, 16, 16], seed: 1 });
  const { status, stdout, stderr } = cover('evaluate', path('run'), volumes, '-o', path('none'));
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^error: .*volumes: expected images, for which .* was trained, found 2 volumes among 2 cases\n/);
  assert.match(stderr, /trained on volumes\.\n$/);
});

test('classes in another order than in the training are refused, other names are said', () => {
  const turned = path('turned');
  cpSync(other, turned, { recursive: true });
  const describe = (names: readonly string[]) =>
    writeFileSync(join(turned, 'dataset.json'), JSON.stringify({ labels: Object.fromEntries(names.entries()) }));
  mkdirSync(turned, { recursive: true });
  describe(['background', 'class 2', 'class 1', 'class 3', 'class 4']);
  const { status, stderr } = cover('evaluate', path('run'), turned, '-o', path('none'));
  assert.equal(status, 1);
  assert.match(stderr, /expected the classes as in the training .*\n.*would be scored as another class/);
  describe(['background', 'right', 'left', 'heart', 'spine']);
  assert.match(evaluated(turned).out, /classes there are called background, right, left, heart, spine; they are/);
});

test('predictions that are no classes are refused, and those without a label are told', async () => {
  const [labels, predicted] = [path('scored-labels'), path('scored')];
  const write = (folder: string, name: string, value: number) => {
    mkdirSync(folder, { recursive: true });
    const data = Uint8Array.from({ length: 64 }, (_, at) => (at < 16 ? value : 0));
    return writePng(join(folder, name), { width: 8, height: 8, channels: 1, data });
  };
  for (const name of ['a.png', 'b.png']) await write(labels, name, 1);
  await write(predicted, 'a.png', 1);
  await write(predicted, 'b.png', 255);
  await write(predicted, 'c.png', 1);
  const { status, stdout, stderr } = cover('evaluate', predicted, labels, '-o', path('scored-out'));
  assert.equal(status, 1);
  assert.match(stdout, /1\/2 {2}Dice 1\.000 {2}a/);
  assert.match(stderr, /b\.png: expected predicted classes from 0 to 1 \(background, class 1\), found 255/);
  assert.match(stderr, /^warning: not scored, since .*scored-labels has no label for 1 prediction: c$/m);
});

test('options of a network are refused where masks are scored, and where a network classifies', async () => {
  const refused = (flags: readonly string[], ...argv: string[]) => {
    const { status, stderr } = cover('evaluate', ...argv, ...flags, '-o', path('not-made'));
    assert.equal(status, 1);
    assert.equal(existsSync(path('not-made')), false);
    return stderr;
  };
  const flags = ['--flips', '--keep-islands', '--split', 'test'];
  const masks = refused(flags, path('scored'), path('scored-labels'));
  assert.match(masks, /expected a network that segments beside --flips, --keep-islands, --split, found .*scored, a /);
  assert.match(masks, /\n.*Leave out --flips, --keep-islands, --split\./);
  writeFileSync(path('classifier.safetensors'), fineTuned('classification', ['healthy', 'ill']));
  const classes = refused(['--keep-islands'], path('classifier.safetensors'), other);
  assert.match(classes, /beside --keep-islands, found .*classifier\.safetensors, which classifies/);
});

test('true labels of 0 and 255 alone score nothing, for a network and for predictions', async () => {
  const masks = path('masks-255');
  cpSync(other, masks, { recursive: true });
  for (const name of readdirSync(join(masks, 'labels'))) {
    const { data, shape } = await readLabels(join(other, 'labels', name));
    const inside = data.map((label) => (label > 0 ? 255 : 0));
    await writePng(join(masks, 'labels', name), { height: shape[0]!, width: shape[1]!, channels: 1, data: inside });
  }
  const [network, predictions] = [path('run'), join(other, 'labels')];
  for (const argv of [
    [network, masks],
    [predictions, join(masks, 'labels')],
  ]) {
    const { status, stderr } = cover('evaluate', ...argv, '-o', path('masks-out'));
    assert.equal(status, 1);
    assert.match(stderr, /labels\/chest-0000\.png and 5 more: expected .*found the values 0, 255\n.*a mask as 0 and 1/);
  }
});
