/** What the reader of an image had to assume is told by every command that reads it, each time once. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { startCommands } from './fixtures/commands.js';
import { at, classifier, data, folder, fresh, image, model, segmenter, small } from './fixtures/world.js';

const WARNING = 'transparent pixels: what the file stores under them is used';

test('transparent pixels are told once, and written down by trainings', async () => {
  writeFileSync(image, await sharp(image).ensureAlpha(0.5).png().toBuffer());
  writeFileSync(
    at('short.yaml'),
    `initialisations: {scratch: scratch}
tasks: {a: {data: ${data}, split: validation}}
cases: [3]
seeds: [0, 1]
settings: {model: {channels: [8, 8, 8, 8, 8, 8, 8, 8, 8]}, data: {size: [32, 32]}, views: {crop: [32, 32]}, schedule: {steps: 1}}
`,
  );
  const other = at('data', 'images', 'chest-0001.png');
  const [pretrained, finetuned] = [fresh(), fresh()];
  const calls = [
    ['doctor', data],
    ['pretrain', data, '-o', pretrained, ...small],
    ['finetune', data, '--from', 'scratch', '-o', finetuned, ...small, '--set', 'data.size=[32, 32]'],
    ['segment', segmenter, image, other, '-o', fresh()],
    ['classify', image, other, '-m', classifier],
    ['embed', model, image, other, '-o', fresh()],
    ['match', model, image, other, '-p', '3,4', '-o', fresh()],
    ['register', image, other, '-m', model, '-o', fresh()],
    ['analyze', data, '-m', model, '--untrained', '--samples', '40', '-o', fresh()],
    ['evaluate', segmenter, data, '-o', fresh()],
    ['benchmark', at('short.yaml'), '-o', fresh()],
  ];
  const commands = await startCommands({ cwd: folder });
  for (const argv of calls) {
    const { status, stdout, stderr } = await commands.run(...argv);
    const all = `${stdout}${stderr}`;
    assert.equal(status, 0, `${argv[0]}: ${all}`);
    assert.deepEqual([argv[0], all.split(WARNING).length - 1], [argv[0], 1], all);
  }
  commands.close();
  for (const run of [pretrained, finetuned]) {
    const { warnings } = JSON.parse(readFileSync(join(run, 'data.json'), 'utf8'));
    assert.deepEqual(warnings, [{ file: image, warnings: [WARNING] }]);
  }
});
