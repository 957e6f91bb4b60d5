/** A pretraining that has steps left is told by every command that begins with it, and by the benchmark's report. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unfinishedPretraining } from '../node/unfinished.js';
import { writePhantoms } from '../phantom/index.js';
import { checkpointName } from '../train/checkpoint-choice.js';
import { smallModel } from '../use/fixtures.js';
import { type Model, modelBytes } from '../use/model.js';
import { benchmark, rebuildBenchmarkReport } from './benchmark.js';
import { makePlan } from './plan.js';
import type { UnfinishedInitialisation } from './unfinished.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-unfinished-'));
const data = join(folder, 'phantoms');
before(() => writePhantoms(data, 4, { size: [32, 32], seed: 1, validationShare: 0.5 }));
after(() => rmSync(folder, { recursive: true, force: true }));

const STEPS = 10;
const small: Model = smallModel(`schedule.steps=${STEPS}`, 'data.fit=resize');

/** Writes a checkpoint of a run. */
function reach(run: string, step: number, name = checkpointName(step)): void {
  mkdirSync(join(run, 'checkpoints'), { recursive: true });
  writeFileSync(join(run, 'checkpoints', name), modelBytes({ ...small, step }));
}

test('how far a run is, its latest checkpoint says, not its best one', () => {
  const run = join(folder, 'long');
  reach(run, 2, 'best.safetensors');
  assert.deepEqual(unfinishedPretraining(run), { run, step: 2, steps: STEPS });
  reach(run, 4);
  const expected = { run, step: 4, steps: STEPS };
  assert.deepEqual(unfinishedPretraining(run), expected);
  assert.deepEqual(unfinishedPretraining(join(run, 'checkpoints', 'best.safetensors')), expected);
  writeFileSync(join(run, 'checkpoints', checkpointName(6)), 'cut short');
  assert.deepEqual(unfinishedPretraining(run), expected);
  reach(run, STEPS);
  assert.equal(unfinishedPretraining(run), null);
  assert.equal(unfinishedPretraining(join(run, 'checkpoints', 'best.safetensors')), null);
  // A file alone does not say whether it is the end of its run.
  const alone = join(folder, 'alone.safetensors');
  writeFileSync(alone, modelBytes({ ...small, step: 3 }));
  for (const path of [alone, 'scratch', join(folder, 'nothing')]) assert.equal(unfinishedPretraining(path), null);
});

test('each unfinished initialisation is told once, before the first cell, and in the report', async () => {
  const [half, whole] = ['half', 'whole'].map((name) => join(folder, name)) as [string, string];
  reach(half, 4);
  reach(whole, STEPS);
  const root = join(folder, 'benchmark');
  const plan = makePlan({
    initialisations: { half, whole },
    tasks: { chests: { data, split: 'validation' } },
    cases: [1, 2],
    settings: { data: { size: [32, 32], workers: 0 }, batch: { size: 1 }, schedule: { steps: 1 }, threads: 1 },
  });
  const order: string[] = [];
  const told: UnfinishedInitialisation[] = [];
  const events = {
    onUnfinished(one: UnfinishedInitialisation) {
      order.push(one.initialisation);
      told.push(one);
    },
    onCell: () => void order.push('cell'),
  };
  const { unfinished } = await benchmark(root, plan, events);
  assert.deepEqual(told, [{ initialisation: 'half', run: half, step: 4, steps: STEPS }]);
  assert.deepEqual(order, ['half', 'cell', 'cell', 'cell', 'cell']);
  assert.deepEqual(unfinished, [{ ...told[0], lastStep: 4, cells: 2 }]);

  // The cells stay what they are when the pretraining goes on.
  reach(half, STEPS);
  const again = await benchmark(root, plan, { onUnfinished: () => assert.fail('no cell is left to run') });
  assert.deepEqual(again.unfinished, unfinished);
  const html = readFileSync((await rebuildBenchmarkReport(root)).report, 'utf8');
  const sentence = `half: the pretraining in ${half} was not finished, at step 4 of ${STEPS}, when 2 cells began with it.`;
  assert.equal(html.split(sentence).length, 2, html.slice(-3000));
  assert.ok(html.includes(`cover pretrain -o ${half} --resume`));
  assert.ok(!html.includes(`the pretraining in ${whole}`));
  assert.deepEqual(JSON.parse(readFileSync(join(root, 'results.json'), 'utf8')).unfinished, unfinished);
});
