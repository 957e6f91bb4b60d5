// Kills runs again and again and looks whether they end as if nothing had happened.
//
//   npm run build && node scripts/torture.mjs [--kills 200] [--seed 0] [--only pretrain-2d]
//
// Each of six runs (pretraining, fine-tuning and a benchmark, of images and of volumes) is made once without a break.
// Then it is begun anew and killed by SIGKILL at random moments, by the clock or as soon as a temporary file is there,
// and continued by the same command or by --resume, until it ends. Counted are the kills, the dead ends (a command that
// neither goes on nor says that the run is finished) and the runs whose last checkpoint has other bytes than the
// unbroken one.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomStream } from '../dist/core/random.js';
import { writePhantoms } from '../dist/phantom/index.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});
const wanted = Number(values.kills);
const random = randomStream(Number(values.seed), 'torture');
const command = resolve(fileURLToPath(new URL('../dist/program/cover.js', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'cover-torture-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const set = (...settings) => settings.flatMap((setting) => ['--set', setting]);
const small = ['model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]', 'threads=1', 'data.workers=1', 'batch.size=1'];
const paced = ['schedule.steps=16', 'run.validateEvery=4', 'run.checkpointEvery=2'];

const kinds = {};
for (const [dims, size, crop] of [
  ['2d', [48, 48], '[32, 32]'],
  ['3d', [24, 28, 24], '[16, 16, 16]'],
]) {
  const data = join(folder, `phantoms-${dims}`);
  await writePhantoms(data, 8, { size, seed: 1, validationShare: 0.25 });
  const cache = `data.cache=${join(folder, `cache-${dims}`)}`;
  kinds[`pretrain-${dims}`] = {
    begin: (run) => ['pretrain', data, '-o', run, ...set(...small, ...paced, cache, `views.crop=${crop}`)],
    goOn: (run) => ['pretrain', '-o', run, '--resume'],
    checkpoints: (run) => join(run, 'checkpoints'),
  };
  const views = dims === '2d' ? [`data.size=${crop}`] : [`views.crop=${crop}`];
  kinds[`finetune-${dims}`] = {
    begin: (run) => ['finetune', data, '-o', run, '--from', 'scratch', ...set(...small, ...paced, ...views)],
    goOn: (run) => ['finetune', '-o', run, '--resume'],
    checkpoints: (run) => join(run, 'checkpoints'),
  };
  const plan = join(folder, `plan-${dims}.yaml`);
  const lines = [...small, ...paced, ...views].map((setting) => setting.split('='));
  const settings = {};
  for (const [key, text] of lines) {
    const [section, name] = key.split('.');
    if (name) settings[section] = { ...settings[section], [name]: JSON.parse(text) };
    else settings[section] = JSON.parse(text);
  }
  const content = {
    initialisations: { scratch: 'scratch' },
    tasks: { chest: { data, split: 'validation', settings } },
    cases: [2],
    seeds: [0],
  };
  writeFileSync(plan, JSON.stringify(content));
  const benchmark = (run) => ['benchmark', plan, '-o', run];
  kinds[`benchmark-${dims}`] = { begin: benchmark, goOn: benchmark, checkpoints: cellOf };
}

/** The folder of the checkpoints of a benchmark's only cell. */
function cellOf(run) {
  const found = existsSync(run) ? readdirSync(run, { recursive: true }).map(String) : [];
  return join(run, found.find((name) => name.endsWith('checkpoints')) ?? 'none');
}

/** Runs the command to its end, or kills it at the moment that is asked for. */
function start(argv, killAt) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [command, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
    let printed = '';
    child.stderr.on('data', (text) => {
      printed += text;
    });
    const timers = killAt ? killAt(() => child.kill('SIGKILL')) : [];
    child.on('exit', (code, signal) => {
      timers.forEach(clearInterval);
      done({ code, killed: signal === 'SIGKILL', printed });
    });
  });
}

/** By the clock, or once a temporary file is seen. */
function moment(run, longest) {
  const after = random.uniform(0, longest);
  if (random.uniform() < 0.6) return (kill) => [setTimeout(kill, after)];
  const seen = () =>
    existsSync(run) && readdirSync(run, { recursive: true }).some((name) => String(name).endsWith('.tmp'));
  return (kill) => [setInterval(() => seen() && kill(), 2), setTimeout(kill, longest)];
}

/** The bytes that a run ends with. */
function digest(checkpoints) {
  const names = readdirSync(checkpoints).filter((name) => name.endsWith('.safetensors'));
  const hash = createHash('sha256');
  for (const name of names.sort()) hash.update(name).update(readFileSync(join(checkpoints, name)));
  return hash.digest('hex');
}

const chosen = Object.entries(kinds).filter(([name]) => !values.only || name.startsWith(values.only));
const unbroken = {};
for (const [name, { begin, checkpoints }] of chosen) {
  const run = join(folder, `${name}-whole`);
  const began = performance.now();
  const { code, printed } = await start(begin(run));
  if (code !== 0) throw new Error(`${name} does not run at all: ${printed}`);
  unbroken[name] = { bytes: digest(checkpoints(run)), longest: performance.now() - began };
}

const tally = Object.fromEntries(chosen.map(([name]) => [name, { kills: 0, runs: 0, deadEnds: 0, other: 0 }]));
let kills = 0;
for (let round = 0; kills < wanted; round++) {
  const [name, kind] = chosen[round % chosen.length];
  const count = tally[name];
  const run = join(folder, `${name}-${round}`);
  let begun = false;
  for (let attempt = 0; ; attempt++) {
    const last = kills >= wanted || attempt >= 6;
    // Before a run has begun, only its own command can begin it.
    const argv = begun && random.uniform() < 0.7 ? kind.goOn(run) : kind.begin(run);
    let result = await start(argv, last ? undefined : moment(run, unbroken[name].longest));
    if (result.killed) {
      kills++;
      count.kills++;
      begun = existsSync(join(run, 'config.yaml'));
      continue;
    }
    // A run with a checkpoint is continued by --resume alone, and says so.
    if (result.code !== 0 && /Use --resume/.test(result.printed)) result = await start(kind.goOn(run));
    if (result.code !== 0) {
      count.deadEnds++;
      console.log(`${name}, attempt ${attempt + 1}: ${argv.join(' ')}\n${result.printed}`);
    } else if (digest(kind.checkpoints(run)) !== unbroken[name].bytes) {
      count.other++;
      console.log(`${name}: the run of round ${round} ended with other bytes`);
    }
    break;
  }
  count.runs++;
  rmSync(run, { recursive: true, force: true });
}
console.table(tally);
const bad = Object.values(tally).reduce((sum, { deadEnds, other }) => sum + deadEnds + other, 0);
console.log(`${kills} kills, ${bad} runs that did not end as if nothing had happened`);
process.exitCode = bad > 0 ? 1 : 0;
