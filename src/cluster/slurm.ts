/**
 * A script for Slurm's `sbatch` that runs the cells of a benchmark as a job array. Each job takes one cell, or a share
 * of them. Before the time limit a job is asked to stop, writes a checkpoint, and is queued again until its cells are
 * finished.
 */
import { InputError } from '../core/errors.js';

export interface SlurmOptions {
  /** The command line that runs a part of the plan, without `--cell` or `--cells`. */
  readonly command: readonly string[];
  /** Where the command is called; paths in a plan count from there. */
  readonly folder: string;
  /** A folder for what the jobs print. */
  readonly logs: string;
  /** The numbers of the cells to run, from 1. */
  readonly cells: readonly number[];
  /** So many jobs with a share of all cells each; where absent, each cell of `cells` is a job. */
  readonly jobs?: number | undefined;
  /** At most so many jobs run at once. */
  readonly throttle?: number | undefined;
  readonly name?: string | undefined;
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  readonly qos?: string | undefined;
  /** As Slurm has it: minutes, `hours:minutes:seconds` or `days-hours`. */
  readonly time?: string | undefined;
  /** Of a job, such as `8G`. */
  readonly memory?: string | undefined;
  /** Cores of a job. */
  readonly cpus?: number | undefined;
  /** Lines for the shell before the command, such as `module load node`. */
  readonly setup?: readonly string[] | undefined;
}

/** Seconds between the word to stop and the time limit: a step, a look at the validation cases, and a checkpoint. */
const NOTICE = 120;

/** @throws InputError ('config') for a value that Slurm would not take, or where there is no cell to run */
export function slurmScript(options: SlurmOptions): string {
  const { command, folder, logs, cells, jobs, throttle, name = 'cover', partition, account, qos } = options;
  const { time = '04:00:00', memory = '8G', cpus = 4, setup = [] } = options;
  if (cells.length === 0) {
    throw new InputError(
      'config',
      'expected cells without a result, found none: the benchmark is finished',
      'Its report is written by: cover benchmark DIR --report',
    );
  }
  check('--time', time, /^(\d+(:\d+){0,2}|\d+-\d+(:\d+){0,2})$/, '04:00:00 or 2-12');
  check('--memory', memory, /^\d+[KMGT]?$/, '8G');
  for (const [flag, value] of Object.entries({
    '--name': name,
    '--partition': partition,
    '--account': account,
    '--qos': qos,
  })) {
    if (value !== undefined) check(flag, value, /^[\w.,-]+$/, 'a name of letters, digits, ".", "," and "-"');
  }
  const array = `${jobs === undefined ? ranges(cells) : `1-${jobs}`}${throttle ? `%${throttle}` : ''}`;
  const directives = {
    'job-name': name,
    array,
    chdir: quotedPath(folder),
    output: quotedPath(`${logs}/%A_%a.log`),
    'open-mode': 'append',
    partition,
    account,
    qos,
    time,
    mem: memory,
    'cpus-per-task': cpus,
    ntasks: 1,
    signal: `B:TERM@${NOTICE}`,
    requeue: null,
  };
  const lines = Object.entries(directives).flatMap(([key, value]) =>
    value === undefined ? [] : [`#SBATCH --${key}${value === null ? '' : `=${value}`}`],
  );
  const part = jobs === undefined ? '--cell "$SLURM_ARRAY_TASK_ID"' : `--cells "$SLURM_ARRAY_TASK_ID/${jobs}"`;
  return `#!/bin/bash
${lines.join('\n')}

${[...setup, ...(setup.length > 0 ? [''] : [])].join('\n')}# Before the time limit the shell gets SIGTERM: the run writes a checkpoint, and the job is queued again.
stopped=0
trap 'stopped=1; kill -TERM "$run" 2>/dev/null' TERM
${command.map(shellWord).join(' ')} ${part} &
run=$!
wait "$run"
status=$?
while kill -0 "$run" 2>/dev/null; do
  wait "$run"
  status=$?
done
job="\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
# A job that was cancelled is no longer running, and is left alone.
if [ "$stopped" = 1 ] && [ "$status" != 0 ] && [ "$(squeue --noheader --jobs="$job" --format=%T)" = RUNNING ]; then
  scontrol requeue "$job"
fi
exit "$status"
`;
}

/** `[1, 2, 3, 7]` as `1-3,7`. */
export function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function check(flag: string, value: string, pattern: RegExp, example: string): void {
  if (pattern.test(value)) return;
  throw new InputError('config', `${flag}: expected ${example}, found "${value}"`, 'See the manual page of sbatch.');
}

/** In a line of directives quotes hold a path together; a line break would end the line. */
function quotedPath(path: string): string {
  if (/["\n\r\\]/.test(path)) {
    throw new InputError('config', `${path}: a path with quotes or line breaks cannot stand in a script for sbatch`);
  }
  return `"${path}"`;
}

function shellWord(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
