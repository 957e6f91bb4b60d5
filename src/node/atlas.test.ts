/** An atlas from folders: its cases, what is left to score, images and volumes of other extents, and the commands. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readCaseInput, readLabels } from '../data/labelled/index.js';
import { writePhantoms } from '../phantom/index.js';
import { cover } from '../pretrain/fixtures.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { segment } from '../use/segmentation/segment.js';
import { openAtlas } from './atlas.js';
import { loadModel } from './models.js';

const root = mkdtempSync(join(tmpdir(), 'cover-atlas-'));
const at = (...names: string[]) => join(root, ...names);
before(async () => {
  await writePhantoms(at('chests'), 5, { size: [48, 48], seed: 3, validationShare: 0.4 });
  await writePhantoms(at('volumes'), 2, { size: [24, 28, 24], seed: 3 });
  await writePhantoms(at('others'), 1, { size: [28, 26, 20], seed: 4 });
  writeFileSync(at('net.safetensors'), modelBytes(smallModel()));
  writeFileSync(at('contrast.safetensors'), modelBytes(smallModel('method=contrast')));
  const volumes = ['views.crop=[16, 16, 16]', 'views.margin=1', 'data.fit=keep', 'model.window=1'];
  writeFileSync(at('volumes.safetensors'), modelBytes(smallModel(...volumes)));
});
after(() => rmSync(root, { recursive: true, force: true }));
const net = () => loadModel(at('net.safetensors'));
const lists = () => JSON.parse(readFileSync(at('chests', 'splits.json'), 'utf8')) as Record<string, string[]>;

test('the training part is the atlas, and what it does not hold is left', async () => {
  const all = await openAtlas(net(), { folder: at('chests') });
  await all.segmenter.close();
  assert.deepEqual(all.labelled.map(({ id }) => id).sort(), [...lists().train!].sort());
  assert.deepEqual(all.others.map(({ id }) => id).sort(), [...lists().val!].sort());
  const one = await openAtlas(net(), { folder: at('chests'), cases: 1, seed: 2 });
  await one.segmenter.close();
  assert.equal(one.labelled.length, 1);
  assert.equal(one.others.length, 2);
});

test('an image that is asked about itself has its own labels, by a network of any method', async () => {
  for (const name of ['net', 'contrast']) {
    const model = loadModel(at(`${name}.safetensors`));
    const { segmenter, labelled } = await openAtlas(model, { folder: at('chests'), cases: 1 }, { threads: 1 });
    const path = (folder: string) => at('chests', folder, `${labelled[0]!.id}.png`);
    const { labels } = await segment(segmenter, await readCaseInput(path('images'), segmenter));
    await segmenter.close();
    const known = (await readLabels(path('labels'))).data;
    const same = known.filter((label, pixel) => label === labels.data[pixel]).length / known.length;
    assert.ok(same > 0.85, `${name}: ${same}`);
    assert.ok(new Set(labels.data).size > 2);
  }
});

test('volumes of other extents are segmented on their own grid', async () => {
  const { segmenter, labelled } = await openAtlas(loadModel(at('volumes.safetensors')), { folder: at('volumes') });
  assert.equal(labelled.length, 1);
  assert.deepEqual(segmenter.window, [24, 28, 24]);
  const input = await readCaseInput(at('others', 'images', 'chest-0000.nii.gz'), segmenter);
  const { labels } = await segment(segmenter, input);
  await segmenter.close();
  assert.deepEqual(labels.shape, 'image' in input ? input.file.shape : []);
  assert.ok(new Set(labels.data).size > 2);
});

test('segment and evaluate take an atlas, and say which', async () => {
  const run = (...argv: string[]) => {
    const { status, stdout, stderr } = cover(...argv);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const atlas = ['--atlas', at('chests'), '--cases', '1'];
  const image = at('chests', 'images', 'chest-0004.png');
  const said = run('segment', at('net.safetensors'), image, '-o', at('masks'), ...atlas);
  assert.match(said, /^atlas .*chests: 1 labelled image, chest-000\d$/m);
  assert.deepEqual((await readLabels(at('masks', 'chest-0004.png'))).shape, [48, 48]);
  const scored = JSON.parse(run('evaluate', at('net.safetensors'), '-o', at('scores'), ...atlas, '--json'));
  assert.equal(scored.atlas.cases.length, 1);
  const cases = new Set(scored.scores.map((score: { case: string }) => score.case));
  assert.equal(cases.size, 2);
  assert.ok(!cases.has(scored.atlas.cases[0]));
  const whole = JSON.parse(
    run('evaluate', at('net.safetensors'), at('chests'), '-o', at('scores'), ...atlas, '--json'),
  );
  assert.equal(new Set(whole.scores.map((score: { case: string }) => score.case)).size, 4);
});

test('what does not go together is refused', () => {
  const fails = (message: RegExp, ...argv: string[]) => {
    const { status, stderr } = cover(...argv);
    assert.equal(status, 1, stderr);
    assert.match(stderr, message);
  };
  const [model, out] = [at('net.safetensors'), at('nothing')];
  const image = at('chests', 'images', 'chest-0004.png');
  const atlas = ['--atlas', at('chests')];
  fails(/expected --atlas beside --cases, found none/, 'segment', model, image, '-o', out, '--cases', '1');
  fails(/at most the \d training cases, found 9/, 'segment', model, image, '-o', out, ...atlas, '--cases', '9');
  const alone = ['evaluate', at('volumes.safetensors'), at('others'), '-o', out, '--atlas', at('others')];
  fails(/others: expected labelled images beside those of the atlas, found none\n {2}Take fewer/, ...alone);
  fails(/expected an atlas without --split, found test/, 'evaluate', model, '-o', out, ...atlas, '--split', 'test');
  fails(
    /expected images, for which .* was trained, found volumes/,
    ...['segment', model, image, '-o', out, '--atlas', at('volumes')],
  );
});
