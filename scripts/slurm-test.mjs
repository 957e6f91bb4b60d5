// A benchmark as a job array of a real Slurm: `node --test scripts/slurm-test.mjs`, as root, after `npm run build`.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSlurm, whyNoSlurm } from './slurm.mjs';

const command = join(import.meta.dirname, '../dist/program/cover.js');
const skip = whyNoSlurm() ?? false;
if (skip) console.log(`skipped: no Slurm can be started here: ${skip}`);
const root = mkdtempSync('/tmp/cover-slurm-test-');
const data = join(root, 'phantoms');
let slurm;

before(async () => {
  if (skip) return;
  const { writePhantoms } = await import('../dist/phantom/index.js');
  await writePhantoms(data, 8, { size: [48, 48], seed: 1, validationShare: 0.25 });
  const { train, ...splits } = JSON.parse(readFileSync(join(data, 'splits.json'), 'utf8'));
  writeFileSync(join(data, 'splits.json'), JSON.stringify({ ...splits, test: train.splice(3), train }));
  slurm = await startSlurm();
});
after(async () => {
  await slurm?.stop();
  rmSync(root, { recursive: true, force: true });
});

const run = (program, ...args) => execFileSync(program, args, { env: slurm.env, cwd: root, encoding: 'utf8' });
const cover = (...args) => run(process.execPath, command, ...args);

/** Writes a plan of `seeds` cells and returns the arguments that name it and its folder. */
function plan(name, seeds, steps) {
  const settings = {
    model: { channels: [8, 8, 8, 8, 8, 8, 8, 8, 8] },
    data: { size: [16, 16], workers: 0 },
    batch: { size: 1 },
    schedule: { steps, warmup: 1 },
    run: { validateEvery: steps, checkpointEvery: 50, logEvery: 1 },
    threads: 1,
  };
  const content = { initialisations: { scratch: 'scratch' }, tasks: { chests: { data: 'phantoms' } }, cases: [1] };
  writeFileSync(join(root, `${name}.yaml`), JSON.stringify({ ...content, seeds, settings }));
  return [`${name}.yaml`, '-o', name];
}

/** Submits the plan's script; returns the number of the job. */
function submit(args, ...more) {
  const said = cover('slurm', ...args, '--cpus', '1', '--memory', '400M', '--time', '10', ...more);
  const script = said.match(/sbatch (\S+)/)[1];
  return run('sbatch', '--parsable', script).trim();
}

async function until(what, happened, seconds = 90) {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    if (happened()) return;
    await sleep(200);
  }
  const logs = existsSync(slurm.folder) ? readFileSync(join(slurm.folder, 'slurmctld.log'), 'utf8').slice(-2000) : '';
  assert.fail(`${what}: not within ${seconds} s\n${run('squeue', '--all')}\n${logs}`);
}

const queued = (job) =>
  run('squeue', '--noheader', `--jobs=${job}`, '--states=PENDING,RUNNING,COMPLETING').trim() !== '';
const states = (args) =>
  cover('benchmark', ...args, '--cells')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/)[1]);
const metrics = (name, seed) => join(root, name, 'cells/chests/scratch/cases-1', `seed-${seed}`, 'metrics.jsonl');
const lines = (path) => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').length : 0);

test('an array runs every cell once, and the report has them all', { skip }, async () => {
  const args = plan('grid', [0, 1, 2, 3], 3);
  const job = submit(args, '--throttle', '2');
  await until('the array ends', () => !queued(job));
  assert.deepEqual(states(args), ['finished', 'finished', 'finished', 'finished']);
  assert.match(readFileSync(join(root, 'grid/report.html'), 'utf8'), /4 of 4 finished/);
  const logs = readdirSync(join(root, 'grid/slurm'));
  assert.deepEqual(
    logs.sort(),
    [1, 2, 3, 4].map((cell) => `${job}_${cell}.log`),
  );
  assert.match(readFileSync(join(root, 'grid/slurm', logs[0]), 'utf8'), /chests, scratch, 1 case, seed 0/);
  assert.throws(() => cover('slurm', ...args), /the benchmark is finished/);
});

test('shares: two jobs run five cells', { skip }, async () => {
  const args = plan('shares', [0, 1, 2, 3, 4], 3);
  const job = submit(args, '--jobs', '2');
  await until('the array ends', () => !queued(job));
  assert.deepEqual(new Set(states(args)), new Set(['finished']));
});

test('the signal before the time limit writes a checkpoint; the job is queued again and goes on', {
  skip,
}, async () => {
  const args = plan('limit', [0], 600);
  const job = submit(args);
  await until('some steps', () => lines(metrics('limit', 0)) > 5);
  // What Slurm does 120 s before the limit.
  run('scancel', '--batch', '--signal=TERM', `${job}_1`);
  await until('the job is queued again', () =>
    /PENDING/.test(run('squeue', '--noheader', `--jobs=${job}`, '--format=%T')),
  );
  assert.deepEqual(states(args), ['begun']);
  // Slurm lets a job that is queued again wait for two minutes: its node refuses the new credential of a job whose old
  // one was revoked within the same seconds.
  await sleep(5000);
  run('scontrol', 'update', `JobId=${job}_1`, 'StartTime=now');
  await until('the cell is finished', () => states(args)[0] === 'finished', 120);
  const log = readFileSync(join(root, 'limit/slurm', `${job}_1.log`), 'utf8');
  assert.match(log, /Stopping after this step/);
  const steps = readFileSync(metrics('limit', 0), 'utf8').trim().split('\n').map(JSON.parse);
  const trained = steps.filter(({ kind }) => kind === 'train').map(({ step }) => step);
  assert.deepEqual(
    trained,
    Array.from({ length: 600 }, (_, index) => index + 1),
  );
});

test('a job that is cancelled is not queued again', { skip }, async () => {
  const job = submit(plan('cancelled', [0], 3000));
  await until('some steps', () => lines(metrics('cancelled', 0)) > 5);
  run('scancel', job);
  await until('the job is gone', () => !queued(job));
  await sleep(2000);
  assert.equal(queued(job), false);
});

test('a process that is killed leaves a cell that the next array finishes', { skip }, async () => {
  const args = plan('killed', [0], 600);
  const job = submit(args);
  await until('some steps', () => lines(metrics('killed', 0)) > 5);
  const { pid } = JSON.parse(readFileSync(join(root, 'killed/cells/chests/scratch/cases-1/seed-0.lock'), 'utf8'));
  process.kill(pid, 'SIGKILL');
  await until('the job ends', () => !queued(job));
  const next = submit(args);
  await until('the next array ends', () => !queued(next));
  assert.deepEqual(states(args), ['finished']);
});

test('srun --mpi=pmix starts a pretraining in two processes, with the bytes of one', { skip }, async (context) => {
  // A plugin that is listed may still lack its library.
  const pmix = spawnSync('srun', ['--mpi=pmix', 'true'], { env: slurm.env, cwd: root, encoding: 'utf8' });
  if (
    /can not load PMIx|Invalid MPI type/.test(pmix.stderr) ||
    spawnSync('mpirun.openmpi', ['--version']).status !== 0
  ) {
    context.skip('Slurm without PMIx, or no Open MPI (Debian: apt-get install openmpi-bin libpmix-dev)');
    return;
  }
  const small = ['model.channels=[8,8,8,8,8,8,8,8,8]', 'views.crop=[32,32]', 'data.workers=0', 'threads=1'];
  const settings = [...small, 'schedule.steps=3', 'schedule.warmup=1', 'batch.size=4', 'batch.micro=1'];
  const args = [command, 'pretrain', 'phantoms/images', ...settings.flatMap((setting) => ['--set', setting])];
  cover(...args.slice(1), '-o', 'one');
  const said = run('srun', '--mpi=pmix', '-n', '2', '--overcommit', process.execPath, ...args, '-o', 'two');
  assert.match(said, /2 processes with Open MPI/);
  const checkpoint = (name) => readFileSync(join(root, name, 'checkpoints/step-00000003.safetensors'));
  assert.ok(checkpoint('two').equals(checkpoint('one')));
});
