/**
 * A pretraining that has steps left, or no look better than that of step 0, is told where a fine-tuning, a benchmark or
 * an analysis takes its weights.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkpointName } from '../train/checkpoint-choice.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { startCommands } from './fixtures/commands.js';
import { at, data, folder, fresh } from './fixtures/world.js';

const model = smallModel('schedule.steps=10', 'data.fit=resize');

/** Writes a checkpoint of a run. */
function reach(run: string, step: number, name = checkpointName(step)): void {
  mkdirSync(at(run, 'checkpoints'), { recursive: true });
  writeFileSync(at(run, 'checkpoints', name), modelBytes({ ...model, step }));
}

/** What takes a run, and what stands before the path in its note. */
function callsWith(run: string): readonly (readonly [before: string, argv: readonly string[]])[] {
  writeFileSync(
    at(`${run}.yaml`),
    `initialisations: {cover: ${at(run)}}
tasks: {a: {data: ${data}, split: validation}}
cases: [3]
seeds: [0, 1]
settings: {data: {size: [32, 32]}, schedule: {steps: 1}}
`,
  );
  const small = ['--set', 'data.size=[32, 32]', '--set', 'schedule.steps=1'];
  const own = [
    '--set',
    'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]',
    '--set',
    'views.crop=[32, 32]',
    ...small.slice(2),
  ];
  return [
    ['', ['pretrain', data, '--init-from', at(run), '--set', 'method=contrast', ...own]],
    ['', ['finetune', data, '--from', at(run), ...small]],
    ['cover: ', ['benchmark', at(`${run}.yaml`)]],
    ['', ['analyze', data, '-m', at(run), '--cases', '1', '--samples', '40']],
  ];
}

/** Calls each command, and checks that the note is there once, or not. */
async function assertTold(run: string, text: string, told: boolean): Promise<void> {
  const commands = await startCommands({ cwd: folder });
  try {
    for (const [before, argv] of callsWith(run)) {
      const { status, stdout, stderr } = await commands.run(...argv, '-o', fresh());
      const all = `${stdout}${stderr}`;
      assert.equal(status, 0, `${argv[0]}: ${all}`);
      assert.equal(all.split(`note: ${before}${at(run)}: ${text}\n`).length, told ? 2 : 1, `${argv[0]}: ${all}`);
      assert.equal(all.includes('note: '), told, `${argv[0]}: ${all}`);
    }
  } finally {
    commands.close();
  }
}

test('an unfinished pretraining is told once, with its steps and what to do', async () => {
  const text = [
    'expected a finished pretraining, found one at step 4 of 10',
    `  Finish it first: cover pretrain -o ${at('half')} --resume`,
  ].join('\n');
  reach('half', 4);
  await assertTold('half', text, true);
  reach('half', 10);
  await assertTold('half', text, false);
});

test('weights of step 0 are told once, with the last ones and how to train longer', async () => {
  const text = [
    'expected trained weights, found those of step 0, before the training',
    '  No look at held-out images up to step 10 of 10 was better.',
    `  Train longer: cover pretrain -o ${at('flat')} --extend 20`,
    `  or name the last weights: ${at('flat', 'checkpoints', checkpointName(10))}`,
  ].join('\n');
  reach('flat', 0, 'best.safetensors');
  reach('flat', 10);
  await assertTold('flat', text, true);
});
