/** What is said of the data before the first step, and a validation that cannot choose. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SampleSet } from '../data/labelled/sample-set.js';
import { writePng } from '../image/files.js';
import { writePhantoms } from '../phantom/index.js';
import { cover } from '../pretrain/fixtures.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import type { FinetuneConfig } from './config.js';
import { finetuneFixture } from './fixtures.js';
import { classNotes, overlapNotes, whyNotJudged } from './notes.js';

const setOf = (perPixel: boolean, ...labels: readonly (readonly number[])[]) => {
  const cases = labels.map((values) => ({
    shape: [values.length],
    image: new Float32Array(values.length),
    labels: Uint8Array.from(values),
  }));
  return new SampleSet({ channels: 1, perPixel, sets: false, cases }, () => new Float32Array());
};
const config = (task: 'segmentation' | 'classification') =>
  ({ task, data: { classes: ['a', 'b', 'c'], multiLabel: false } }) as unknown as FinetuneConfig;

test('classes that no training case has are named; of a segmentation not the first', () => {
  const segmentation = (...labels: readonly (readonly number[])[]) =>
    classNotes(config('segmentation'), setOf(true, ...labels));
  assert.deepEqual(segmentation([0, 1], [2, 255]), []);
  assert.deepEqual(segmentation([2, 2], [2, 2]), ['in none of the 2 training cases in use, so not learned: b']);
  assert.deepEqual(segmentation([0, 0]), ['not in the training case in use, so not learned: b, c']);
  assert.deepEqual(classNotes(config('classification'), setOf(false, [1], [2])), [
    'in none of the 2 training cases in use, so not learned: a',
  ]);
});

test('validation images that are trained on are named by their content', () => {
  const record = { labelled: ['p', 'q'], validation: ['r', 's'], unused: [], test: [], fingerprint: '' };
  assert.deepEqual(overlapNotes({ ...record, images: { labelled: ['1', '2'], validation: ['3', '2'] } }), [
    'validation images that are trained on, by their content: s is q',
  ]);
  assert.deepEqual(overlapNotes({ ...record, images: { labelled: ['1', '2'], validation: ['3', '4'] } }), []);
});

test('a validation without a class, or of one class alone, chooses nothing', () => {
  const why = (task: 'segmentation' | 'classification', ...labels: readonly (readonly number[])[]) =>
    whyNotJudged(config(task), setOf(task === 'segmentation', ...labels));
  assert.match(why('segmentation', [0, 255], [0, 0])!, /^the 2 validation cases have no pixel of a class, so no step/);
  assert.equal(why('segmentation', [0, 0], [0, 2]), null);
  assert.match(why('classification', [1])!, /^the validation case has one class alone/);
  assert.equal(why('classification', [1], [0]), null);
});

const { data, path, args, train } = finetuneFixture();

test('a run whose validation cases are empty keeps its last step, not its first', async () => {
  const { val } = JSON.parse(readFileSync(join(data, 'splits.json'), 'utf8')) as { val: string[] };
  const blank = { width: 48, height: 48, channels: 1 as const, data: new Uint8Array(48 * 48) };
  for (const id of val) await writePng(join(data, 'labels', `${id}.png`), blank);
  const output = train('empty', 'schedule.steps=6');
  assert.match(output, /^note: the 2 validation cases have no pixel of a class, so no step is the best by them/m);
  assert.ok(!existsSync(path('empty', 'checkpoints', 'best.safetensors')));
  assert.doesNotMatch(output, /the best so far/);
});

test('masks of 0 and 255 are not trained on, though their classes have names', async () => {
  writeFileSync(join(data, 'dataset.json'), JSON.stringify({ classes: ['background', 'organ'] }));
  const half = Uint8Array.from({ length: 48 * 48 }, (_, at) => (at < 1000 ? 255 : 0));
  for (let id = 0; id < 8; id++) {
    await writePng(join(data, 'labels', `chest-000${id}.png`), { width: 48, height: 48, channels: 1, data: half });
  }
  const { status, stderr } = cover(...args('masks'));
  assert.equal(status, 1);
  assert.match(stderr, /chest-0000\.png and 7 more: expected labels with classes 0, 1, …, found the values 0, 255\n/);
  assert.ok(!existsSync(path('masks', 'checkpoints')));
});

test('test cases that were pretrained on are told, and what another run saw is not', async () => {
  const seen = path('seen');
  await writePhantoms(seen, 6, { size: [32, 32], seed: 2, validationShare: 0.2 });
  const { train, val } = JSON.parse(readFileSync(join(seen, 'splits.json'), 'utf8')) as Record<string, string[]>;
  const [kept, held] = [train!.slice(2), train!.slice(0, 2)];
  writeFileSync(join(seen, 'splits.json'), JSON.stringify({ train: kept, val, test: held }));
  /** What a fine-tuning says that begins with a run which trained on these images. */
  const said = (run: string, ids: readonly string[]) => {
    mkdirSync(path(run, 'checkpoints'), { recursive: true });
    writeFileSync(path(run, 'checkpoints', 'best.safetensors'), modelBytes(smallModel('data.fit=resize')));
    const training = ids.map((id) => join(seen, 'images', `${id}.png`));
    writeFileSync(path(run, 'data.json'), JSON.stringify({ training }));
    const argv = args(`from-${run}`, 'schedule.steps=1').map((one) => (one === 'scratch' ? path(run) : one));
    const { status, stdout, stderr } = cover(...argv.with(1, seen));
    assert.equal(status, 0, stderr);
    return stdout.replaceAll(/\s+/g, ' ');
  };
  const told = 'note: 1 of 2 test cases are among the images of the pretraining, so a test flatters it:';
  assert.ok(said('leaked', [held[1]!, kept[0]!, val![0]!]).includes(`${told} ${held[1]}`));
  assert.ok(!said('clean', kept).includes('the images of the pretraining'));
});
