/** What a fine-tuned network is used for: label images on their own grid, scores, one ONNX file. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLabels } from '../data/labelled/index.js';
import { loadFinetuned } from '../node/models.js';
import { onnxMetadata } from '../onnx/metadata.js';
import { refused, succeeds } from '../pretrain/fixtures.js';
import { readNpy } from '../weights/index.js';
import { finetuneFixture } from './fixtures.js';

const fixture = finetuneFixture();
const { path, train, bytes } = fixture;
const image = () => join(fixture.data, 'images', 'chest-0007.png');

test('a run with windows and mirrored images', () => {
  assert.match(train('run', 'views.crop=[16, 32]', 'views.flips=[1]'), /images at 32 × 32, windows of 16 × 32/);
});

test('labels, probabilities and pictures on the pixels of the image', async () => {
  succeeds('segment', path('run'), image(), '-o', path('masks'), '--probabilities', '--flips');
  const labels = await readLabels(path('masks', 'chest-0007.png'));
  assert.deepEqual(labels.shape, [48, 48]);
  const { shape, data } = readNpy(bytes('masks', 'chest-0007.npy'), 'chest-0007.npy');
  assert.deepEqual(shape, [5, 48, 48]);
  const sum = [0, 1, 2, 3, 4].reduce((all, k) => all + data[k * 48 * 48 + 100]!, 0);
  assert.ok(Math.abs(sum - 1) < 1e-5);
  assert.ok(existsSync(path('masks', 'chest-0007.overlay.png')));
});

test('an exported file segments as the run does', async () => {
  const output = succeeds('export', path('run'), '--onnx', path('net.onnx'), '--safetensors', path('net.safetensors'));
  assert.match(output, /output {2}probabilities {2}\[1, 5, 16, 32\]\nTried on \[3, 16, 32\]: largest difference/);
  for (const [source, target] of [
    [path('run'), 'from-run'],
    [path('net.onnx'), 'from-onnx'],
    [path('net.safetensors'), 'from-weights'],
  ] as const) {
    succeeds('segment', source, image(), '-o', path(target), '--no-overlay');
    assert.deepEqual(readdirSync(path(target)), ['chest-0007.png']);
    const found = await readLabels(path(target, 'chest-0007.png'));
    assert.deepEqual(found, await readLabels(path('from-run', 'chest-0007.png')));
  }
  const metadata = onnxMetadata(readFileSync(path('net.onnx')), 'net.onnx');
  assert.deepEqual(JSON.parse(metadata.get('classes')!), loadFinetuned(path('run')).classes);
  const steps = JSON.parse(metadata.get('outside')!);
  assert.deepEqual(
    steps.map(({ step }: { step: string }) => step),
    ['resize', 'windows', 'network', 'blend', 'place', 'decide'],
  );
  assert.deepEqual(
    [steps[0].extents, steps[1].extents],
    [
      [32, 32],
      [16, 32],
    ],
  );
});

test('scores of a run and of its label images agree', () => {
  const output = succeeds('evaluate', path('run'), '-o', path('scores'), '--split', 'validation');
  assert.match(output, /mean of classes {2}Dice/);
  assert.ok(
    output
      .split('\n')
      .every(
        (line) => line.startsWith('Wrote') || line.startsWith('model') || line.startsWith('data') || line.length <= 80,
      ),
  );
  const files = ['chest-0006.png', 'chest-0007.png'];
  const images = files.map((file) => join(fixture.data, 'images', file));
  succeeds('segment', path('run'), ...images, '-o', path('predicted'), '--no-overlay');
  mkdirSync(path('truth'));
  for (const file of files) cpSync(join(fixture.data, 'labels', file), path('truth', file));
  succeeds('evaluate', path('predicted'), path('truth'), '-o', path('again'));
  const [a, b] = ['scores', 'again'].map((name) => JSON.parse(bytes(name, 'segmentation.json').toString()));
  assert.deepEqual(a.mean, b.mean);
  assert.ok(a.mean.dice.value > 0);
});

test('what cannot be used is refused', () => {
  refused(
    /expected cases in the part test, found none\n.*train 6, validation 2/,
    'evaluate',
    path('run'),
    '-o',
    path('x'),
  );
  refused(
    /expected a prediction for "chest-0000"/,
    'evaluate',
    path('predicted'),
    join(fixture.data, 'labels'),
    '-o',
    path('x'),
  );
  refused(/expected an ONNX file, found no such file/, 'segment', path('none.onnx'), image(), '-o', path('x'));
  refused(/this is a fine-tuned network; found --size/, 'export', path('run'), '--onnx', path('y'), '--size', '32,32');
});
