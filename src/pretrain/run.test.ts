/** Whole runs through the command: kill and resume, worker counts, micro-batches, and what bad input says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readMetrics } from '../testing/run-files.js';
import { checkpointAt, command, cover, runFixture, testRefusals } from './fixtures.js';

const fixtures = [
  ['images', runFixture(2)],
  ['volumes', runFixture(3, 'contrast')],
] as const;
const { folder, data, args } = fixtures[0][1];

for (const [what, { folder, args, train, path, bytes, tensors, records }] of fixtures) {
  test(`${what}: a run that is killed again and again and resumed ends with the same bytes`, async () => {
    const output = train('unbroken');
    assert.match(output, what === 'volumes' ? /InfoNCE \d+\.\d/ : /EPE \d+\.\d\d px/);
    assert.match(output, /^about \d+ s in all, done at \d\d:\d\d$/m);
    const metrics = join(folder, 'killed', 'metrics.jsonl');
    // A run that begins anew takes the file away.
    const lines = () => {
      try {
        return readFileSync(metrics, 'utf8').split('\n').length - 1;
      } catch {
        return 0;
      }
    };
    const resume = ['pretrain', '-o', join(folder, 'killed'), '--resume'];
    // After the first look, when its checkpoint may or may not be there, and as so many records are written.
    for (const [attempt, records] of [1, 5, 9].entries()) {
      const child = spawn(process.execPath, [command, ...(attempt === 0 ? args('killed') : resume)], {
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      const deadline = Date.now() + 300_000;
      while (lines() < records && child.exitCode === null && Date.now() < deadline)
        await new Promise((r) => setTimeout(r, 2));
      child.kill('SIGKILL');
      await ended;
    }
    const resumed = cover('pretrain', '-o', join(folder, 'killed'), '--resume');
    assert.equal(resumed.status, 0, resumed.stderr);
    for (const name of [checkpointAt(12), 'best.safetensors']) {
      assert.deepEqual(bytes('killed', 'checkpoints', name), bytes('unbroken', 'checkpoints', name));
    }
    for (const name of ['data.json', 'config.yaml']) assert.deepEqual(bytes('killed', name), bytes('unbroken', name));
    assert.ok(existsSync(path('killed', 'report.html')));
    assert.deepEqual(records('killed'), records('unbroken'));
  });

  test(`${what}: 0 and 3 loader workers give the bytes of one`, () => {
    const tensorsOf = (run: string) => tensors(run, checkpointAt(12));
    for (const workers of [0, 3]) {
      train(`workers-${workers}`, `data.workers=${workers}`);
      assert.deepEqual(tensorsOf(`workers-${workers}`), tensorsOf('unbroken'));
    }
  });

  test(`${what}: micro-batches give the losses of the whole batch`, () => {
    train('micro', 'batch.micro=1');
    const losses = (run: string) =>
      readMetrics(path(run))
        .filter(({ kind }) => kind === 'train')
        .map(({ loss, gradientNorm }) => ({ loss: Number(loss), gradientNorm: Number(gradientNorm) }));
    const [whole, micro] = [losses('unbroken'), losses('micro')];
    assert.equal(whole.length, 12);
    assert.ok(Math.abs(whole[0]!.loss - micro[0]!.loss) < 1e-4 * whole[0]!.loss);
    assert.ok(Math.abs(whole[0]!.gradientNorm - micro[0]!.gradientNorm) < 1e-3 * whole[0]!.gradientNorm);
  });
}

const refused: readonly (readonly [string, () => string[], RegExp])[] = [
  ['a crop not divisible by 16', () => args('bad', 'views.crop=[40, 32]'), /found 40 × 32[\s\S]*32 × 32 and 48 × 32/],
  [
    'a crop of a volume not divisible by 16',
    () => args('bad', 'views.crop=[48, 60, 48]'),
    /found 48 × 60 × 48[\s\S]*48 × 48 × 48 and 48 × 64 × 48/,
  ],
  [
    'a crop of one extent',
    () => args('bad', 'views.crop=[32]'),
    /views\.crop: expected two extents for images or three/,
  ],
  [
    'slices with a crop of three extents',
    () => args('bad', 'views.crop=[32, 32, 32]', 'data.slices=axial'),
    /views\.crop: expected two extents, since data\.slices/,
  ],
  ['images for a crop of volumes', () => args('bad', 'views.crop=[32, 32, 32]'), /found 12 images[\s\S]*two extents/],
  [
    'volumes for a crop of images',
    () => args('bad').with(1, fixtures[1][1].data),
    /found 12 volumes[\s\S]*three extents.*data\.slices=axial/,
  ],
  ['an unknown key', () => args('bad', 'batch.sizes=4'), /unknown key "batch.sizes"[\s\S]*size, micro/],
  ['a wrong type', () => args('bad', 'batch.size=four'), /batch.size: .*number/],
  ['a value outside of a closed set', () => args('bad', 'optimizer.name=lion'), /adam.*adamw.*sgd/],
  ['an unknown preset', () => [...args('bad'), '--preset', 'best'], /default, small, release, paper/],
  ['micro-batches that do not divide', () => args('bad', 'batch.size=4', 'batch.micro=3'), /Allowed: 1, 2, 4/],
  ['a moment that would never change', () => args('bad', 'optimizer.betas=[0.9,1]'), /optimizer\.betas\.1: .*<1/],
  ['a folder that does not exist', () => ['pretrain', join(folder, 'none'), '-o', join(folder, 'bad')], /none/],
  [
    '--resume without a checkpoint',
    () => ['pretrain', '-o', join(folder, 'none'), '--resume'],
    /config\.yaml, found nothing/,
  ],
  ['a second run in one folder', () => args('unbroken'), /there is a run in this folder[\s\S]*--resume/],
  [
    'a run folder below a file',
    () => [...args('bad').with(3, join(data, 'splits.json', 'run'))],
    /not a folder|ENOTDIR/,
  ],
];
testRefusals(refused);

test('an error in a configuration file names its line', () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'seed: 1\nbatch:\n  size: -2\n');
  const { stderr, status } = cover('pretrain', data, '-o', join(folder, 'bad'), '--config', file);
  assert.equal(status, 1);
  assert.match(stderr, /wrong\.yaml, line 3: batch\.size/);
});

test('SIGTERM leaves a checkpoint and exits', async () => {
  const child = spawn(process.execPath, [command, ...args('stopped', 'schedule.steps=2000')], { stdio: 'ignore' });
  const metrics = join(folder, 'stopped', 'metrics.jsonl');
  const deadline = Date.now() + 300_000;
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  while (!(existsSync(metrics) && readFileSync(metrics, 'utf8').split('\n').length > 4) && Date.now() < deadline) {
    await new Promise((r) => setTimeout(r, 20));
  }
  child.kill('SIGTERM');
  assert.equal(await ended, 143);
  const last = readFileSync(metrics, 'utf8').trim().split('\n').at(-1)!;
  const { step } = JSON.parse(last) as { step: number };
  const checkpoints = readdirSync(join(folder, 'stopped', 'checkpoints'));
  assert.ok(checkpoints.includes(checkpointAt(step)), `${checkpoints} at step ${step}`);
});
