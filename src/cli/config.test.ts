/**
 * `cover config` as it is called: what it prints is a configuration that can be read again, and says where values come
 * from.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { finetunePresets } from '../finetune/config.js';
import { loadConfig, loadFinetuneConfig } from '../node/config-file.js';
import { presets } from '../pretrain/config.js';
import { waited } from './fixtures/waited.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function config(...argv: string[]): { status: number | null; out: string; error: string } {
  const { status, stdout, stderr } = waited(['config', ...argv], folder);
  return { status, out: stdout, error: stderr };
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const settings = [
  'data.source="a: b # c"',
  'data.intensity={window: [-100, 300]}',
  'views.elastic={}',
  'optimizer.epsilon=1e-9',
  'model.heads=[2,2,2,1,1]',
];
const set = settings.flatMap((setting) => ['--set', setting]);

for (const flags of [[], ['--describe']]) {
  test(`what is printed is read again as it is ${flags.join(' ')}`, () => {
    for (const preset of Object.keys(presets)) {
      const { status, out, error } = config('--preset', preset, ...set, ...flags);
      assert.equal(status, 0, error);
      const read = loadConfig({ file: file('again.yaml', out) });
      assert.deepEqual(read, loadConfig({ preset, settings }));
    }
    const classes = `data.classes=[${Array.from({ length: 30 }, (_, index) => `"class ${index}"`).join(', ')}]`;
    const { out } = config('finetune', '--set', classes, '--set', 'model.from=runs/first', ...flags);
    const read = loadFinetuneConfig({ file: file('again.yaml', out) });
    assert.deepEqual(read, loadFinetuneConfig({ settings: [classes, 'model.from=runs/first'] }));
    assert.equal(read.data.classes.length, 30);
  });
}

test('the lines fit a screen', () => {
  for (const training of ['pretrain', 'finetune']) {
    for (const flags of [[], ['--describe'], ['--help']]) {
      const lines = config(training, ...flags).out.split('\n');
      assert.deepEqual(
        lines.filter((line) => line.length > 80),
        [],
      );
    }
  }
});

test('a value is followed by where it comes from, if that is not the default', () => {
  const mine = file('mine.yaml', 'seed: 3\nbatch:\n  size: 6\n');
  const argv = ['--preset', 'release', '--config', 'mine.yaml', '--set', 'seed=9'];
  const { out } = config(...argv);
  const lines = out.split('\n');
  for (const line of [
    'seed: 9 # --set',
    '  size: 6 # mine.yaml, line 3',
    '  micro: 1 # preset release',
    'device: cpu',
  ]) {
    assert.ok(lines.includes(line), `${line}\n${out}`);
  }
  const { settings } = JSON.parse(config(...argv, '--json').out) as {
    settings: { key: string; value: unknown; source: string; default: unknown; type: string; description: string }[];
  };
  const of = (key: string) => settings.find((one) => one.key === key);
  assert.deepEqual(of('batch.size'), {
    key: 'batch.size',
    value: 6,
    source: 'mine.yaml, line 3',
    type: 'whole number ≥ 1',
    default: 4,
    description: 'samples of a step',
  });
  assert.equal(of('schedule.steps')?.source, 'preset release');
  assert.equal(of('views.curriculum')?.value, null);
  assert.equal(of('views.curriculum.from'), undefined);
  assert.equal(of('threads')?.source, 'default');
  assert.equal(loadConfig({ preset: 'release', file: mine }).batch.size, 6);
});

test('the presets are listed', () => {
  assert.deepEqual(parse(config('--presets').out), presets);
  assert.deepEqual(JSON.parse(config('--presets', '--json').out), presets);
  assert.deepEqual(parse(config('finetune', '--presets').out), finetunePresets);
});

test('the preset paper of fine-tuning is the protocol of the authors, whatever the defaults are', () => {
  const { optimizer, schedule, batch, backbone, run, views } = loadFinetuneConfig({ preset: 'paper' });
  assert.deepEqual([optimizer.name, optimizer.rate, optimizer.weightDecay, optimizer.clip], ['adam', 1e-4, 0, null]);
  assert.deepEqual([schedule.name, schedule.warmup, schedule.steps], ['constant', 0, 40000]);
  assert.deepEqual([backbone.transfer, backbone.mode, backbone.rate, batch.size], ['all', 'full', 1, 1]);
  assert.deepEqual([run.validateEvery, run.patience], [200, null]);
  assert.deepEqual([views.degree, views.noise, views.contrast, views.brightness], [0, [0, 0], [1, 1], 0]);
  const { out } = config('finetune', '--preset', 'paper', '--set', 'schedule.steps=4000');
  assert.match(out, /\n {2}degree: 0 # preset paper\n/);
  assert.match(out, /\n {2}steps: 4000 # --set\n/);
  const read = loadFinetuneConfig({ file: file('again.yaml', out) });
  assert.deepEqual(read, loadFinetuneConfig({ preset: 'paper', settings: ['schedule.steps=4000'] }));
});

test('what is wrong is said as in a training', () => {
  file('wrong.yaml', 'seed: 1\nbatch:\n  sizes: 6\n');
  for (const [argv, words] of [
    [['--preset', 'none'], /there is no preset "none"/],
    [['--config', 'absent.yaml'], /absent\.yaml: this configuration file does not exist/],
    [['--config', 'wrong.yaml'], /wrong\.yaml, line 3: unknown key "batch\.sizes"/],
    [['--set', 'batch.size=0'], /batch\.size: /],
    [['finetune', '--preset', 'release'], /there is no preset "release"\n {2}The presets are: default, paper\./],
    [['segment'], /Allowed choices are pretrain, finetune/],
  ] as const) {
    const { status, out, error } = config(...argv);
    assert.equal(status, 1, argv.join(' '));
    assert.equal(out, '');
    assert.match(error, words);
    assert.doesNotMatch(error, /\n {4}at /);
  }
});
