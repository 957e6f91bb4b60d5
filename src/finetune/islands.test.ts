/** Islands in whole runs: which classes lose them is found out, told and kept, and masks are scored without them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLabels } from '../data/labelled/index.js';
import { removeIslands } from '../data/labelled/islands.js';
import { finetuneHost } from '../node/finetune.js';
import { loadFinetuned } from '../node/models.js';
import { cover } from '../pretrain/fixtures.js';
import { checkpointFile, readCheckpoint } from '../train/checkpoint.js';
import { finetuneFixture } from './fixtures.js';
import { finetuneKind } from './kind.js';

const fixture = finetuneFixture(12);
const { path, train, args } = fixture;
const picture = () => join(fixture.data, 'images', 'chest-0007.png');
const maskAt = (folder: string, name = 'chest-0007.png') => readLabels(path(folder, name));

function printed(...argv: string[]): string {
  const { status, stderr, stdout } = cover(...argv);
  assert.equal(status, 0, stderr);
  return stdout;
}

const told = (text: string) => text.replace(/\s+/g, ' ');
/** The heart: clavicles, of which there are two, cut the lungs. */
const SINGLE = ['class 3'];
/** With it the short run finds pieces of the heart that lie apart. */
const SEED = 'seed=1';

test('classes whose labels are one piece are named, and the run keeps them', () => {
  const text = told(train('run', SEED));
  assert.match(text, /one piece in every label, so smaller pieces of masks are removed: class 3 images/);
  const { removeIslands: names, classes } = loadFinetuned(path('run')).config.data;
  assert.deepEqual([names, classes], [SINGLE, ['background', 'class 1', 'class 2', 'class 3', 'class 4']]);
});

test('masks and scores are without islands, unless they are asked for', async () => {
  const [without, withAll] = [path('without'), path('with')];
  const names = readdirSync(join(fixture.data, 'images'));
  const pictures = names.map((name) => join(fixture.data, 'images', name));
  const text = told(printed('segment', path('run'), ...pictures, '-o', without, '--no-overlay'));
  assert.match(text, /without small pieces apart \(--keep-islands keeps them\): class 3 \d/);
  const kept = printed('segment', path('run'), ...pictures, '-o', withAll, '--no-overlay', '--keep-islands');
  assert.doesNotMatch(kept, /pieces/);
  let changed = 0;
  for (const name of names) {
    const [mask, all] = [await maskAt('without', name), await maskAt('with', name)];
    const before = all.data.slice();
    removeIslands(all, [3]);
    assert.deepEqual(mask.data, all.data);
    if (before.some((label, pixel) => label !== all.data[pixel])) changed++;
  }
  assert.ok(changed > 0);
  const scores = (...more: string[]) => {
    printed('evaluate', path('run'), '--split', 'validation', '-o', path('scores'), ...more);
    return JSON.parse(readFileSync(path('scores', 'segmentation.json'), 'utf8'));
  };
  const [first, second] = [scores(), scores('--keep-islands')];
  assert.deepEqual([first.removeIslands, second.removeIslands], [SINGLE, []]);
  assert.notEqual(first.mean.dice, second.mean.dice);
});

test('a run may name the classes itself, or none; what is none is refused', async () => {
  assert.doesNotMatch(train('none', SEED, 'data.removeIslands=[]'), /pieces/);
  printed('segment', path('none'), picture(), '-o', path('plain'), '--no-overlay');
  assert.deepEqual((await maskAt('plain')).data, (await withIslands()).data);
  train('named', 'data.removeIslands=["class 2"]');
  assert.deepEqual(loadFinetuned(path('named')).config.data.removeIslands, ['class 2']);
  const { status, stderr } = cover(...args('refused', 'data.removeIslands=["liver"]'));
  assert.equal(status, 1);
  assert.match(told(stderr), /data\.removeIslands: expected names among class 1, .*class 4, found liver/);
});

test('a run from before this was there goes on without it', async () => {
  train('old', 'data.removeIslands=[]');
  const kind = finetuneKind(finetuneHost);
  for (const name of readdirSync(path('old', 'checkpoints'))) {
    const file = path('old', 'checkpoints', name);
    const { config, ...rest } = await readCheckpoint(readFileSync(file), file, kind);
    const before = { ...config, data: { ...config.data, removeIslands: null } };
    writeFileSync(file, Buffer.concat(await checkpointFile({ ...rest, config: before }, kind)));
  }
  assert.doesNotMatch(printed('finetune', '-o', path('old'), '--extend', '14'), /pieces/);
  assert.equal(loadFinetuned(path('old')).config.data.removeIslands, null);
});

/** What the first run gives with its islands: the same weights, for validation alone differs. */
async function withIslands() {
  printed('segment', path('run'), picture(), '-o', path('again'), '--no-overlay', '--keep-islands');
  return maskAt('again');
}
