/**
 * A pretraining that has steps left, and weights of step 0 that stayed the best, are told by every command that begins
 * with them, and by the benchmark's report; so are scored cases that a pretraining was given.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { casesOfSplit } from '../node/finetune.js';
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
  assert.deepEqual(unfinishedPretraining(run), { run, step: 2, steps: STEPS, untrained: false });
  reach(run, 4);
  const expected = { run, step: 4, steps: STEPS, untrained: false };
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

test('best weights of step 0 are untrained, others of that step are asked for', () => {
  const run = join(folder, 'flat');
  reach(run, 0, 'best.safetensors');
  reach(run, 0);
  assert.deepEqual(unfinishedPretraining(run), { run, step: 0, steps: STEPS, untrained: false });
  reach(run, 4);
  assert.deepEqual(unfinishedPretraining(run), { run, step: 4, steps: STEPS, untrained: true });
  reach(run, STEPS);
  const checkpoint = (name: string) => unfinishedPretraining(join(run, 'checkpoints', name));
  const expected = { run, step: STEPS, steps: STEPS, untrained: true };
  for (const found of [unfinishedPretraining(run), checkpoint('best.safetensors')]) assert.deepEqual(found, expected);
  for (const step of [0, STEPS]) assert.equal(checkpoint(checkpointName(step)), null);
  reach(run, 4, 'best.safetensors');
  assert.equal(unfinishedPretraining(run), null);
});

test('each unfinished initialisation, and what it has seen of the cases, is told once, before the first cell, and in the report', async () => {
  const [half, whole, flat] = ['half', 'whole', 'start'].map((name) => join(folder, name)) as [string, string, string];
  reach(half, 4);
  reach(whole, STEPS);
  reach(flat, 0, 'best.safetensors');
  reach(flat, STEPS);
  const root = join(folder, 'benchmark');
  const plan = makePlan({
    initialisations: { half, whole, flat },
    tasks: { chests: { data, split: 'validation' } },
    cases: [1, 2],
    settings: { data: { size: [32, 32], workers: 0 }, batch: { size: 1 }, schedule: { steps: 1 }, threads: 1 },
  });
  const { image, id } = casesOfSplit(plan.cells[0]!.config, 'validation')[0]!;
  writeFileSync(join(whole, 'data.json'), JSON.stringify({ training: [image] }));
  const seen = `chests: whole: 1 of 2 test cases are among the images of the pretraining, so a test flatters it: ${id}`;
  const order: string[] = [];
  const told: UnfinishedInitialisation[] = [];
  const events = {
    onUnfinished(one: UnfinishedInitialisation) {
      order.push(one.initialisation);
      told.push(one);
    },
    onSeen: (note: string) => void order.push(note),
    onCell: () => void order.push('cell'),
  };
  const { unfinished } = await benchmark(root, plan, events);
  assert.deepEqual(told, [
    { initialisation: 'half', run: half, step: 4, steps: STEPS, untrained: false },
    { initialisation: 'flat', run: flat, step: STEPS, steps: STEPS, untrained: true },
  ]);
  assert.deepEqual(order, ['half', 'flat', seen, ...Array(6).fill('cell')]);
  assert.deepEqual(unfinished, [
    { ...told[0], lastStep: 4, cells: 2 },
    { ...told[1], lastStep: STEPS, cells: 2 },
  ]);

  // The cells stay what they are when the pretraining goes on.
  reach(half, STEPS);
  const again = await benchmark(root, plan, { onUnfinished: () => assert.fail('no cell is left to run') });
  assert.deepEqual(again.unfinished, unfinished);
  const html = readFileSync((await rebuildBenchmarkReport(root)).report, 'utf8');
  const sentence = `half: the pretraining in ${half} was not finished, at step 4 of ${STEPS}, when 2 cells began with it.`;
  assert.equal(html.split(sentence).length, 2, html.slice(-3000));
  assert.equal(html.split(seen).length, 2);
  assert.ok(html.includes(`cover pretrain -o ${half} --resume`));
  assert.ok(!html.includes(`the pretraining in ${whole}`));
  assert.ok(
    html.includes(`<b>Not trained</b> flat: 2 cells began with the weights of step 0 of the pretraining in ${flat}`),
  );
  assert.match(html, /This says nothing of a pretraining in flat: these cells began with weights of step 0\./);
  assert.ok(html.includes(`(cover pretrain -o ${flat} --extend ${2 * STEPS})`));
  assert.ok(html.includes(join(flat, 'checkpoints', checkpointName(STEPS))));
  assert.deepEqual(JSON.parse(readFileSync(join(root, 'results.json'), 'utf8')).unfinished, unfinished);
});
