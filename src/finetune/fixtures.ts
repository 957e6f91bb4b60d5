/** For tests of whole fine-tuning runs: labelled phantoms, settings of a run of a second, and the command. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { writePhantoms } from '../phantom/index.js';
import { succeeds } from '../pretrain/fixtures.js';
import { readMetrics } from '../testing/run-files.js';
import { loadSafetensors } from '../weights/files.js';
import { toFloat32 } from '../weights/index.js';

export interface FinetuneFixture {
  /** Removed after the tests of the file. */
  readonly folder: string;
  /** Phantoms, a quarter of them for validation. */
  readonly data: string;
  path(run: string, ...names: readonly string[]): string;
  /** The arguments of the command for a small run of 12 steps, with further settings. */
  args(run: string, ...settings: readonly string[]): string[];
  /** Runs `cover finetune` to its end and checks that it succeeds; returns what it printed. */
  train(run: string, ...settings: readonly string[]): string;
  bytes(run: string, ...names: readonly string[]): Buffer;
  /** The values of one tensor of a checkpoint. */
  values(run: string, checkpoint: string, name: string): Float32Array | undefined;
  /** `kind step loss score` of every record. */
  records(run: string): string[];
}

/** @param cases phantoms, a quarter of them for validation */
export function finetuneFixture(cases = 8): FinetuneFixture {
  const folder = mkdtempSync(join(tmpdir(), 'cover-finetune-'));
  const data = join(folder, 'phantoms');
  before(async () => {
    await writePhantoms(data, cases, { size: [48, 48], seed: 1, validationShare: 0.25 });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const small = [
    'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]',
    'data.size=[32, 32]',
    'data.workers=0',
    'batch.size=2',
    'schedule.steps=12',
    'schedule.warmup=2',
    'run.validateEvery=6',
    'run.checkpointEvery=3',
    'run.keepCheckpoints=9',
    'threads=1',
  ];
  const path = (run: string, ...names: readonly string[]) => join(folder, run, ...names);
  const args = (run: string, ...settings: readonly string[]) => [
    'finetune',
    data,
    '-o',
    path(run),
    '--from',
    'scratch',
    ...[...small, ...settings].flatMap((setting) => ['--set', setting]),
  ];
  return {
    folder,
    data,
    path,
    args,
    train: (run, ...settings) => succeeds(...args(run, ...settings)),
    bytes: (run, ...names) => readFileSync(path(run, ...names)),
    values(run, checkpoint, name) {
      const stored = loadSafetensors(path(run, 'checkpoints', checkpoint)).tensors.get(name);
      return stored && toFloat32(stored).data;
    },
    records: (run) => readMetrics(path(run)).map(({ kind, step, loss, score }) => [kind, step, loss, score].join(' ')),
  };
}
