/** What the status of a refusal says: malformed (400), against a state (409), of no use (422), a fault (5xx). */
import assert from 'node:assert/strict';
import fs, { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writePhantoms } from '../../phantom/index.js';
import { smallModel } from '../../use/fixtures.js';
import { modelBytes } from '../../use/model.js';
import { writeEmptyPage } from './fixtures.js';
import { type RunningStudio, startStudio } from './index.js';

const CLASSES = ['background', 'lung', 'heart'];
const root = mkdtempSync(join(tmpdir(), 'cover-studio-statuses-'));
const [runs, data] = ['runs', 'data'].map((name) => join(root, name)) as [string, string];
const page = writeEmptyPage(root);
let studio: RunningStudio;

before(async () => {
  await writePhantoms(data, 3, { size: [48, 48] });
  await writePhantoms(join(data, 'volumes'), 1, { size: [16, 16, 16] });
  const settings = [`data.source=${join(data, 'images')}`, 'data.validationImages=0'];
  writeRun('trained', modelBytes(smallModel(...settings)));
  writeRun('damaged', Uint8Array.of(1, 2));
  mkdirSync(join(runs, 'begun'));
  writeFileSync(join(runs, 'begun', 'config.yaml'), 'method: cover\n');
  studio = await startStudio({ runs, data, page });
  for (const [name, folder] of [
    ['flat', '.'],
    ['solid', 'volumes'],
  ]) {
    const project = { name, folder, classes: CLASSES, from: 'scratch' };
    assert.equal((await answer('projects', project)).status, 200);
  }
});
after(async () => {
  await studio.close();
  rmSync(root, { recursive: true });
});

function writeRun(name: string, checkpoint: Uint8Array): void {
  const folder = join(runs, name, 'checkpoints');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'step-00000001.safetensors'), checkpoint);
}

/** @param content what is posted; the path is only read where it is absent */
async function answer(path: string, content?: object): Promise<{ status: number; text: string }> {
  const bytes = content instanceof Uint8Array;
  const type = bytes ? 'application/octet-stream' : 'application/json';
  const headers = { origin: studio.address.replace(/\/$/, ''), 'content-type': type };
  const body = bytes ? Uint8Array.from(content) : JSON.stringify(content);
  const sent = await fetch(`${studio.address}api/${path}`, content ? { method: 'POST', headers, body } : {});
  return { status: sent.status, text: await sent.text() };
}

async function refusedAs(status: number, reason: RegExp, path: string, content?: object): Promise<void> {
  const found = await answer(path, content);
  assert.equal(found.status, status, `${path}: ${found.text}`);
  assert.match(found.text, reason, path);
}

test('bytes of another format are a malformed request, whether of an image or of a volume', async () => {
  for (const project of ['flat', 'solid']) {
    const path = `projects/mask?project=${project}&id=chest-0000`;
    await refusedAs(400, /chest-0000: expected a (mask|volume)/, path, new Uint8Array(7));
  }
});

test('classes have names, each its own', async () => {
  for (const [classes, reason] of [
    [['background', 'lung', 'lung'], /a name for each class that no other has/],
    [['background'], /a class beside the background/],
    [['background', 'x'.repeat(61)], /classes\.1: expected a name of at most 60 characters/],
  ] as const) {
    await refusedAs(400, reason, 'projects/change', { project: 'flat', classes });
    await refusedAs(400, reason, 'projects', { name: 'other', folder: 'flat', classes, from: 'scratch' });
  }
});

test('what the state of a project does not allow is a conflict with it', async () => {
  const fewer = { project: 'flat', classes: ['background', 'lung'] };
  await refusedAs(409, /not taken away/, 'projects/change', fewer);
  await refusedAs(409, /at least one labelled case/, 'projects/train', { project: 'flat', steps: 1 });
  await refusedAs(409, /begins with a pretrained network/, 'projects/distances?project=flat');
});

test('what the state of a run does not allow is a conflict with it', async () => {
  const image = 'images/chest-0000.png';
  await refusedAs(409, /expected a checkpoint, found none/, `pairs/features?run=begun&image=${image}`);
  await refusedAs(409, /not a valid safetensors file/, `pairs/features?run=damaged&image=${image}`);
  await refusedAs(409, /expected a run that holds images out/, 'pairs/sample?run=trained&index=0');
  await refusedAs(409, /expected a checkpoint that is the last, found none/, 'jobs/resume', { run: 'begun' });
  await refusedAs(409, /expected a checkpoint that is the last, found none/, 'jobs/extend', { run: 'begun', steps: 9 });
});

test('what the system cannot do is no fault of the request', async (context) => {
  for (const [code, status] of [
    ['ENOSPC', 507],
    ['EROFS', 500],
  ] as const) {
    const write = context.mock.method(fs, 'writeSync', () => {
      throw Object.assign(new Error(code), { code });
    });
    syncBuiltinESMExports();
    await refusedAs(status, /disk is full|cannot be written/, 'projects/change', { project: 'flat', classes: CLASSES });
    write.mock.restore();
    syncBuiltinESMExports();
  }
  assert.equal((await answer('projects/change', { project: 'flat', classes: CLASSES })).status, 200);
});

test('content that cannot be used is neither', async () => {
  await refusedAs(422, /found something else/, 'pairs/features?run=trained&image=splits.json');
  await refusedAs(422, /expected 48 × 48 pixels/, 'projects/drawn?project=flat&id=chest-0000', new Uint8Array(7));
});

test('a file is no run, and a picture that is cut short or a folder is no picture', async () => {
  for (const path of ['runs/settings', 'runs/archive', 'runs/curves']) {
    await refusedAs(404, /expected the folder of a run/, `${path}?run=begun/config.yaml`);
  }
  await refusedAs(404, /expected the folder of a run/, 'jobs/resume', { run: 'begun/config.yaml' });
  const samples = join(runs, 'begun', 'samples');
  mkdirSync(join(samples, 'folder.png'), { recursive: true });
  writeFileSync(join(samples, 'short.png'), 'x');
  for (const name of ['folder.png', 'short.png']) {
    await refusedAs(415, /expected a PNG picture/, `runs/picture?run=begun&name=${name}`);
  }
});
