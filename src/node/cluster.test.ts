/**
 * Runs by several processes under real launchers: equal to one process to the bit, in 2D and 3D; ended, resumed with
 * another number, and refused where the processes differ. The numbers of processes are divided among the launchers;
 * `node dist/node/cluster.test.js --all` takes every number with each, which takes minutes.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launcherNames, whyNot } from '../cluster/mpi/fixtures.js';
import { writePhantoms } from '../phantom/index.js';
import { alone, appears, command, lastCheckpoint, processes, start, together } from './fixtures.js';

const all = process.argv.includes('--all');
const root = mkdtempSync(join(tmpdir(), 'cover-cluster-'));
const at = (...names: string[]) => join(root, ...names);
const any = launcherNames.find((name) => !whyNot(name)) ?? 'Open MPI';

const small = ['model.channels=[8,8,8,8,8,8,8,8,8]', 'data.workers=0', 'threads=1', 'schedule.warmup=1'];
const settings = (values: readonly string[]) => [...small, ...values].flatMap((value) => ['--set', value]);
const flat = (steps: number, more: readonly string[] = []) => [
  'pretrain',
  at('chests', 'images'),
  ...settings([`schedule.steps=${steps}`, 'views.crop=[32,32]', 'batch.size=12', `data.cache=${at('cache')}`, ...more]),
];
const solid = [
  'pretrain',
  at('thoraces', 'images'),
  ...settings([
    'schedule.steps=2',
    'views.crop=[16,16,16]',
    'model.window=1',
    `batch.size=${all ? 12 : 6}`,
    'batch.micro=1',
    `data.cache=${at('cache')}`,
  ]),
];
const labelled = [
  ...['finetune', at('chests'), '--from', 'scratch'],
  ...settings(['schedule.steps=4', 'data.size=[32,32]', 'batch.size=12', 'batch.micro=1', 'run.validateEvery=2']),
];

before(async () => {
  await writePhantoms(at('chests'), 10, { size: [48, 48], seed: 1, validationShare: 0.2 });
  await writePhantoms(at('thoraces'), 3, { size: [24, 24, 24], seed: 1, validationShare: 0 });
});
after(() => rmSync(root, { recursive: true, force: true }));

/** The last checkpoint of one process, made once. */
const wanted = new Map<string, Promise<Buffer>>();
function ofOne(name: string, args: readonly string[], steps: number): Promise<Buffer> {
  const made = wanted.get(name) ?? alone([...args, '-o', at(name)]).then(() => lastCheckpoint(at(name), steps));
  wanted.set(name, made);
  return made;
}

for (const name of launcherNames) {
  const options = { skip: whyNot(name), timeout: 300000 };
  const sizes = { 'Open MPI': { flat: [2, 4], solid: [3] }, MPICH: { flat: [3], solid: [2] } }[name];
  const folder = (label: string) => at(`${name} ${label}`);
  const equalFor = async (label: string, sizes: readonly number[], args: readonly string[], steps: number) => {
    const one = await ofOne(label, args, steps);
    for (const size of sizes) {
      const { code, stdout, stderr } = await together(name, size, [...args, '-o', folder(`${label} ${size}`)]);
      assert.equal(code, 0, stdout + stderr);
      assert.ok(
        lastCheckpoint(folder(`${label} ${size}`), steps).equals(one),
        `${label}: ${size} processes differ from one`,
      );
    }
  };

  test(`${name}: several processes have the checkpoint of one, 2D`, options, () =>
    equalFor('images', all ? [2, 3, 4] : sizes.flat, flat(3, ['batch.micro=1', 'run.validateEvery=2']), 3),
  );

  test(`${name}: several processes have the checkpoint of one, 3D`, options, () =>
    equalFor('volumes', all ? [2, 3, 4] : sizes.solid, solid, 2),
  );

  // What stops a run and what fine-tunes does not depend on the launcher.
  if (!all && name !== any) continue;

  test(`${name}: fine-tuning by several processes has the checkpoint of one`, options, () =>
    equalFor('labelled', all ? [2, 3] : [2], labelled, 4),
  );

  test(
    `${name}: stopped by SIGTERM with one checkpoint, continued by another number of processes`,
    options,
    async () => {
      const args = flat(60, ['batch.size=6', 'batch.micro=1', 'run.checkpointEvery=1000', 'run.validateEvery=1000']);
      const run = start(name, 3, [...args, '-o', folder('stopped')]);
      await trains(folder('stopped'), run.ended);
      run.child.kill('SIGTERM');
      await run.ended;
      const left = steps(folder('stopped'));
      assert.ok(left.length === 2 && left[0] === 0 && left[1]! > 0 && left[1]! < 60, `steps ${left}`);
      const { code, stdout, stderr } = await together(name, 2, ['pretrain', '--resume', '-o', folder('stopped')]);
      assert.equal(code, 0, stdout + stderr);
      assert.ok(lastCheckpoint(folder('stopped'), 60).equals(await ofOne('unbroken', args, 60)));
      const four = await together(name, 4, ['pretrain', '--extend', '61', '-o', folder('stopped')]);
      assert.notEqual(four.code, 0);
      assert.match(
        four.stderr,
        /4 processes: expected a number that divides the 6 micro-batches of the batch of 6\n {2}Start 1, 2, 3, 6/,
      );
    },
  );

  test(
    `${name}: a process that is killed ends the run within seconds, with its rank and the last checkpoint`,
    options,
    async () => {
      for (const victim of all ? [0, 2] : [0]) {
        const out = folder(`killed ${victim}`);
        const args = [...flat(3000, ['batch.size=6', 'run.checkpointEvery=2', 'run.validateEvery=3000']), '-o', out];
        const run = start(name, 3, args);
        const [pids] = await Promise.all([processes(run), trains(out, run.ended)]);
        await appears(join(out, 'checkpoints', 'step-00000002.safetensors'), run.ended);
        const killed = performance.now();
        process.kill(pids[victim]!, 'SIGKILL');
        const { code, stderr } = await run.ended;
        const seconds = (performance.now() - killed) / 1000;
        assert.notEqual(code, 0);
        assert.ok(seconds < 10, `${seconds} s`);
        const said = stderr.match(
          /error: rank (\d) \(process (\d+) on .*\) has died, and with it the run\n {2}The last checkpoint is (.*)\. Go on/,
        );
        assert.ok(said, stderr);
        assert.deepEqual([Number(said[1]), Number(said[2])], [victim, pids[victim]]);
        assert.ok(existsSync(said[3]!), said[3]);
      }
    },
  );
}

test('processes whose settings or data differ refuse to start, and say in what', {
  skip: whyNot('MPICH'),
  timeout: 120000,
}, async () => {
  const out = at('differ');
  const refused = async (rest: readonly string[], pattern: RegExp) => {
    const first = flat(3, ['batch.micro=1', `run.logEvery=1`]);
    // MPICH's launcher takes several command lines for one launch.
    const { code, stderr } = await start('MPICH', 1, [
      ...first,
      '-o',
      out,
      ':',
      '-n',
      '1',
      process.execPath,
      command,
      ...rest,
    ]).ended;
    assert.notEqual(code, 0);
    assert.match(stderr, pattern);
    assert.equal(existsSync(join(out, 'config.yaml')), false);
  };
  const second = (setting: string, images = at('chests', 'images')) => {
    const [word, , ...rest] = flat(3, ['batch.micro=1', setting]);
    return [word!, images, ...rest, '-o', out];
  };
  await refused(second('seed=4'), /rank 1: expected seed 0 as rank 0 has, found 4/);
  await refused(second('optimizer.rate=0.5'), /rank 1: expected optimizer\.rate 0\.\d+ as rank 0 has, found 0\.5/);
  cpSync(at('chests', 'images'), at('others'), { recursive: true });
  const images = /rank 1: expected data\.source ".*images" as rank 0 has, found ".*others"/;
  await refused(second('run.logEvery=1', at('others')), images);
});

test('what processes cannot share is refused before anything is written', {
  skip: whyNot(any),
  timeout: 120000,
}, async () => {
  const { code, stderr } = await together(any, 2, [...flat(3, ['batch.size=3']), '-o', at('odd')]);
  assert.notEqual(code, 0);
  assert.match(stderr, /2 processes: expected a number that divides the 3 micro-batches of the batch of 3/);
  assert.equal(existsSync(at('odd')), false);
  await assert.rejects(
    alone([...flat(3), '-o', at('lonely'), '--mpi', 'libmpi.so.40']),
    /expected to be started by a launcher of MPI/,
  );
});

/** Waits until some steps are done. */
async function trains(folder: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  const path = join(folder, 'metrics.jsonl');
  while (!over && !(existsSync(path) && /"kind":"train","step":2/.test(readFileSync(path, 'utf8')))) await sleep(20);
}

/** The steps of the checkpoints of a run. */
function steps(folder: string): number[] {
  const names = readdirSync(join(folder, 'checkpoints'));
  return names
    .flatMap((name) => name.match(/^step-(\d+)\./)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
