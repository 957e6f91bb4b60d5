/** A pretraining that has steps left is told where a fine-tuning or a benchmark begins with it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkpointName } from '../train/checkpoint-choice.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { startCommands } from './fixtures/commands.js';
import { at, data, folder, fresh } from './fixtures/world.js';

test('an unfinished pretraining is told once, with its steps and what to do', async () => {
  const run = at('half');
  mkdirSync(at('half', 'checkpoints'), { recursive: true });
  const model = smallModel('schedule.steps=10', 'data.fit=resize');
  const write = (step: number) =>
    writeFileSync(at('half', 'checkpoints', checkpointName(step)), modelBytes({ ...model, step }));
  write(4);
  writeFileSync(
    at('half.yaml'),
    `initialisations: {cover: ${run}}
tasks: {a: {data: ${data}, split: validation}}
cases: [3]
seeds: [0, 1]
settings: {data: {size: [32, 32]}, schedule: {steps: 1}}
`,
  );
  const calls = [
    ['', ['finetune', data, '--from', run, '-o', fresh(), '--set', 'data.size=[32, 32]', '--set', 'schedule.steps=1']],
    ['cover: ', ['benchmark', at('half.yaml'), '-o', fresh()]],
  ] as const;
  const commands = await startCommands({ cwd: folder });
  try {
    for (const finished of [false, true]) {
      if (finished) write(10);
      for (const [name, argv] of calls) {
        const out = finished ? [...argv, '-o', fresh()] : argv;
        const { status, stdout, stderr } = await commands.run(...out);
        assert.equal(status, 0, `${argv[0]}: ${stdout}${stderr}`);
        const note = [
          `note: ${name}${run}: expected a finished pretraining, found one at step 4 of 10`,
          `  Finish it first: cover pretrain -o ${run} --resume\n`,
        ].join('\n');
        assert.equal(stdout.split(note).length, finished ? 1 : 2, `${argv[0]}: ${stdout}`);
        assert.equal(stdout.includes('finished pretraining'), !finished);
      }
    }
  } finally {
    commands.close();
  }
});
