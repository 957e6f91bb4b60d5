/** What is drawn in a project is carried to its other cases by a pretrained network, without a training. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readCaseInput, readLabels } from '../../../data/labelled/index.js';
import { openAtlas } from '../../../node/index.js';
import { loadModel } from '../../../node/models.js';
import { writePhantoms } from '../../../phantom/index.js';
import { writeFileAtomic } from '../../../system/files.js';
import { checkpointName } from '../../../train/checkpoint-choice.js';
import { smallModel } from '../../../use/fixtures.js';
import { modelBytes } from '../../../use/model.js';
import { segment } from '../../../use/segmentation/segment.js';
import { until } from '../../fixtures.js';
import { decodeFrame } from '../../shared/frame.js';
import type { PredictionProgress, Project } from '../../shared/protocol.js';
import { writeEmptyPage } from '../fixtures.js';
import { type RunningStudio, startStudio } from '../index.js';
import { prepareAtlas } from './atlas.js';
import { writeDataset } from './dataset.js';
import { readMask } from './masks.js';

const root = mkdtempSync(join(tmpdir(), 'cover-studio-atlas-'));
const [runs, data] = ['runs', 'data'].map((name) => join(root, name)) as [string, string];
const page = writeEmptyPage(root);
const [drawn, held, other] = ['chest-0000', 'chest-0001', 'chest-0002'] as const;
const file = (folder: string, id: string) => join(data, 'chests', folder, `${id}.png`);
let studio: RunningStudio;

before(async () => {
  await writePhantoms(join(data, 'chests'), 3, { size: [48, 48], seed: 3 });
  for (const method of ['cover', 'contrast']) {
    const checkpoint = join(runs, method, 'checkpoints', checkpointName(1));
    writeFileAtomic(checkpoint, modelBytes(smallModel(`method=${method}`)));
  }
  studio = await startStudio({ runs, data, page });
});
after(async () => {
  await studio.close();
  rmSync(root, { recursive: true });
});

async function ask<T>(path: string): Promise<T> {
  return (await fetch(`${studio.address}api/${path}`)).json() as Promise<T>;
}
const post = (path: string, content: unknown) =>
  fetch(`${studio.address}api/${path}`, {
    method: 'POST',
    headers: {
      origin: studio.address.replace(/\/$/, ''),
      'content-type': content instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
    },
    body: content instanceof Uint8Array ? Uint8Array.from(content) : JSON.stringify(content),
  });
const transfer = (project: string) => post('projects/predict', { project, run: '', step: 0, atlas: true });
const progress = () => ask<PredictionProgress>('projects/progress');
const said = async (answer: Response) => `${answer.status} ${await answer.text()}`;

test('a case that is drawn in labels the others as an atlas of it does', async () => {
  const classes = ['background', 'right lung', 'left lung', 'heart', 'clavicles'];
  await post('projects', { name: 'chests', folder: 'chests', classes, from: 'cover' });
  assert.match(await said(await transfer('chests')), /^409 .*at least one labelled case that is not held out/);
  for (const id of [drawn, held]) {
    await post(`projects/drawn?project=chests&id=${id}`, (await readLabels(file('labels', id))).data);
  }
  await post('projects/hold', { project: 'chests', id: held, held: true });
  assert.equal((await transfer('chests')).status, 200);
  await until('all cases', 60, async () => (await progress()).done === 3);
  const { atlas, run, error } = await progress();
  assert.deepEqual({ atlas, run, error }, { atlas: 'cover', run: '', error: '' });
  assert.deepEqual(await ask('projects/predicted?project=chests'), { run: '', step: 0 });

  // The held-out label is not of the atlas, and it is what the transferred one is measured on.
  const known = join(root, 'known');
  await writePhantoms(known, 1, { size: [48, 48], seed: 3 });
  const { segmenter } = await openAtlas(loadModel(join(runs, 'cover')), { folder: known });
  const { labels } = await segment(segmenter, await readCaseInput(file('images', other), segmenter));
  await segmenter.close();
  const query = `projects/prediction?project=chests&id=${other}`;
  const { arrays } = decodeFrame(await (await fetch(`${studio.address}api/${query}`)).arrayBuffer());
  assert.deepEqual(Uint8Array.from(arrays.labels!), labels.data);
  const { caseList, transferred } = await ask<Project>('projects/one?project=chests');
  assert.equal(transferred, 1);
  assert.ok(caseList.find(({ id }) => id === held)!.dice! > 0);
  assert.equal(caseList.find(({ id }) => id === other)!.dice, null);

  // A training may learn from transferred labels, too; what is held out is measured on its own label.
  const dataset = join(root, 'dataset');
  await writeDataset({ labels: join(runs, 'labels'), data: data }, 'chests', dataset, true);
  const splits = JSON.parse(readFileSync(join(dataset, 'splits.json'), 'utf8'));
  assert.deepEqual(splits, { train: [drawn, other], val: [held], test: [] });
  assert.deepEqual((await readLabels(join(dataset, 'labels', `${other}.png`))).data, labels.data);
  const truth = (await readLabels(file('labels', held))).data;
  assert.deepEqual((await readLabels(join(dataset, 'labels', `${held}.png`))).data, truth);
  await writeDataset({ labels: join(runs, 'labels'), data: data }, 'chests', dataset);
  assert.deepEqual(
    readdirSync(join(dataset, 'labels')),
    [drawn, held].map((id) => `${id}.png`),
  );

  // The project itself is as it was: no dataset of a training, no run.
  const folder = join(runs, 'labels', 'chests');
  assert.deepEqual(readdirSync(folder).sort(), ['drawn', 'predicted', 'project.json']);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8')).runs, []);
});

test('a transfer that is prepared before another one is read takes nothing from it', async () => {
  const places = { labels: join(runs, 'labels'), data };
  const prepare = () => prepareAtlas(places, 'chests', join(runs, 'cover'));
  const both = [await prepare(), await prepare()];
  for (const open of both) await (await open()).close();
  assert.deepEqual(readdirSync(join(runs, 'labels', 'chests')).sort(), ['drawn', 'predicted', 'project.json']);
  // What is held out is not counted among what a training may learn from.
  await post('projects/hold', { project: 'chests', id: other, held: true });
  assert.equal((await ask<Project>('projects/one?project=chests')).transferred, 0);
  await post('projects/hold', { project: 'chests', id: other, held: false });
});

test('a network of another method carries labels, too; to begin from scratch is refused', async () => {
  await post('projects/change', { project: 'chests', from: 'contrast' });
  assert.equal((await transfer('chests')).status, 200);
  await until('all cases', 60, async () => (await progress()).done === 3 && (await progress()).atlas === 'contrast');
  assert.equal((await progress()).error, '');
  assert.deepEqual(readdirSync(join(runs, 'labels', 'chests')).sort(), ['drawn', 'predicted', 'project.json']);
  await post('projects/change', { project: 'chests', from: 'scratch' });
  assert.match(await said(await transfer('chests')), /^409 .*begins with a pretrained network/);
  const unknown = { project: 'chests', run: 'chests-9', step: 0, atlas: true };
  assert.match(await said(await post('projects/predict', unknown)), /^404 .*chests-9: no run of this project/);
});

test('a map that comes or goes while it is read is there or not, and no error', async () => {
  const folder = join(runs, 'labels', 'chests', 'predicted');
  const path = join(folder, `${other}.png`);
  const bytes = readFileSync(path);
  const found: boolean[] = [];
  for (let time = 0; time < 60; time++) {
    const going = readMask(path);
    rmSync(path);
    const coming = readMask(path);
    writeFileAtomic(path, bytes);
    for (const labels of [await going, await coming]) found.push(labels !== null);
  }
  assert.equal(await readMask(join(folder, 'none.png')), null);
  assert.equal((await readMask(path))!.data.length, 48 * 48);
  assert.ok(found.includes(true) && found.includes(false), found.join());
});
