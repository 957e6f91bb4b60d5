/**
 * For tests of whole runs: a folder of phantoms, radiographs or volumes, settings of a run of seconds, and the command.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waited } from '../cli/fixtures/waited.js';
import { writePhantoms } from '../phantom/index.js';
import { coverCommand } from '../system/command.js';
import { readMetrics } from '../testing/run-files.js';
import type { MethodName } from './config.js';

export const command = coverCommand();

export interface RunFixture {
  /** Removed after the tests of the file. */
  readonly folder: string;
  /** 12 phantoms. */
  readonly data: string;
  /** The arguments of the command for a small run of 12 steps, with further settings. */
  args(run: string, ...settings: readonly string[]): string[];
  /** Runs `cover pretrain` to its end and checks that it succeeds; returns what it printed. */
  train(run: string, ...settings: readonly string[]): string;
  path(run: string, ...names: readonly string[]): string;
  /** The bytes of a file of a run. */
  bytes(run: string, ...names: readonly string[]): Buffer;
  /** The bytes of the tensors alone, without the metadata, of a checkpoint. */
  tensors(run: string, checkpoint: string): Buffer;
  /** `kind step loss` of every record. */
  records(run: string): string[];
}

/** The file of the checkpoint at a step. */
export function checkpointAt(step: number): string {
  return `step-${String(step).padStart(8, '0')}.safetensors`;
}

/** Runs `cover` with these arguments. */
export const cover = (...argv: readonly string[]) => waited(argv);

/** Runs `cover` and checks that it succeeds; returns what it printed. */
export function succeeds(...argv: readonly string[]): string {
  const { status, stderr, stdout } = cover(...argv);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Runs `cover` and checks that it ends with an error that says this. */
export function refused(message: RegExp, ...argv: readonly string[]): void {
  const { status, stderr } = cover(...argv);
  assert.equal(status, 1, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /\n {4}at /);
}

/** A test for each call that must end with an error: what it is, the arguments, and what the message says. */
export function testRefusals(calls: readonly (readonly [string, () => readonly string[], RegExp])[]): void {
  for (const [what, argv, message] of calls) {
    test(`${what} is refused with a clear word`, () => refused(message, ...argv()));
  }
}

/**
 * @param dims 2 for radiographs of 48 × 48 pixels, 3 for volumes of 24 × 28 × 24 voxels
 * @param method a baseline begins in a third of the time
 */
export function runFixture(dims: 2 | 3 = 2, method: MethodName = 'cover'): RunFixture {
  const folder = mkdtempSync(join(tmpdir(), 'cover-run-'));
  const data = join(folder, 'phantoms');
  before(async () => {
    mkdirSync(data);
    await writePhantoms(data, 12, { size: dims === 2 ? [48, 48] : [24, 28, 24], seed: 1 });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const small = [
    `method=${method}`,
    'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]',
    dims === 2 ? 'views.crop=[32, 32]' : 'views.crop=[16, 32, 16]',
    // Volumes: records of 24 × 28 × 24 are padded to the crop along one axis and cut by a window along the others.
    ...(dims === 2 ? [] : ['views.margin=1', 'data.fit=keep', 'model.window=1']),
    'views.degree=0.5',
    'views.curriculum.steps=8',
    'batch.size=2',
    'schedule.steps=12',
    'schedule.warmup=2',
    'data.validationImages=2',
    'run.validateEvery=6',
    'run.checkpointEvery=3',
    `data.cache=${join(folder, 'cache')}`,
  ];
  const path = (run: string, ...names: readonly string[]) => join(folder, run, ...names);
  const bytes = (run: string, ...names: readonly string[]) => readFileSync(path(run, ...names));
  const args = (run: string, ...settings: readonly string[]) => [
    'pretrain',
    data,
    '-o',
    join(folder, run),
    ...[...small, ...settings].flatMap((setting) => ['--set', setting]),
  ];
  return {
    folder,
    data,
    args,
    path,
    bytes,
    train: (run, ...settings) => succeeds(...args(run, ...settings)),
    tensors(run, checkpoint) {
      const all = bytes(run, 'checkpoints', checkpoint);
      return all.subarray(8 + Number(all.readBigUInt64LE(0)));
    },
    records: (run) => readMetrics(path(run)).map(({ kind, step, loss }) => `${kind} ${step} ${loss}`),
  };
}
