// What a graphics card does with this project, in at most ten minutes: the golden cases in 2D and 3D, the training step
// in full and in mixed precision beside PyTorch's on the same card, on CUDA where it starts, where the time goes, and a
// short pretraining. Writes one JSON; a stage that fails or runs out of time is recorded, and the next one starts.
//
// node scripts/gpu.mjs [--out gpu.json] [--golden golden-data/operators] [--seconds 580] [--stages facts,golden,…]
// [--cases 2d-384-b8,3d-64-b2] [--precisions full] [--operators 'mul,channels last'] [--small]
//
// `--small` takes tiny sizes, for a driver that imitates a card. It runs what is built: `npm run build` comes before.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writePhantoms } from '../dist/phantom/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: 'gpu.json' },
    golden: { type: 'string', default: join(root, 'golden-data', 'operators') },
    seconds: { type: 'string', default: '580' },
    stages: { type: 'string' },
    cases: { type: 'string' },
    precisions: { type: 'string', default: 'full,mixed' },
    operators: { type: 'string' },
    small: { type: 'boolean', default: false },
  },
});
const out = resolve(flags.out);
const started = performance.now();
const left = () => Number(flags.seconds) * 1000 - (performance.now() - started);
const report = { began: new Date().toISOString(), seconds: 0, stages: {} };
const scratch = mkdtempSync(join(tmpdir(), 'cover-gpu-'));

/** Runs a program with a limit and gives what it wrote; never throws. */
function execute(command, args, { seconds, stop = 'SIGKILL', env = {} }) {
  return new Promise((settle) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { out: '', err: '' };
    let late = false;
    child.stdout.on('data', (chunk) => {
      text.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      text.err = (text.err + chunk).slice(-4000);
    });
    const limit = () => {
      late = true;
      child.kill(stop);
    };
    const timers = [setTimeout(limit, Math.min(seconds * 1000, Math.max(left(), 1000)))];
    if (stop !== 'SIGKILL') timers.push(setTimeout(() => child.kill('SIGKILL'), (seconds + 20) * 1000));
    const end = (code, problem) => {
      for (const timer of timers) clearTimeout(timer);
      settle({ code, late, out: text.out, err: problem ?? text.err.trim() });
    };
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code) => end(code));
  });
}

const node = (script, args, limits) => execute(process.execPath, [join(root, script), ...args], limits);

/** A measurement that ends with a line of JSON, or what went wrong. */
async function measured(command, args, seconds) {
  const { code, late, out: text, err } = await execute(command, args, { seconds });
  if (late) return { problem: `not done after ${seconds} s`, err: err.slice(-500) };
  try {
    return JSON.parse(text.trim().split('\n').at(-1));
  } catch {
    return { problem: `ended with code ${code}`, err: err.slice(-1500) };
  }
}

const step = (wanted, seconds) =>
  measured(process.execPath, [join(root, 'scripts/gpu/step.mjs'), JSON.stringify(wanted)], seconds);

const tiny = { channels: [8, 8, 8, 8, 8, 8, 8, 8, 8], runs: 1 };
const nameOf = ({ dims, size, batch }) => `${dims}d-${size}-b${batch}`;
const all = flags.small
  ? [
      { dims: 2, size: 32, batch: 1, ...tiny },
      { dims: 3, size: 16, batch: 1, ...tiny },
    ]
  : [
      { dims: 2, size: 384, batch: 8 },
      { dims: 3, size: 64, batch: 2 },
      { dims: 2, size: 128, batch: 4 },
      { dims: 2, size: 256, batch: 4 },
    ];
const chosenOf = (option, text, known) => {
  const wanted = text.split(',');
  const other = wanted.find((one) => !known.includes(one));
  if (other === undefined) return wanted;
  console.error(`--${option}: expected some of ${known.join(', ')}, found ${other}`);
  process.exit(1);
};
const precisions = chosenOf('precisions', flags.precisions, ['full', 'mixed']);
const names = all.map(nameOf);
const asked = flags.cases === undefined ? names : chosenOf('cases', flags.cases, names);
const cases = all.filter((one) => asked.includes(nameOf(one)));
const python = process.env.PYTHON ?? 'python3';

/** A step of every size in each precision; mixed where the device has float16. */
async function stepsOn(device) {
  const rows = {};
  for (const size of cases) {
    rows[nameOf(size)] = {};
    for (const precision of precisions) {
      const wanted = { device, precision, runs: 12, seconds: size.dims === 3 ? 40 : 15, ...size };
      const row = await step(wanted, flags.small ? 300 : 45);
      rows[nameOf(size)][precision] = row;
      save();
    }
  }
  return rows;
}

async function goldenOn(device, names, seconds) {
  const args = [flags.golden, ...names, '--device', device];
  const { late, out: text, err } = await node('dist/testing/golden/main.js', args, { seconds });
  const lines = text.split('\n');
  return {
    passed: lines.filter((line) => line.startsWith('ok ')).length,
    failed: lines.filter((line) => line.startsWith('FAIL')),
    ended: !late,
    ...(lines.length < 3 && { err }),
    lines,
  };
}

/** The stages in their order: each gives what it found. */
const stages = {
  async facts() {
    const read = async (command, args) => {
      const { code, out: text, err } = await execute(command, args, { seconds: 30 });
      return code === 0 ? text.trim() : `${command}: ${err.slice(-300) || `code ${code}`}`;
    };
    const query = '--query-gpu=name,driver_version,memory.total,clocks.max.sm,power.limit';
    return {
      machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.version,
      card: await read('nvidia-smi', [query, '--format=csv,noheader']),
      torch: await read(python, ['-c', 'import torch; print(torch.__version__, torch.cuda.is_available())']),
    };
  },

  /** Does the device start at all: everything that follows needs it. */
  async start() {
    const found = await step({ device: 'webgpu', dims: 2, size: 16, batch: 1, channels: tiny.channels, runs: 1 }, 120);
    return found;
  },

  async steps() {
    return stepsOn('webgpu');
  },

  /** Told from the graph alone. */
  async passes() {
    const rows = {};
    for (const size of cases) {
      for (const precision of precisions) {
        const wanted = JSON.stringify({ ...size, precision });
        const args = [join(root, 'scripts/gpu/passes.mjs'), wanted];
        rows[`${nameOf(size)} ${precision}`] = await measured(process.execPath, args, 60);
      }
    }
    return rows;
  },

  async cuda() {
    const started = await step({ device: 'cuda', dims: 2, size: 16, batch: 1, channels: tiny.channels, runs: 1 }, 60);
    if (started.problem) return started;
    const names = flags.small ? ['A_conv2d'] : ['A_', 'B_warp', 'C_mov', 'H_'];
    const golden = await goldenOn('cuda', names, 60);
    return { golden, ...(await stepsOn('cuda')) };
  },

  async torch() {
    const rows = {};
    for (const { dims, size, batch } of cases) {
      const args = [
        '--dims',
        dims,
        '--size',
        size,
        '--batch',
        batch,
        '--steps',
        flags.small ? 1 : 20,
        '--device',
        flags.small ? 'cpu' : 'cuda',
      ];
      const row = {};
      for (const products of flags.small ? ['default'] : ['default', 'ieee']) {
        const script = [join(root, 'bench/pytorch.py'), ...args.map(String), '--products', products];
        row[products] = await measured(python, script, flags.small ? 200 : 60);
      }
      rows[nameOf({ dims, size, batch })] = row;
    }
    return rows;
  },

  async profile() {
    const rows = {};
    for (const size of cases) {
      for (const precision of precisions) {
        const wanted = { device: 'webgpu', precision, profile: true, ...size, runs: 3, seconds: 20 };
        rows[`${nameOf(size)} ${precision}`] = await step(wanted, flags.small ? 300 : 60);
        save();
      }
    }
    return rows;
  },

  async operators() {
    const script = join(root, 'scripts/gpu/operators.mjs');
    const small = ['mul', 'channels last', 'conv 3D 32-32 @64', "conv 3D 32-32 @64: the runtime's"];
    const few = flags.operators?.split(',') ?? (flags.small ? small : []);
    return measured(process.execPath, [script, 'webgpu', flags.small ? '16' : '1', ...few], flags.small ? 300 : 90);
  },

  async golden() {
    return goldenOn('webgpu', flags.small ? ['A_conv2d', 'A_conv3d', 'A_upsample'] : [], flags.small ? 100 : 120);
  },

  async settings() {
    const tried = {
      exact: {},
      bucket: { storageBufferCacheMode: 'bucket' },
      nchw: { preferredLayout: 'NCHW' },
      unchecked: { validationMode: 'disabled' },
    };
    const rows = {};
    for (const size of cases.filter(({ dims }) => dims === 2)) {
      for (const [name, session] of Object.entries(tried)) {
        const wanted = { device: 'webgpu', runs: 8, seconds: 12, ...size, session };
        rows[`${nameOf(size)} ${name}`] = await step(wanted, flags.small ? 300 : 30);
        save();
      }
    }
    return rows;
  },

  async pretrain() {
    const images = join(scratch, 'images');
    await writePhantoms(images, 32, { size: [256, 256], seed: 0 });
    const settings = flags.small
      ? ['model.channels=[8,8,8,8,8,8,8,8,8]', 'views.crop=[32,32]', 'batch.size=1', 'schedule.steps=2']
      : ['views.crop=[128,128]', 'batch.size=8', 'schedule.steps=100000'];
    const set = ['device=webgpu', 'data.validationImages=4', ...settings].flatMap((setting) => ['--set', setting]);
    const seconds = flags.small ? 300 : Math.min(300, Math.max(20, left() / 1000 - 30));
    const run = join(scratch, 'run');
    const { code, err } = await node('dist/program/cover.js', ['pretrain', images, '-o', run, ...set], {
      seconds,
      stop: 'SIGINT',
    });
    const metrics = join(run, 'metrics.jsonl');
    const records = existsSync(metrics)
      ? readFileSync(metrics, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
    const kept = records.filter(
      (_, index) => index % Math.ceil(records.length / 60) === 0 || index === records.length - 1,
    );
    return { code, steps: records.length, records: kept, err: err.slice(-800) };
  },
};

function save() {
  report.seconds = Math.round((performance.now() - started) / 100) / 10;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.tmp`, `${JSON.stringify(report, null, 1)}\n`);
  renameSync(`${out}.tmp`, out);
}

/** What matters most comes first: time may run out. */
const ORDER = 'facts,start,golden,steps,torch,profile,operators,cuda,settings,passes,pretrain';
const chosen = (flags.stages ?? ORDER).split(',');
try {
  for (const name of chosen) {
    if (!stages[name]) throw new Error(`there is no stage ${name}; there are ${Object.keys(stages).join(', ')}`);
    if (left() < 5000) {
      report.stages[name] = { problem: 'no time was left' };
      continue;
    }
    const from = performance.now();
    let found;
    try {
      found = await stages[name]();
    } catch (error) {
      found = { problem: error.message };
    }
    report.stages[name] = { tookSeconds: Math.round((performance.now() - from) / 100) / 10, ...found };
    save();
    const brief = JSON.stringify(report.stages[name], (key, value) =>
      ['lines', 'profile', 'records'].includes(key) ? undefined : value,
    );
    console.log(`${name}: ${brief.slice(0, 1500)}`);
  }
} finally {
  save();
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`written: ${out}`);
