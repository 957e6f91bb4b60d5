/** Classification: the gradient of its head by central differences, and a run of the command to its scores. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { startEngine } from '../../engine/node/index.js';
import { initialParameters } from '../../nn/index.js';
import { loadFinetuneConfig } from '../../node/config-file.js';
import { cover } from '../../pretrain/fixtures.js';
import { createTrainer } from '../../train/trainer.js';
import { finetuneFixture } from '../fixtures.js';
import { groupsOf } from '../groups.js';
import { finetuneObjective } from '../objective.js';
import { taskNetwork } from '../tasks.js';

const fixture = finetuneFixture();
const { path } = fixture;

test('a step of plain gradient descent moves the head against its central differences', async () => {
  const channels = 'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]';
  const settings = [
    channels,
    'task=classification',
    'data.size=[16, 16]',
    'views.crop=[16, 16]',
    'data.classes=[a, b]',
  ];
  const sgd = ['optimizer.name=sgd', 'optimizer.clip=null', 'optimizer.weightDecay=0', 'optimizer.momentum=0'];
  const config = loadFinetuneConfig({ settings: [...settings, ...sgd, 'batch.size=2'] });
  const groups = groupsOf(config);
  const engine = await startEngine({ device: 'cpu', threads: 1 });
  try {
    const task = taskNetwork(config, [1, 1]);
    const { optimizer, batch } = config;
    const objective = finetuneObjective(config, task);
    const trainer = await createTrainer(engine, { objective, optimizer, batch: batch.size, micro: 2, first: ['head'] });
    const backbone = initialParameters(groups.backbone, 1);
    const head = initialParameters(groups.head, 1);
    const images = Float32Array.from({ length: 512 }, (_, index) => ((index * 37) % 101) / 101);
    const targets = Float32Array.of(0, 1);
    const stepFrom = async (theta: Float32Array) => {
      await trainer.setState(
        new Map([
          ['backbone.theta', backbone],
          ['head.theta', theta],
        ]),
      );
      const { loss } = await trainer.step(structuredClone({ image: images, target: targets }), {
        head: { rate: 1, step: 1 },
      });
      return { loss: loss!, next: (await trainer.state()).get('head.theta')! };
    };
    const { next } = await stepFrom(head);
    for (let index = 0; index < head.length; index += 7) {
      const at = async (shift: number) => (await stepFrom(head.with(index, head[index]! + shift))).loss;
      const expected = ((await at(1e-2)) - (await at(-1e-2))) / 2e-2;
      const gradient = head[index]! - next[index]!;
      assert.ok(Math.abs(gradient - expected) < 1e-3, `${index}: ${gradient} for ${expected}`);
    }
    const feeds = { image: tensor([1, 1, 16, 16], images.slice(0, 256)) };
    const { probabilities } = await trainer.compute(
      'probabilities',
      (parameters, { image }) => ({ probabilities: task.probabilities(parameters, image!) }),
      feeds,
    );
    const { shape, data } = probabilities!;
    assert.deepEqual(shape, [1, 2]);
    assert.ok(Math.abs(data[0]! + data[1]! - 1) < 1e-6);
  } finally {
    await engine.close();
  }
});

test('a run learns classes of whole images and is scored', () => {
  const labels = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`chest-000${index}`, index % 2]));
  writeFileSync(join(fixture.data, 'labels.json'), JSON.stringify(labels));
  const output = fixture.train('classes', 'task=classification', 'schedule.steps=6');
  assert.match(output, /validation at 6: AUC/);
  const scores = cover('evaluate', path('classes'), '-o', path('scores'), '--split', 'all');
  assert.equal(scores.status, 0, scores.stderr);
  assert.match(scores.stdout, /mean of classes +AUC/);
  const { cases, confusion } = JSON.parse(readFileSync(path('scores', 'classification.json'), 'utf8'));
  assert.equal(cases, 8);
  assert.equal(
    confusion.flat().reduce((sum: number, count: number) => sum + count, 0),
    8,
  );
  writeFileSync(path('cut.png'), readFileSync(join(fixture.data, 'images', 'chest-0001.png')).subarray(0, 200));
  const images = [path('cut.png'), join(fixture.data, 'images', 'chest-0000.png')];
  const classified = cover('classify', ...images, '-m', path('classes'), '--json', '-o', path('table'));
  assert.equal(classified.status, 1);
  const { images: rows, failures } = JSON.parse(classified.stdout);
  assert.deepEqual([rows.length, failures.length], [1, 1]);
  assert.match(
    readFileSync(path('table', 'classes.csv'), 'utf8'),
    /^file,class,class 0,class 1\n[^\n]*chest-0000[^\n]*\n$/,
  );
  const exported = cover('export', path('classes'), '--onnx', path('classes.onnx'));
  assert.match(exported.stdout, /probabilities {2}\[1, 2\]\nTried on/);
  const wrong = cover('segment', path('classes'), join(fixture.data, 'images', 'chest-0000.png'), '-o', path('x'));
  assert.match(wrong.stderr, /expected a network for segmentation, found one for classification/);
});
