/** What happened to a run's folder while nobody looked, and what the run makes of it. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { finetuneIn } from '../finetune/run.js';
import { writePhantoms } from '../phantom/index.js';
import type { Config } from '../pretrain/config.js';
import type { RunEvents } from '../pretrain/run.js';
import type { Recovery } from '../train/events.js';
import { RunFolder } from '../train/run-folder.js';
import type { RunSource } from '../train/start.js';
import { loadConfig, loadFinetuneConfig } from './config-file.js';
import { finetuneHost } from './finetune.js';
import { FolderStore } from './folder-store.js';
import { pretrain } from './pretrain.js';

const root = mkdtempSync(join(tmpdir(), 'cover-recovery-'));
const at = (...names: string[]) => join(root, ...names);
const LAST = 'step-00000006.safetensors';
const small = ['model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]', 'data.workers=0', 'threads=1', 'batch.size=2'];
let config: Config;

before(async () => {
  mkdirSync(at('data'));
  await writePhantoms(at('data'), 8, { size: [48, 48], seed: 1 });
  const steps = ['schedule.steps=6', 'schedule.warmup=2', 'run.validateEvery=3', 'run.checkpointEvery=2'];
  const places = [`data.source=${at('data')}`, `data.cache=${at('cache')}`];
  config = loadConfig({ settings: ['method=contrast', ...small, ...steps, ...places, 'views.crop=[32, 32]'] });
  await pretrain(at('whole'), { config });
});
after(() => rmSync(root, { recursive: true, force: true }));

const bytes = (run: string, name = LAST) => readFileSync(at(run, 'checkpoints', name));

/** A copy of the whole run, without the checkpoints whose names are given. */
function copyOf(name: string, without: readonly string[] = []): string {
  cpSync(at('whole'), at(name), { recursive: true });
  for (const file of without) rmSync(at(name, 'checkpoints', file));
  return at(name);
}

async function run(name: string, source: RunSource<Config>, events: RunEvents = {}): Promise<Recovery | undefined> {
  let recovery: Recovery | undefined;
  await pretrain(at(name), source, { ...events, onRecovery: (found) => (recovery = found) });
  return recovery;
}

const damages: readonly (readonly [string, (whole: Uint8Array) => Uint8Array])[] = [
  ['cut short', (whole) => whole.subarray(0, whole.length >> 1)],
  ['empty', () => new Uint8Array()],
  ['garbage', (whole) => whole.map((_, index) => (index * 37) & 255)],
  ['changed in one bit', (whole) => whole.map((value, index) => (index === whole.length - 1000 ? value ^ 1 : value))],
];
for (const [what, damage] of damages) {
  test(`a last checkpoint that is ${what} is put aside, and the run ends with the same bytes`, async () => {
    const name = what.replaceAll(' ', '-');
    copyOf(name);
    const path = at(name, 'checkpoints', LAST);
    writeFileSync(path, damage(readFileSync(path)));
    const recovery = await run(name, { resume: true });
    assert.equal(recovery?.step, 4);
    assert.deepEqual(
      recovery.damaged.map(({ path: aside }) => aside),
      [`${at(name)}/checkpoints/${LAST}.damaged`],
    );
    assert.ok(existsSync(`${path}.damaged`));
    assert.deepEqual(bytes(name), bytes('whole'));
    assert.deepEqual(bytes(name, 'best.safetensors'), bytes('whole', 'best.safetensors'));
  });
}

test('a run without one good checkpoint says so, and keeps what is there', async () => {
  const folder = copyOf('hopeless');
  const names = readdirSync(join(folder, 'checkpoints'));
  for (const name of names) writeFileSync(join(folder, 'checkpoints', name), 'no');
  await assert.rejects(run('hopeless', { resume: true }), { code: 'checkpoint', message: /found \d that are damaged/ });
  const left = readdirSync(join(folder, 'checkpoints'));
  assert.deepEqual(left, names.map((name) => `${name}.damaged`).sort());
});

for (const [word, source] of [
  ['--resume', () => ({ resume: true }) as const],
  ['the same command', () => ({ config })],
] as const) {
  test(`a run that was killed before its first checkpoint goes on by ${word}`, async () => {
    const name = `early-${word.length}`;
    copyOf(name, readdirSync(at('whole', 'checkpoints')));
    writeFileSync(at(name, 'metrics.jsonl.123.tmp'), 'half');
    writeFileSync(at(name, 'checkpoints', 'step-00000000.safetensors.77.tmp'), 'half');
    await run(name, source());
    assert.deepEqual(bytes(name), bytes('whole'));
    const left = readdirSync(at(name), { recursive: true }).map(String);
    assert.deepEqual(
      left.filter((file) => file.endsWith('.tmp')),
      [],
    );
  });
}

test('a folder is for one process at a time', async () => {
  const first = run('busy', { config });
  await assert.rejects(run('busy', { config }), { code: 'file', message: /busy: process \d+ on .* is at work here/ });
  await first;
  assert.deepEqual(bytes('busy'), bytes('whole'));
});

test('a run whose folder is removed stops, and does not make it anew', async () => {
  const onStep = ({ step }: { step: number }) => {
    if (step === 3) rmSync(at('removed'), { recursive: true });
  };
  await assert.rejects(run('removed', { config }, { onStep }), { code: 'file', message: /removed[\s\S]*was removed/ });
  assert.ok(!existsSync(at('removed')));
});

test('settings that were edited are told, and the run keeps its own', async () => {
  copyOf('edited', [LAST]);
  const file = at('edited', 'config.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('seed: 0', 'seed: 9'));
  const recovery = await run('edited', { resume: true });
  assert.deepEqual(recovery?.changed, ['seed: 9 in config.yaml, 0 in the run']);
  assert.deepEqual(bytes('edited'), bytes('whole'));
  assert.match(readFileSync(file, 'utf8'), /seed: 0/);
});

test('a run of another kind is not damaged, and is left alone', async () => {
  copyOf('other');
  const source = { resume: true } as const;
  const folder = new RunFolder(new FolderStore(at('other')));
  await assert.rejects(finetuneIn(folder, source, finetuneHost), {
    message: /expected a checkpoint of a fine-tuning run/,
  });
  assert.deepEqual(readdirSync(at('other', 'checkpoints')), readdirSync(at('whole', 'checkpoints')));
});

test('a fine-tuning that needs more memory than there is is refused', async () => {
  const settings = [...small, `data.source=${at('data')}`, 'data.size=[48, 48]', 'data.cases=2', 'schedule.steps=2'];
  const host = { ...finetuneHost, freeMemory: () => 3e8 };
  const folder = new RunFolder(new FolderStore(at('large')));
  const source = { config: loadFinetuneConfig({ settings }) };
  await assert.rejects(finetuneIn(folder, source, host), { code: 'memory', message: /of free memory/ });
  assert.ok(!existsSync(at('large')));
});
