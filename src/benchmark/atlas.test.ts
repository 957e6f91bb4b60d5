/** Cells whose labels are carried to the others: nothing is trained, and they stand beside those that are. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writePhantoms } from '../phantom/index.js';
import { checkpointName } from '../train/checkpoint-choice.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { benchmark } from './benchmark.js';
import { makePlan } from './plan.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-atlas-cells-'));
const data = join(folder, 'phantoms');
const runs = [0, 1].map((seed) => join(folder, `run-${seed}`));
before(async () => {
  await writePhantoms(data, 4, { size: [32, 32], seed: 1, validationShare: 0.5 });
  for (const [seed, run] of runs.entries()) {
    mkdirSync(join(run, 'checkpoints'), { recursive: true });
    const model = smallModel('schedule.steps=1', `seed=${seed}`);
    const theta = model.theta.map((value, index) => (seed === 1 && index % 2 ? -value : value));
    writeFileSync(join(run, 'checkpoints', checkpointName(1)), modelBytes({ ...model, theta, step: 1 }));
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const content = () => ({
  initialisations: { tuned: runs[0], atlas: runs },
  atlas: ['atlas'],
  tasks: { chests: { data, split: 'validation' } },
  cases: [1],
  settings: { data: { size: [32, 32], workers: 0 }, batch: { size: 1 }, schedule: { steps: 1 }, threads: 1 },
});

test('an atlas of each pretraining is scored on the cases of the fine-tuning, and not run again', async () => {
  const root = join(folder, 'benchmark');
  const plan = makePlan(content());
  const { results, finished, report } = await benchmark(root, plan);
  assert.ok(finished);
  assert.deepEqual(
    results.map(({ initialisation, pretraining, steps, labelled }) => [initialisation, pretraining, steps, labelled]),
    [
      ['tuned', null, 1, 1],
      ['atlas', 1, 0, 1],
      ['atlas', 2, 0, 1],
    ],
  );
  const [tuned, ...others] = results.map(({ cases }) => cases.map(({ id }) => id));
  for (const cases of others) assert.deepEqual(cases, tuned);
  assert.ok(results.every(({ metrics }) => metrics.dice! > 0));
  assert.notEqual(results[1]!.metrics.dice, results[2]!.metrics.dice);
  const trained = plan.cells.map((cell) => existsSync(join(root, cell.folder, 'checkpoints')));
  assert.deepEqual(trained, [true, false, false]);
  assert.match(readFileSync(report, 'utf8'), /atlas \(2 pretrainings\)/);
  await benchmark(root, plan, { onCell: () => assert.fail('nothing is left to run') });
  await assert.rejects(benchmark(root, makePlan({ ...content(), atlas: [] })), /atlas=none, found one with true/);
});

test('an atlas needs a pretraining, and a segmentation', () => {
  const refused = (changed: object, message: RegExp) =>
    assert.throws(() => makePlan({ ...content(), ...changed }), message);
  refused({ atlas: ['other'] }, /expected initialisations that are pretrained, found other\n/);
  refused({ initialisations: { atlas: 'scratch' } }, /found atlas, from scratch/);
  refused({ tasks: { sick: { data, kind: 'classification' } } }, /tasks of segmentation, found a classification, sick/);
});
