/**
 * What a run leaves behind when the disk is full, the folder cannot be written, it diverges, or the memory does not
 * suffice.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { targetOf } from '../engine/node/index.js';
import { loadConfig } from '../node/config-file.js';
import { readMetrics } from '../testing/run-files.js';
import { checkMemory, memoryNeed } from '../train/memory.js';
import { readSafetensors, toFloat32 } from '../weights/index.js';
import { checkpointAt, command, cover, runFixture } from './fixtures.js';
import { methodOf, objectiveOf } from './methods.js';

const { folder, data, args, path, bytes } = runFixture(2, 'contrast');
const isRoot = process.getuid?.() === 0;

/** A small disk of its own; undefined where mounting is refused. */
function smallDisk(kilobytes: number): string | undefined {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return disk;
}

test('a full disk', (t) => {
  const disk = isRoot && process.platform === 'linux' ? smallDisk(8192) : undefined;
  if (!disk) {
    t.skip('mounting a small disk needs root');
    return;
  }
  t.after(() => execFileSync('umount', [disk]));
  const run = join(disk, 'run');
  const started = cover(...args('disk/run', 'schedule.steps=3'));
  assert.equal(started.status, 0, started.stderr);
  const checkpoint = join(run, 'checkpoints', checkpointAt(3));
  const kept = readFileSync(checkpoint);
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8');
  fill(join(disk, 'filler'));
  const { status, stderr } = cover('pretrain', '-o', run, '--extend', '12');
  assert.equal(status, 1);
  assert.match(stderr, /the disk is full[\s\S]*Free some space/);
  assert.doesNotMatch(stderr, /\n {4}at /);
  assert.deepEqual(readFileSync(checkpoint), kept);
  assert.equal(readFileSync(join(run, 'metrics.jsonl'), 'utf8'), lines);
  const left = readdirSync(run, { recursive: true }).map(String);
  assert.deepEqual(
    left.filter((name) => name.endsWith('.tmp')),
    [],
  );
});

/** Writes zeros until nothing more fits. */
function fill(file: string): void {
  const block = new Uint8Array(4096);
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' });
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  }
}

test('a folder that may not be written', (t) => {
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o555);
  chmodSync(folder, 0o755);
  const cache = join(folder, 'open-cache');
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  const argv = [command, ...args('locked/run', `data.cache=${cache}`)];
  // Permissions mean nothing to root, so the command runs as nobody.
  const user = isRoot ? { uid: 65534, gid: 65534 } : {};
  const reading = ['-e', `require('fs').readFileSync(${JSON.stringify(command)})`];
  if (spawnSync(process.execPath, reading, { cwd: '/', ...user }).status !== 0) {
    t.skip('the user nobody cannot read the program');
    return;
  }
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', cwd: '/', ...user });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /locked.*this folder cannot be written[\s\S]*Choose a folder that you may write to/);
  assert.doesNotMatch(stderr, /\n {4}at /);
  assert.deepEqual(readdirSync(locked), []);
});

test('an absurd rate ends the run, names step and images, and writes nothing bad', () => {
  const { status, stderr } = cover(
    ...args('absurd', 'optimizer.name=sgd', 'optimizer.rate=1e38', 'schedule.warmup=0', 'optimizer.weightDecay=0'),
  );
  assert.equal(status, 1, stderr);
  assert.match(stderr, /step \d+: [\s\S]*last good checkpoint is kept: .*step-0+\d\.safetensors[\s\S]*optimizer\.rate/);
  assert.doesNotMatch(stderr, /\n {4}at /);
  for (const name of readdirSync(path('absurd', 'checkpoints'))) {
    const file = readSafetensors(bytes('absurd', 'checkpoints', name), name);
    for (const stored of file.tensors.values()) assert.ok(toFloat32(stored).data.every(Number.isFinite), name);
  }
  assert.ok(readMetrics(path('absurd')).every(({ loss }) => loss !== null));
});

test('unfit images are left out, counted, listed and written down', async () => {
  const mixed = join(folder, 'mixed');
  cpSync(data, mixed, { recursive: true });
  const images = readdirSync(mixed, { recursive: true })
    .map(String)
    .filter((name) => /^images.*\.png$/.test(name))
    .sort();
  const first = join(mixed, images[0]!);
  cpSync(first, join(first, '..', 'a-copy.png'));
  const plain = { width: 40, height: 40, channels: 3, background: '#555' } as const;
  await sharp({ create: plain })
    .png()
    .toFile(join(first, '..', 'a-flat.png'));
  writeFileSync(join(first, '..', 'a-cut.png'), readFileSync(first).subarray(0, statSync(first).size >> 1));
  // Every file for training, so that a file's place is known.
  const manifest = join(mixed, 'all.txt');
  const all = [...images, 'a-copy.png', 'a-flat.png', 'a-cut.png'].map((name) =>
    join(first, '..', name.split('/').at(-1)!),
  );
  writeFileSync(manifest, all.join('\n'));
  const argv = args('mixed', 'data.validationShare=0', 'schedule.steps=1').with(1, manifest);
  const { status, stderr, stdout } = cover(...argv);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /3 files left out \(data\.json lists them\): 1 truncated, 1 constant, 1 duplicate/);
  assert.ok(
    stdout.split('\n').every((line) => line.length <= 80 || line.includes(folder)),
    stdout,
  );
  const record = JSON.parse(bytes('mixed', 'data.json').toString());
  assert.equal(record.training.length, images.length);
  assert.equal(record.leftOut.length, 3);

  rmSync(all.find((file) => record.training.includes(file))!);
  writeFileSync(manifest, all.filter((file) => existsSync(file)).join('\n'));
  const resumed = cover('pretrain', '-o', path('mixed'), '--resume');
  assert.equal(resumed.status, 1);
  assert.match(resumed.stderr, /images that the run began with[\s\S]*--init-from/);
});

const absurd: readonly (readonly [string, readonly string[]])[] = [
  ['a batch that nothing holds', ['batch.size=1000000000']],
  ['views that nothing holds', ['views.crop=[16000000, 16]']],
];
for (const [what, settings] of absurd) {
  test(`${what} is refused for want of memory`, () => {
    const { status, stderr } = cover(...args('absurd-size', ...settings));
    assert.equal(status, 1);
    assert.match(stderr, /expected \d+\.\d GB of free memory[\s\S]*does not fit/);
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.ok(!existsSync(path('absurd-size')));
  });
}

test('too little memory names the micro-batch that fits, or says that none does', () => {
  const config = loadConfig({ settings: ['batch.size=12', 'views.crop=[64, 64]'] });
  const { crop } = config.views;
  const objective = objectiveOf(methodOf(config), crop);
  const demandOf = (micro: number) => ({
    options: { objective, optimizer: config.optimizer, batch: 12, micro },
    crop,
    target: targetOf('cpu'),
    kept: 64,
  });
  const needOf = (micro: number) => memoryNeed(demandOf(micro), Number.POSITIVE_INFINITY).needed;
  assert.ok(needOf(12) > needOf(4) && needOf(4) > needOf(1));
  assert.throws(() => checkMemory(demandOf(12), needOf(4) + 1), {
    code: 'memory',
    message: /Set batch\.micro=4: the result is the same/,
  });
  assert.throws(() => checkMemory(demandOf(12), 1e6), { message: /Even batch\.micro=1 does not fit/ });
  assert.equal(checkMemory(demandOf(12), needOf(12)).needed, needOf(12));
  // What does not depend on precision: the process, samples, parameters and their copies.
  const [{ options, ...demand }, rest] = [demandOf(12), needOf(1)];
  const mixed = memoryNeed({ ...demand, target: 'gpu', options: { ...options, precision: 'mixed' } }, 2 ** 40).needed;
  const full = memoryNeed({ ...demand, target: 'gpu', options }, 2 ** 40).needed;
  assert.ok(mixed - rest < 0.65 * (full - rest), `${mixed} of ${full}, of which ${rest} stay`);
});

test('mixed precision on a CPU is refused before anything is written', () => {
  const { status, stderr } = cover('pretrain', data, '-o', path('half-precision'), '--set', 'precision=mixed');
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^error: precision: expected full on the device cpu, found mixed: .*\n {2}Set precision=full, or/,
  );
  assert.ok(!existsSync(path('half-precision')) || readdirSync(path('half-precision')).length === 0);
});
