/** Whole runs of the command: what learns, what stays, going on, and what is refused. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkpointAt, cover } from '../pretrain/fixtures.js';
import { readMetrics } from '../testing/run-files.js';
import { finetuneFixture } from './fixtures.js';

const fixture = finetuneFixture();
const { path, args, train, bytes, values, records } = fixture;

const deep = 'backbone.down2.maxpool_conv.1.double_conv.0.weight';
const head = 'head.weight';

test('a run writes its configuration, data, metrics, checkpoints, pictures and report', () => {
  const output = train('whole', 'data.cases=3');
  assert.match(output, /^about [\d.]+ .* in all, done (at|on) .*\d\d:\d\d$/m);
  const data = JSON.parse(bytes('whole', 'data.json').toString()) as Record<string, string[]>;
  assert.deepEqual([data.labelled!.length, data.unused!.length, data.validation!.length], [3, 3, 2]);
  assert.match(bytes('whole', 'config.yaml').toString(), /classes:\n.*- background/);
  assert.match(bytes('whole', 'report.html').toString(), /The worst validation case[\s\S]*best Dice/);
  // Of two validation cases each is drawn once.
  for (const name of ['best', 'worst']) assert.ok(bytes('whole', 'samples', `${name}.png`).length > 100);
  assert.throws(() => bytes('whole', 'samples', 'median.png'), /ENOENT/);
  assert.ok(values('whole', 'best.safetensors', head));
});

test('images that do not find room in memory are read from disk, and the run is the same', () => {
  train('in-memory', 'schedule.steps=4');
  const output = train('on-disk', 'schedule.steps=4', 'data.memory=0', 'data.workers=1');
  assert.match(output, /8 of 8 images are read from disk/);
  assert.ok(bytes('on-disk', 'metrics.jsonl').length > 0);
  assert.deepEqual(values('on-disk', checkpointAt(4), deep), values('in-memory', checkpointAt(4), deep));
  assert.ok(!existsSync(path('on-disk', 'cache')));
});

test('a frozen backbone keeps its bytes, the head learns; full and warm change both in their time', () => {
  const same = (run: string, from: number, to: number, name: string) =>
    Buffer.from(values(run, checkpointAt(from), name)!.buffer).equals(
      Buffer.from(values(run, checkpointAt(to), name)!.buffer),
    );
  train('frozen', 'backbone.mode=frozen', 'schedule.steps=6');
  assert.ok(same('frozen', 0, 6, deep) && !same('frozen', 0, 6, head));
  assert.equal(values('frozen', checkpointAt(6), `optimizer.firstMoment.${deep}`), undefined);

  train('warm', 'backbone.mode=warm', 'backbone.frozenSteps=3', 'schedule.steps=6');
  assert.ok(same('warm', 0, 3, deep) && !same('warm', 3, 6, deep) && !same('warm', 0, 3, head));

  train('full', 'schedule.steps=3');
  assert.ok(!same('full', 0, 3, deep));

  const decoder = 'backbone.up4.conv.double_conv.0.weight';
  const output = train('encoder', 'backbone.transfer=encoder', 'backbone.mode=frozen', 'schedule.steps=6');
  assert.match(output, /encoder frozen/);
  assert.ok(same('encoder', 0, 6, deep) && !same('encoder', 0, 6, decoder) && !same('encoder', 0, 6, head));
});

test('the backbone learns at its own rate', () => {
  train('slow', 'schedule.steps=3', 'backbone.rate=0.1');
  const record = readMetrics(path('slow')).find(({ kind }) => kind === 'train')!;
  assert.ok(Math.abs(Number(record.backboneRate) / Number(record.learningRate) - 0.1) < 1e-9);
});

test('a run that was cut off goes on to the same bytes, with any number of workers', () => {
  train('unbroken', 'backbone.mode=warm', 'backbone.frozenSteps=5');
  cpSync(path('unbroken'), path('cut'), { recursive: true });
  for (const step of [9, 12]) rmSync(path('cut', 'checkpoints', checkpointAt(step)));
  rmSync(path('cut', 'checkpoints', 'best.safetensors'));
  const { status, stderr } = cover('finetune', '-o', path('cut'), '--resume');
  assert.equal(status, 0, stderr);
  for (const name of [checkpointAt(12), 'best.safetensors']) {
    assert.ok(bytes('cut', 'checkpoints', name).equals(bytes('unbroken', 'checkpoints', name)), name);
  }
  assert.deepEqual(records('cut'), records('unbroken'));

  train('workers', 'backbone.mode=warm', 'backbone.frozenSteps=5', 'data.workers=2');
  assert.deepEqual(records('workers'), records('unbroken'));
});

test('micro-batches change no more than rounding does', () => {
  train('batch', 'schedule.steps=2');
  train('micro', 'schedule.steps=2', 'batch.micro=1');
  const [a, b] = [values('batch', checkpointAt(2), head)!, values('micro', checkpointAt(2), head)!];
  a.forEach((value, index) => {
    assert.ok(Math.abs(value - b[index]!) < 1e-4, `${value} ${b[index]}`);
  });
});

test('a small network learns two images by heart', () => {
  const settings = ['schedule.steps=120', 'views.degree=0', 'optimizer.rate=0.01', 'run.validateEvery=60'];
  train('overfit', 'data.cases=2', 'model.channels=[8, 8, 16, 16, 16, 16, 16, 8, 8]', ...settings);
  const losses = readMetrics(path('overfit')).filter(({ kind }) => kind === 'train');
  assert.ok(Number(losses.at(-1)!.diceLoss) < 0.35, `Dice loss ${losses.at(-1)!.diceLoss}`);
  assert.ok(Number(losses[0]!.diceLoss) > 0.7);
  const looks = readMetrics(path('overfit')).filter(({ kind }) => kind === 'validation');
  const scores = looks.map(({ score }) => Number(score));
  assert.ok(Math.max(...scores) > scores[0]! + 0.3, scores.join());
});

test('patience ends a run that no longer improves', () => {
  const output = train('patient', 'optimizer.rate=1e-12', 'run.patience=1', 'run.validateEvery=3');
  assert.match(output, /Finished at step [36]\b/);
});

test('fine-tuning begins with the weights of a run, and refuses what it cannot use', () => {
  const pretrained = cover(
    'pretrain',
    join(fixture.data, 'images'),
    ...['-o', path('pretrained'), '--set', 'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]', '--set', 'schedule.steps=1'],
    ...['--set', 'views.crop=[32, 32]', '--set', 'batch.size=1', '--set', `data.cache=${path('cache')}`],
  );
  assert.equal(pretrained.status, 0, pretrained.stderr);
  const { status, stdout, stderr } = cover(
    ...['finetune', fixture.data, '-o', path('transferred'), '--from', path('pretrained')],
    ...['--set', 'schedule.steps=1', '--set', 'batch.size=1', '--set', 'backbone.mode=frozen'],
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /images at 48 × 48/);
  assert.deepEqual(values('transferred', checkpointAt(1), deep), values('pretrained', 'best.safetensors', deep));
  const encoder = cover(
    ...['finetune', fixture.data, '-o', path('encoder-alone'), '--from', path('pretrained')],
    ...['--set', 'schedule.steps=1', '--set', 'batch.size=1', '--set', 'backbone.transfer=encoder', '--set', 'seed=5'],
  );
  assert.match(encoder.stdout, /loaded 40 of 40 parameters\ncases read/);
  const decoder = 'backbone.up4.conv.double_conv.0.weight';
  const [pretrainedDecoder, ownDecoder] = ['pretrained', 'encoder-alone'].map((run) =>
    values(run, checkpointAt(0), decoder),
  );
  assert.notDeepEqual(ownDecoder, pretrainedDecoder);
  assert.deepEqual(values('encoder-alone', checkpointAt(0), deep), values('pretrained', 'best.safetensors', deep));
  const refused = (message: RegExp, ...argv: string[]) => {
    const result = cover('finetune', ...argv);
    assert.equal(result.status, 1);
    assert.match(result.stderr, message);
  };
  refused(/expected --from/, fixture.data, '-o', path('x'));
  refused(/found nothing of that name/, fixture.data, '-o', path('x'), '--from', path('nothing'));
  refused(/there is a run in this folder/, ...args('whole').slice(1));
  refused(/data\.size: every extent must be divisible by 16/, ...args('x', 'data.size=[30, 32]').slice(1));
  refused(/views\.crop: expected extents of at most/, ...args('x', 'views.crop=[48, 48]').slice(1));
  refused(/unknown key "backbone\.mod"\n.*mode, frozenSteps, rate/, ...args('x', 'backbone.mod=full').slice(1));
  refused(
    /--resume goes on with the settings of the run; found --cases/,
    '-o',
    path('whole'),
    '--resume',
    '--cases',
    '2',
  );
});

test('a run does not go on with other labels', () => {
  cpSync(path('unbroken'), path('moved'), { recursive: true });
  const file = join(fixture.data, 'labels', 'chest-0000.png');
  const before = readFileSync(file);
  cpSync(join(fixture.data, 'labels', 'chest-0001.png'), file);
  const { status, stderr } = cover('finetune', '-o', path('moved'), '--resume');
  writeFileSync(file, before);
  assert.equal(status, 1);
  assert.match(stderr, /found other images or labels/);
});
