/** Resume, extend and initial weights: three words, three meanings. */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadSafetensors } from '../weights/files.js';
import { toFloat32, writeSafetensors } from '../weights/index.js';
import { checkpointAt, cover, runFixture } from './fixtures.js';

const { folder, data, args, train, path, bytes, tensors, records } = runFixture(2, 'contrast');
const extend = (run: string, steps: number | string) => cover('pretrain', '-o', path(run), '--extend', String(steps));

test('an extended run ends with the tensors of a run that was as long from the start', () => {
  train('short', 'schedule.name=constant', 'schedule.steps=6');
  cpSync(path('short'), path('killed'), { recursive: true });
  const { status, stderr } = extend('short', 12);
  assert.equal(status, 0, stderr);
  train('long', 'schedule.name=constant', 'schedule.steps=12');
  assert.deepEqual(tensors('short', checkpointAt(12)), tensors('long', checkpointAt(12)));
  assert.deepEqual(tensors('short', 'best.safetensors'), tensors('long', 'best.safetensors'));
  assert.deepEqual(
    records('short').filter((line) => !line.startsWith('extension')),
    records('long'),
  );
  assert.ok(records('short').includes('extension 6 undefined'));
  const { schedule } = parse(readFileSync(path('short', 'config.yaml'), 'utf8'));
  assert.equal(schedule.steps, 12);
  assert.equal(readdirSync(path('short', 'checkpoints')).length, 4);
});

test('an extension that was killed is resumed with the longer schedule', () => {
  // What a kill right after the start leaves: the rewritten checkpoint of step 6.
  assert.equal(extend('killed', 12).status, 0);
  for (const step of [9, 12]) rmSync(path('killed', 'checkpoints', checkpointAt(step)));
  const { status, stderr } = cover('pretrain', '-o', path('killed'), '--resume');
  assert.equal(status, 0, stderr);
  assert.deepEqual(bytes('killed', 'checkpoints', checkpointAt(12)), bytes('short', 'checkpoints', checkpointAt(12)));
  assert.deepEqual(records('killed'), records('short'));
});

test('the cosine of an extended run is that of the new total', () => {
  train('cosine', 'schedule.steps=3');
  assert.equal(extend('cosine', 8).status, 0);
  const rates = readFileSync(path('cosine', 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"kind":"train"'))
    .map((line) => JSON.parse(line).learningRate as number);
  const cosine = (step: number, steps: number) => (3e-4 * (1 + Math.cos((Math.PI * (step - 2)) / (steps - 2)))) / 2;
  const expected = [1.5e-4, 3e-4, cosine(3, 3), ...[4, 5, 6, 7, 8].map((step) => cosine(step, 8))];
  assert.ok(rates.length === 8 && rates.every((rate, index) => Math.abs(rate - expected[index]!) < 1e-9), `${rates}`);
});

test('initial weights are taken from a run, a checkpoint and a PyTorch file, and reported', () => {
  const checkpoint = path('short', 'checkpoints', 'best.safetensors');
  const file = join(folder, 'given.safetensors');
  copyFileSync(checkpoint, file);
  for (const [run, source] of [
    ['from-run', path('short')],
    ['from-file', file],
  ] as const) {
    const { status, stdout, stderr } = cover(...args(run, 'seed=5'), '--init-from', source);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /loaded (\d+) of \1 parameters/);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 80 || line.includes(folder)),
      stdout,
    );
    const record = JSON.parse(readFileSync(path(run, 'transfer.json'), 'utf8'));
    assert.deepEqual([record.missing, record.mismatched, record.unused], [[], [], []]);
    assert.ok(record.loaded.includes('backbone.inc.double_conv.0.weight'));
  }
  assert.deepEqual(tensors('from-file', checkpointAt(12)), tensors('from-run', checkpointAt(12)));
  const tensorOf = (source: string, name: string) => toFloat32(loadSafetensors(source).tensors.get(name)!).data;
  // The step counter, the moments and the schedule start anew: the first rate is that of the warm-up.
  assert.ok(records('from-run').some((line) => line.startsWith('train 1 ')));
  const first = 'backbone.inc.double_conv.0.weight';
  train('one', 'seed=5', 'schedule.steps=1', 'optimizer.rate=1e-12', 'optimizer.weightDecay=0');
  const { status } = cover(
    ...args('near', 'seed=5', 'schedule.steps=1', 'optimizer.rate=1e-12', 'optimizer.weightDecay=0'),
    '--init-from',
    file,
  );
  assert.equal(status, 0);
  const [given, near, fresh] = [
    file,
    path('near', 'checkpoints', checkpointAt(1)),
    path('one', 'checkpoints', checkpointAt(1)),
  ].map((source) => tensorOf(source, first));
  const distance = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0);
  assert.ok(distance(near!, given!) < 1e-6);
  assert.ok(distance(fresh!, given!) > 1e-3);
});

test('a backbone without prefix fills the backbone; the projections keep their own values', () => {
  const { tensors: all } = loadSafetensors(path('short', 'checkpoints', 'best.safetensors'));
  const bare = [...all]
    .filter(([name]) => name.startsWith('backbone.'))
    .map(([name, value]) => [name.slice('backbone.'.length), value] as [string, typeof value]);
  const file = join(folder, 'backbone.safetensors');
  writeFileSync(file, writeSafetensors(bare));
  const { status, stdout, stderr } = cover(...args('bare', 'schedule.steps=1', 'method=cover'), '--init-from', file);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /not in the source, keep their initial values/);
  const record = JSON.parse(readFileSync(path('bare', 'transfer.json'), 'utf8'));
  assert.equal(record.loaded.length, bare.length);
  assert.ok(record.missing.every((name: string) => name.startsWith('proj')));
});

const refused: readonly (readonly [string, () => string[], RegExp])[] = [
  [
    '--extend of a run that is not finished',
    () => ['pretrain', '-o', path('unfinished'), '--extend', '20'],
    /step 3 of 12[\s\S]*--resume/,
  ],
  [
    '--extend to no more than the present total',
    () => ['pretrain', '-o', path('short'), '--extend', '12'],
    /above the present 12[\s\S]*--extend 24/,
  ],
  [
    '--extend with no number',
    () => ['pretrain', '-o', path('short'), '--extend', 'twice'],
    /--extend twice: expected a whole number of steps/,
  ],
  ['--extend without a run', () => ['pretrain', '-o', path('none'), '--extend', '20'], /config\.yaml, found nothing/],
  [
    '--extend with other settings',
    () => ['pretrain', '-o', path('short'), '--extend', '20', '--set', 'seed=1'],
    /found --set beside it[\s\S]*--init-from/,
  ],
  [
    '--resume with --init-from',
    () => ['pretrain', '-o', path('short'), '--resume', '--init-from', 'x'],
    /found --init-from/,
  ],
  [
    '--init-from a file that is not there',
    () => [...args('bad'), '--init-from', path('gone.pth')],
    /gone\.pth: expected a run folder or a file of weights, found nothing/,
  ],
  [
    '--init-from a file of another kind',
    () => [...args('bad'), '--init-from', join(data, 'splits.json')],
    /Accepted endings: \.safetensors, \.pth/,
  ],
  [
    '--init-from a folder without a run',
    () => [...args('bad'), '--init-from', data],
    /expected a checkpoint, found none/,
  ],
  [
    '--init-from a network of other channels',
    () => [
      ...args('bad', 'model.channels=[16, 16, 16, 16, 16, 16, 16, 16, 16]', 'model.heads=[2, 2, 2, 2, 2]'),
      '--init-from',
      path('short'),
    ],
    /the weights do not fit the network of \d+ parameters: .*expected \[16, 1, 3, 3\], found \[8, 1, 3, 3\]/,
  ],
];

test('what cannot be started is refused with a clear word', async (t) => {
  cpSync(path('long'), path('unfinished'), { recursive: true });
  for (const name of readdirSync(path('unfinished', 'checkpoints'))) {
    if (!name.includes('00000003')) rmSync(path('unfinished', 'checkpoints', name));
  }
  train('kept', 'run.keepCheckpoints=9');
  copyFileSync(path('kept', 'checkpoints', checkpointAt(3)), path('unfinished', 'checkpoints', checkpointAt(3)));
  for (const [what, argv, message] of refused) {
    await t.test(what, () => {
      const { status, stderr } = cover(...argv());
      assert.equal(status, 1, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
  }
});
