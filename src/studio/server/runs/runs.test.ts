import assert from 'node:assert/strict';
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../../node/config-file.js';
import { acquireLock } from '../../../system/lock.js';
import { ownIdentity } from '../../../system/process-identity.js';
import { configYaml } from '../../../train/config/read.js';
import { ThinnedSeries } from '../../answers/thinned.js';
import { Curves } from './curves.js';
import { findRuns } from './find.js';
import { type JobNote, writeNote } from './job.js';
import { summarize } from './summary.js';

const root = mkdtempSync(join(tmpdir(), 'cover-studio-runs-'));
after(() => rmSync(root, { recursive: true }));

const line = (step: number, more: object = {}) =>
  `${JSON.stringify({ loss: 5 - step / 1e5, gradientNorm: 3, kind: 'train', step, seconds: 0.5, device: 'cpu', ...more })}\n`;

function run(id: string, metrics: string | undefined, steps = 10, yaml?: string): string {
  const folder = join(root, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), yaml ?? configYaml(loadConfig({ settings: [`schedule.steps=${steps}`] })));
  if (metrics !== undefined) writeFileSync(join(folder, 'metrics.jsonl'), metrics);
  return folder;
}

const note = (more: Partial<JobNote>): JobNote => ({
  args: [],
  process: ownIdentity(),
  started: 1,
  code: null,
  ended: null,
  stopped: false,
  error: '',
  ...more,
});

test('the state of a run is told by its files, its lock and its process', async () => {
  const lock = await acquireLock(join(run('growing', line(1) + line(2)), 'run.lock'));
  run('finished', line(9) + line(10));
  run('stopped', line(3));
  writeNote(run('ours', line(3)), note({}));
  writeNote(run('killed', line(3)), note({ process: { ...ownIdentity(), started: 'another time' } }));
  writeNote(run('failed', line(3)), note({ code: 1, ended: 5, error: 'the disk is full' }));
  writeNote(run('patient', line(3)), note({ code: 0, ended: 5 }));
  const states = ['growing', 'finished', 'stopped', 'ours', 'killed', 'failed', 'patient'].map((id) => {
    const { state, message } = summarize(root, id);
    return `${id}: ${state} ${message}`.trim();
  });
  assert.deepEqual(states, [
    'growing: running',
    'finished: finished',
    'stopped: stopped',
    'ours: running',
    'killed: stopped its process was killed; it can be resumed',
    'failed: failed the disk is full',
    'patient: finished',
  ]);
  lock.release();
  assert.equal(summarize(root, 'growing').state, 'stopped');
  const solid = configYaml(loadConfig({ settings: ['views.crop=[16,16,16]'] }));
  run('solid', line(3), 10, solid);
  run('other', line(3), 10, 'schedule: {steps: 10}\n');
  run('sliced', line(3), 10, configYaml(loadConfig({ settings: ['views.crop=[16,16]', 'data.slices=axial'] })));
  const extents = ['growing', 'solid', 'sliced', 'other'].map((id) => {
    const { nd, slices } = summarize(root, id);
    return [nd, slices];
  });
  assert.deepEqual(extents, [
    [2, false],
    [3, false],
    [2, true],
    [null, false],
  ]);
});

test('a run that is broken, cut short or empty has a message in its place', () => {
  run('no-metrics', undefined);
  run('empty', '');
  run('cut', line(1).slice(0, 20));
  run('no-settings', line(1), 0, 'a: [1, 2');
  run('aliases', line(1), 0, 'a: &a [x]\nb: [*a, *a]\n');
  run('half-line', line(4) + line(5).slice(0, 30));
  const said = ['no-metrics', 'empty', 'cut', 'no-settings', 'aliases'].map((id) => summarize(root, id));
  assert.deepEqual(
    said.map(({ state }) => state),
    ['broken', 'broken', 'broken', 'broken', 'broken'],
  );
  assert.ok(said.every(({ message }) => message.length > 10));
  assert.equal(summarize(root, 'half-line').step, 4);
});

test('runs are found at any depth, their own folders are not searched, links are not followed', () => {
  mkdirSync(join(root, 'deep', 'er', 'run', 'checkpoints'), { recursive: true });
  writeFileSync(join(root, 'deep', 'er', 'run', 'config.yaml'), '');
  writeFileSync(join(root, 'deep', 'er', 'run', 'checkpoints', 'config.yaml'), '');
  const found = findRuns(root);
  assert.ok(found.includes('deep/er/run'));
  assert.ok(!found.some((id) => id.includes('checkpoints')));
  assert.deepEqual(findRuns(join(root, 'deep', 'er', 'run')), ['.']);
});

test('curves are read once and kept up to date; half a line waits, a shorter file is read anew', async () => {
  const metrics = join(run('curve', line(1) + line(2) + line(3).slice(0, 10)), 'metrics.jsonl');
  const curves = new Curves(root);
  const first = await curves.get('curve');
  assert.deepEqual(first.series['train.loss']?.steps, [1, 2]);
  assert.equal(first.series['train.device'], undefined);
  assert.equal(await curves.news('curve', first.offset), undefined);

  writeFileSync(metrics, line(1) + line(2) + line(3));
  const news = await curves.news('curve', first.offset);
  assert.deepEqual(news?.series['train.loss']?.steps, [3]);
  assert.deepEqual((await curves.get('curve')).series['train.loss']?.steps, [1, 2, 3]);

  writeFileSync(metrics, line(1));
  assert.equal((await curves.news('curve', first.offset))?.reset, true);
  assert.deepEqual((await curves.get('curve')).series['train.loss']?.steps, [1]);
  rmSync(metrics);
  assert.deepEqual((await curves.get('curve')).series, {});
});

test('a curve that is thinned out keeps its ends, its order and its peaks', () => {
  const series = new ThinnedSeries(100);
  for (let step = 0; step < 10_000; step++) series.add(step, step === 4321 ? 99 : Math.sin(step / 500));
  const { steps, values } = series.get();
  assert.ok(steps.length < 100 && steps.length > 20);
  assert.ok(steps.every((step, index) => index === 0 || step > steps[index - 1]!));
  assert.equal(values[steps.indexOf(4321)], 99);
  assert.ok(steps[0]! < 500 && steps.at(-1)! > 9500);
});

test('200 runs of 100,000 lines: the list opens in under 2 s and in less than 300 MB, and so do the curves of ten', async () => {
  const many = join(root, 'many');
  let text = '';
  for (let step = 1; step <= 100_000; step++) text += line(step, { endpointError: 4, dataWaitShare: 0.01 });
  mkdirSync(join(many, 'run-0'), { recursive: true });
  const first = join(many, 'run-0', 'metrics.jsonl');
  const yaml = configYaml(loadConfig({ settings: ['schedule.steps=100000'] }));
  writeFileSync(first, text);
  text = '';
  for (let index = 0; index < 200; index++) {
    const folder = join(many, `run-${index}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.yaml'), yaml);
    // The same bytes under another name: on disk once, read for every run.
    if (index > 0) linkSync(first, join(folder, 'metrics.jsonl'));
  }
  const started = performance.now();
  const list = findRuns(many).map((id) => summarize(many, id));
  const seconds = (performance.now() - started) / 1000;
  assert.equal(list.length, 200);
  assert.ok(list.every(({ step, state }) => step === 100_000 && state === 'finished'));
  assert.ok(seconds < 2, `${seconds.toFixed(2)} s`);
  const curves = new Curves(many);
  for (let index = 0; index < 10; index++) {
    const { series, unreadable } = await curves.get(`run-${index}`);
    assert.equal(unreadable, 0);
    assert.ok(series['train.loss']!.steps.length <= 4000);
  }
  const megabytes = process.memoryUsage().rss / 2 ** 20;
  assert.ok(megabytes < 300, `${megabytes.toFixed(0)} MB`);
  appendFileSync(first, line(100_001));
  assert.deepEqual((await curves.news('run-7', (await curves.get('run-7')).offset)) ?? 'none', 'none');
});
