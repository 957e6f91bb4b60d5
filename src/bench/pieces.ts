/**
 * What else a training costs: the start, the views, the wait for them, a checkpoint, and how a step grows with its
 * size.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { sizeOf, tensor } from '../core/tensor.js';
import { initialParameters, parameterCount } from '../nn/index.js';
import { FolderStore } from '../node/folder-store.js';
import { writePhantoms } from '../phantom/index.js';
import { configSchema } from '../pretrain/config.js';
import { checkpointKind } from '../pretrain/kind.js';
import { GROUP, specsOf } from '../pretrain/methods.js';
import type { PlotOptions } from '../report/index.js';
import { coverCommand } from '../system/command.js';
import { RunFolder } from '../train/run-folder.js';
import { saveCheckpoint } from '../train/save-checkpoint.js';
import { defaultViewOptions, drawViews, viewImageShape } from '../views/index.js';
import { kernels } from './kernels.js';
import { scaling } from './scaling.js';

export interface Piece {
  readonly lines: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly plots?: readonly PlotOptions[];
}

/** Each measurement by its name on the command line. */
export const pieces: Readonly<Record<string, () => Promise<Piece>>> = {
  start,
  views,
  wait,
  checkpoint,
  scaling,
  kernels,
};

/** From the command to the end of step 1, less that step, on images that are cached. */
async function start(): Promise<Piece> {
  return inFolder(async (folder) => {
    await writePhantoms(join(folder, 'images'), 32, { size: [256, 256], seed: 0 });
    const settings = ['schedule.steps=1', 'data.validationImages=0', `data.cache=${join(folder, 'cache')}`];
    await pretrainRun(folder, 'first', settings);
    const began = performance.now();
    let ended = 0;
    await pretrainRun(folder, 'second', settings, () => {
      ended ||= performance.now();
    });
    const step = trainRecords(folder, 'second')[0]!.seconds;
    const seconds = (ended - began) / 1000 - step;
    return {
      lines: [`start: ${seconds.toFixed(2)} s from the command to the first step (data cached, no validation)`],
      values: { seconds },
    };
  });
}

/** Views per second that one thread makes, from images 1.5 times the crop. */
async function views(): Promise<Piece> {
  const values: Record<string, number> = {};
  for (const crop of [
    [384, 384],
    [96, 96, 96],
  ]) {
    const options = defaultViewOptions(crop);
    const shape = viewImageShape(options);
    const random = randomStream(0, 'bench');
    const image = tensor(
      [1, ...shape],
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(0, 1)),
    );
    drawViews(image, options, random);
    const began = performance.now();
    let count = 0;
    while (performance.now() - began < 5000) {
      drawViews(image, options, random);
      count++;
    }
    values[`${crop.length}d`] = count / ((performance.now() - began) / 1000);
  }
  return {
    lines: [
      `views: ${values['2d']!.toFixed(1)} per second and core (384² from 576²), ${values['3d']!.toFixed(2)} (96³ from 144³)`,
    ],
    values,
  };
}

/** The share of its time that a training waits for views, with one loader worker. */
async function wait(): Promise<Piece> {
  return inFolder(async (folder) => {
    await writePhantoms(join(folder, 'images'), 32, { size: [256, 256], seed: 0 });
    await pretrainRun(folder, 'run', ['schedule.steps=25', 'data.validationImages=0']);
    const shares = trainRecords(folder, 'run')
      .slice(5)
      .map(({ dataWaitShare }) => dataWaitShare);
    const share = shares.reduce((sum, value) => sum + value, 0) / shares.length;
    return {
      lines: [`wait: ${(100 * share).toFixed(2)} % of the time (128², batch 4, steps 6 to 25)`],
      values: { share },
    };
  });
}

/** Writing a checkpoint of the default network with Adam's moments. */
async function checkpoint(): Promise<Piece> {
  return inFolder(async (folder) => {
    const config = configSchema.parse({});
    const specs = specsOf(config);
    const count = parameterCount(specs);
    const state = new Map([
      [`${GROUP}.theta`, initialParameters(specs, 0)],
      [`${GROUP}.firstMoment`, new Float32Array(count).fill(1)],
      [`${GROUP}.secondMoment`, new Float32Array(count).fill(1)],
    ]);
    const run = new RunFolder(new FolderStore(folder));
    const times: number[] = [];
    let path = '';
    for (let step = 1; step <= 5; step++) {
      const began = performance.now();
      path = await saveCheckpoint(run, { step, config, best: null, state }, checkpointKind);
      times.push(performance.now() - began);
    }
    const milliseconds = times.sort((a, b) => a - b)[2]!;
    const megabytes = statSync(path).size / 1e6;
    return {
      lines: [`checkpoint: ${milliseconds.toFixed(0)} ms for ${megabytes.toFixed(1)} MB`],
      values: { milliseconds, megabytes },
    };
  });
}

async function inFolder(measure: (folder: string) => Promise<Piece>): Promise<Piece> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `cover pretrain` on `images`, in a process of its own; `onStep` hears of every line that tells a step. */
function pretrainRun(folder: string, name: string, settings: readonly string[], onStep?: () => void): Promise<void> {
  const options = [...settings, 'run.logEvery=1'].flatMap((setting) => ['--set', setting]);
  const child = spawn(process.execPath, [
    coverCommand(),
    'pretrain',
    join(folder, 'images'),
    '-o',
    join(folder, name),
    ...options,
  ]);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (/^step /m.test(chunk.toString())) onStep?.();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new InputError('bench', `cover pretrain ended with code ${code}: ${said.trim()}`));
    });
  });
}

function trainRecords(folder: string, name: string): { readonly seconds: number; readonly dataWaitShare: number }[] {
  return readFileSync(join(folder, name, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; seconds: number; dataWaitShare: number })
    .filter(({ kind }) => kind === 'train');
}
