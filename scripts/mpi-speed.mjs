// How fast several processes train together: `node scripts/mpi-speed.mjs [--ranks 2] [--launcher mpirun.openmpi]
// [--crop 128,128] [--batch 2] [--steps 8] [--threads 1]`, after `npm run build`, on a quiet machine. A step of so many
// ranks is set against one of a single process with all their threads; what MPI takes of it and the bytes that each
// rank sends are as the run's own log has them. From these a model tells what a network would do. Prints a table, and
// JSON with --json.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePhantoms } from '../dist/phantom/index.js';

const { values } = parseArgs({
  options: {
    ranks: { type: 'string', default: '2' },
    launcher: { type: 'string', default: 'mpirun.openmpi' },
    crop: { type: 'string', default: '128,128' },
    batch: { type: 'string', default: '2' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [ranks, batch, steps, threads] = [values.ranks, values.batch, values.steps, values.threads].map(Number);
const crop = values.crop.split(',').map(Number);
const command = join(import.meta.dirname, '../dist/program/cover.js');
const root = mkdtempSync('/tmp/cover-mpi-speed-');
/** Steps before the measured ones. */
const WARM = 2;

try {
  const size = crop.map((extent) => Math.ceil(extent * 1.5));
  await writePhantoms(join(root, 'data'), 6, { size, seed: 1, validationShare: 0 });
  const one = train('one', [], [`threads=${ranks * threads}`]);
  const openmpi = values.launcher.includes('openmpi') ? ['--oversubscribe', '--bind-to', 'none'] : [];
  const several = train('several', [values.launcher, ...openmpi, '-n', String(ranks)], [`threads=${threads}`]);
  report(one, several);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** Trains, and gives the median over the measured steps. */
function train(name, launcher, more) {
  const settings = [
    `views.crop=[${crop}]`,
    `batch.size=${batch}`,
    `schedule.steps=${steps + WARM}`,
    'schedule.warmup=1',
    'run.validateEvery=1000',
    'run.checkpointEvery=1000',
    `data.cache=${root}/cache`,
    ...more,
  ];
  const out = join(root, name);
  const args = [
    command,
    'pretrain',
    join(root, 'data/images'),
    '-o',
    out,
    ...settings.flatMap((one) => ['--set', one]),
  ];
  const [program, ...rest] = [...launcher, process.execPath, ...args];
  const env = { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
  execFileSync(program, rest, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const measured = lines.filter(({ kind, step }) => kind === 'train' && step > WARM);
  const median = (key) => {
    const sorted = measured.map((line) => line[key] ?? 0).sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  };
  return {
    seconds: median('seconds'),
    mpiSeconds: median('communicationSeconds'),
    bytes: median('communicationBytes'),
  };
}

/**
 * A step on n hosts, each with one process that computes as here: the time that this one computes, and for each rank's
 * bytes, 2 (n - 1) / n times the gradient, the time on the wire. Assumed: every host sends and receives at the line's
 * rate at once, a switch that does not block, 20 µs for a message to each host, and hosts of equal speed, so that none
 * waits.
 */
function model(compute, gradientBytes, hosts, bitsPerSecond) {
  const wire = (2 * ((hosts - 1) / hosts) * gradientBytes * 8) / bitsPerSecond;
  const chunks = Math.ceil(gradientBytes / 2 ** 24);
  const seconds = compute + wire + 2 * chunks * (hosts - 1) * 20e-6;
  return { hosts, seconds, efficiency: compute / seconds };
}

function report(one, several) {
  const compute = several.seconds - several.mpiSeconds;
  const gradientBytes = (several.bytes * ranks) / (2 * (ranks - 1));
  const networks = Object.fromEntries(
    [10, 100].map((gigabits) => [
      `${gigabits} GbE`,
      [2, 4, 8, 16].map((hosts) => model(compute, gradientBytes, hosts, gigabits * 1e9)),
    ]),
  );
  const result = {
    ranks,
    threads,
    crop,
    batch,
    steps,
    launcher: values.launcher,
    one,
    several,
    gradientBytes,
    networks,
  };
  if (values.json) {
    console.log(JSON.stringify(result, null, 2));
    return;
  }
  const ms = (seconds) => `${(seconds * 1000).toFixed(0)} ms`;
  console.log(`crop ${crop.join(' x ')}, batch ${batch}: median of ${steps} steps`);
  console.log(`one process, ${ranks * threads} threads       ${ms(one.seconds)}`);
  console.log(`${ranks} ranks of ${threads} threads            ${ms(several.seconds)}`);
  console.log(`  of it in MPI, waiting included  ${((100 * several.mpiSeconds) / several.seconds).toFixed(1)} %`);
  console.log(`  sent by a rank in a step        ${(several.bytes / 1e6).toFixed(1)} MB`);
  console.log('\nmodel: hosts that each compute as a rank does here');
  for (const [network, rows] of Object.entries(networks)) {
    for (const { hosts, seconds, efficiency } of rows) {
      console.log(
        `${network.padEnd(8)} ${String(hosts).padStart(2)} hosts  ${ms(seconds).padStart(8)}  ${(100 * efficiency).toFixed(0)} %`,
      );
    }
  }
}
