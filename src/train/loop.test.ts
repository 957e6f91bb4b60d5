/** The loop's guards, with a trainer that only counts. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FolderStore } from '../node/folder-store.js';
import { readMetrics } from '../testing/run-files.js';
import { type Training, train } from './loop.js';
import { defaultOptimizer } from './optimizer.js';
import { RunFolder } from './run-folder.js';

const root = mkdtempSync(join(tmpdir(), 'cover-loop-'));
after(() => rmSync(root, { recursive: true, force: true }));

const config = {
  seed: 0,
  optimizer: { ...defaultOptimizer, rate: 1 },
  schedule: { name: 'constant', steps: 10, warmup: 0 },
  batch: { size: 1, micro: 0 },
  run: { validateEvery: 2, checkpointEvery: 100, keepCheckpoints: 3, logEvery: 1 },
};

/** A training of one parameter whose looks give these scores, one after the other. */
function trainingOf(name: string, scores: readonly number[], patience: number | null = null) {
  const state = new Map([['head.theta', Float32Array.of(1)]]);
  let looks = 0;
  const training = {
    run: new RunFolder(new FolderStore(join(root, name))),
    kind: {
      metadata: () => ({}),
      configOf: () => config,
      groupsOf: () => ({ head: [{ name: 'w', shape: [1] }] }),
      optimizerOf: () => defaultOptimizer,
      expected: ['', ''],
    },
    config,
    device: 'cpu',
    objective: { sampleShapes: { image: [1] } },
    trainer: { step: async () => ({ loss: 1, gradientNorm: 1 }), state: async () => state },
    state,
    source: {
      next: async () => ({ keys: [{ epoch: 0, sample: 0 }], arrays: [Float32Array.of(0)], waitedMs: 0 }),
    },
    samples: ['one'],
    noun: 'cases',
    criterion: { key: 'score', name: 'Dice', short: 'Dice', digits: 3, better: 'higher' },
    learning: (step: number) => ({ head: { rate: 1, step } }),
    rates: () => ({ learningRate: 1 }),
    look: async () => ({ values: { score: scores[looks++]! }, draw: async () => {} }),
    report: async () => {},
    patience,
    from: null,
    best: null,
    peers: null,
  };
  return training as unknown as Training<typeof config & Training<never>['config']>;
}

test('the best look is that with the highest score, where higher is better', async () => {
  const { best, finished, step } = await train(trainingOf('best', [0.1, 0.5, 0.3, 0.5, 0.2, 0.4]), {});
  assert.deepEqual([best, finished, step], [{ step: 2, score: 0.5 }, true, 10]);
  assert.deepEqual(readdirSync(join(root, 'best', 'checkpoints')), [
    'best.safetensors',
    'step-00000000.safetensors',
    'step-00000002.safetensors',
    'step-00000010.safetensors',
  ]);
});

test('a look that is not finite ends the run, and names the checkpoint that is kept', async () => {
  await assert.rejects(train(trainingOf('nan', [0.1, Number.NaN]), {}), {
    code: 'diverged',
    message: /step 2: Dice of the validation is NaN\n {2}The last good checkpoint is kept: .*step-00000000/,
  });
  assert.ok(readMetrics(join(root, 'nan')).every(({ score }) => score !== null));
});

test('patience ends a run, and a stop asked for leaves a checkpoint', async () => {
  const patient = await train(trainingOf('patient', [0.5, 0.4, 0.3, 0.2, 0.1, 0]), {});
  assert.equal(patient.step, 10);
  const impatient = await train(trainingOf('impatient', [0.5, 0.4, 0.3, 0.2, 0.1, 0], 2), {});
  assert.deepEqual([impatient.step, impatient.finished], [4, true]);
  let steps = 0;
  const stopped = await train(trainingOf('stopped', [0.5, 0.4]), { shouldStop: () => ++steps === 3 });
  assert.deepEqual([stopped.step, stopped.finished], [3, false]);
  assert.match(stopped.checkpoint, /step-00000003/);
});
