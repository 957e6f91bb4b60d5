/** The script for sbatch: its directives, what a shell makes of it, and what is refused. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { InputError } from '../core/errors.js';
import { ranges, slurmScript } from './slurm.js';

const base = {
  command: ['echo', "it's", 'a b'],
  folder: '/data/my study',
  logs: '/data/out/slurm',
  cells: [1, 2, 3, 7],
};

test('numbers as ranges', () => {
  assert.equal(ranges([7, 1, 2, 3, 3]), '1-3,7');
  assert.equal(ranges([5]), '5');
});

test('directives of an array over cells, and over shares', () => {
  const script = slurmScript({ ...base, throttle: 2, partition: 'short', time: '1-12', memory: '500M', cpus: 2 });
  assert.match(
    script,
    /^#!\/bin\/bash\n#SBATCH --job-name=cover\n#SBATCH --array=1-3,7%2\n#SBATCH --chdir="\/data\/my study"\n/,
  );
  for (const line of ['partition=short', 'time=1-12', 'mem=500M', 'cpus-per-task=2', 'signal=B:TERM@120', 'requeue']) {
    assert.ok(script.includes(`\n#SBATCH --${line}\n`), line);
  }
  assert.doesNotMatch(script, /account|qos/);
  assert.match(slurmScript({ ...base, jobs: 5 }), /--array=1-5\n[\s\S]*--cells "\$SLURM_ARRAY_TASK_ID\/5"/);
});

test('a shell runs the command with its words whole, and ends with its status', {
  skip: process.platform === 'win32',
}, () => {
  const run = (command: readonly string[]) =>
    spawnSync('bash', ['-c', slurmScript({ ...base, command, setup: ['word=ready'] })], {
      env: { ...process.env, SLURM_ARRAY_JOB_ID: '9', SLURM_ARRAY_TASK_ID: '3' },
      encoding: 'utf8',
    });
  assert.equal(run(base.command).stdout, "it's a b --cell 3\n");
  assert.equal(run(['sh', '-c', 'exit 4']).status, 4);
});

test('what Slurm would not take, or would take for something else, is refused', () => {
  const refused = (options: object, pattern: RegExp) =>
    assert.throws(
      () => slurmScript({ ...base, ...options }),
      (error) => error instanceof InputError && pattern.test(error.message),
    );
  refused({ time: 'a day' }, /--time: expected 04:00:00 or 2-12, found "a day"/);
  refused({ memory: '8 GB' }, /--memory: expected 8G/);
  refused({ partition: 'short\n#SBATCH --uid=0' }, /--partition: expected a name/);
  refused({ folder: 'a"b' }, /quotes or line breaks/);
  refused({ cells: [] }, /the benchmark is finished/);
});
