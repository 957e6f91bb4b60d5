/**
 * All of it in the page: images are dropped, a network is pretrained, three phantoms are labelled with the pointer,
 * Train is pressed, the page is closed in the middle and opened again, and the rest is compared with the truth. The
 * server gives the page's own files alone.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { volumeInput } from '../data/input.js';
import { readCaseInput, readInput } from '../data/read-input.js';
import { decodePng } from '../image/decode-png.js';
import { readVolume, writePng, writeVolume } from '../image/files.js';
import { turnData } from '../image/geometry/orientation.js';
import { turnToSlices } from '../image/index.js';
import { openAtlas } from '../node/atlas.js';
import { loadFinetuned, loadModel } from '../node/models.js';
import { openNetwork } from '../node/networks.js';
import { thoraxPhantom } from '../phantom/index.js';
import { axe } from '../testing/chromium/axe.js';
import { segment } from '../use/segmentation/segment.js';
import { imageFeatures } from './answers/features.js';
import { CASES, CLASSES, checkSteady, ids, LABELLED, PRETRAINING, SIDE, StudioPage, skip, until } from './fixtures.js';

const opened = new StudioPage();
before(async () => {
  if (!skip) await opened.open();
});
after(() => opened.close());

async function maskAt(path: string): Promise<Uint8Array> {
  const bytes = await opened.kept(path);
  return bytes.length > 0 ? Uint8Array.from(decodePng(bytes, path).data) : bytes;
}

const drawnOn = (id: string) => maskAt(`labels/hearts/drawn/${id}.png`);

/** Asks the worker in which the page works, as the page does: another one of the same code. */
async function askWorker<T>(call: string, ...args: readonly unknown[]): Promise<T> {
  const code = opened.page.workers().map((worker) => worker.url());
  const address = code.find((url) => /\/assets\/worker-[^/]+\.js$/.test(url));
  assert.ok(address, code.join());
  const request = { id: 1, name: call, args, assets: `${opened.studio.address}ort/` };
  return (await opened.page.evaluate(`new Promise((resolve, reject) => {
    const worker = new Worker(${JSON.stringify(address)}, { type: 'module' });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      if ('error' in data) reject(new Error(data.error));
      else resolve(data.value);
    };
    worker.postMessage(${JSON.stringify(request)});
  })`)) as T;
}

function unpack(archive: Uint8Array, folder: string): void {
  for (const [name, bytes] of Object.entries(unzipSync(archive))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

test('images are opened and dropped in the page, and a network is pretrained on them there', { skip }, async () => {
  await opened.enter('start');
  await opened.page.getByLabel('in the page').check();
  await opened.page.getByLabel('Into the folder').fill('chests');
  await opened.page.getByLabel('Open images').setInputFiles(ids.slice(1).map((id) => opened.image(id)));
  await opened.page.getByText(`${CASES - 1} images added to chests/`).waitFor();
  const bytes = JSON.stringify([...readFileSync(opened.image(ids[0]!))]);
  const files = await opened.page.evaluateHandle(`(() => {
    const given = new DataTransfer();
    given.items.add(new File([Uint8Array.from(${bytes})], '${ids[0]}.png'));
    given.items.add(new File(['no image'], 'notes.png'));
    return given;
  })()`);
  await opened.page.locator('.drop').dispatchEvent('drop', { dataTransfer: files });
  await opened.page.getByText('1 image added to chests/').waitFor();
  await opened.page.getByText('notes.png: expected a PNG').waitFor();
  assert.equal(
    Buffer.compare(await opened.kept(`data/chests/images/${ids[0]}.png`), readFileSync(opened.image(ids[0]!))),
    0,
  );

  // Of a volume the axial slices are taken, as they are looked at: from the front, and from the patient's right.
  const phantom = thoraxPhantom({ size: [16, 40, 48], seed: 0, subject: 1 });
  const volume = join(opened.root, 'scan.nii.gz');
  writeVolume(volume, { ...phantom, slope: 1, intercept: 0 });
  await opened.page.getByLabel('Into the folder').fill('slices');
  await opened.page.getByLabel('of volumes take the axial slices').check();
  await opened.page.getByLabel('Open images').setInputFiles(volume);
  await opened.page.getByText('16 of 16 axial slices').waitFor();
  const slice = decodePng(await opened.kept('data/slices/images/scan-z07.png'), 'slice');
  const { image } = volumeInput(await readVolume(volume), { spacing: null, intensity: 'auto' });
  const turned = turnData(image.data, [16, 40, 48], turnToSlices('axial')).slice(7 * 40 * 48, 8 * 40 * 48);
  assert.deepEqual(slice.shape, [40, 48]);
  assert.ok(slice.data.every((value, index) => Math.abs(value / 65535 - turned[index]!) < 0.51 / 65535));
  await opened.page.getByRole('button', { name: '↑ back' }).click();
  await opened.page.getByRole('button', { name: 'chests/', exact: true }).click();

  await opened.page.getByRole('button', { name: 'Look at every file' }).click();
  await opened.page.getByText(`${CASES} of ${CASES} files are fit`).waitFor();
  await opened.page.getByLabel('Name of the run').fill('pre');
  await opened.page.getByLabel('Network').selectOption('small');
  await opened.page.getByLabel('Steps').fill('20');
  await opened.page.getByLabel('Images in a batch').fill('2');
  const settings = [...PRETRAINING, 'views.curriculum.steps=8', 'schedule.warmup=3', 'run.validateEvery=10'];
  await opened.page.getByLabel('Further settings').fill([...settings, 'data.validationShare=0.2'].join('\n'));
  await opened.page.getByRole('button', { name: 'Estimate' }).click();
  await opened.page.getByText('that are free').waitFor();
  await opened.page.getByRole('button', { name: 'Start', exact: true }).click();
  const chart = opened.page.locator('section[aria-label="Loss"] .chart');
  await chart.waitFor({ timeout: 60_000 });
  const points = async () => Number(await chart.getAttribute('data-points'));
  await until('points', 60, async () => (await points()) > 3);
  const first = await points();
  await until('more points', 60, async () => (await points()) > first);
  await opened.page.locator('.state.finished').waitFor({ timeout: 120_000 });
  await until('all points', 10, async () => (await points()) === 20);
  await opened.page.locator('section[aria-label="Endpoint error, px or voxels"]').waitFor();
});

test('a dropped image has the features that it has under Node, to 1e-5 of the largest', { skip }, async (t) => {
  const run = join(opened.root, 'from-the-page');
  unpack(await opened.saved('Save as archive'), run);
  const network = await openNetwork(loadModel(run));
  const image = await readInput(opened.image(ids[0]!), 1);
  const expected = await imageFeatures(network, image).finally(() => network.close());
  const found = await askWorker<typeof expected>('features', 'pre', `chests/images/${ids[0]}.png`);
  assert.deepEqual(found.facts, expected.facts);
  for (const [name, values] of Object.entries(expected.arrays)) {
    const largest = Math.max(...values.map(Math.abs));
    const own = Object.values(found.arrays[name]!);
    const apart = Math.max(...own.map((value, index) => Math.abs(value - values[index]!))) / largest;
    t.diagnostic(`${name}: ${apart.toExponential(1)} of the largest`);
    assert.ok(own.length === values.length && apart < 1e-5, `${name}: ${apart}`);
  }
});

test('three phantoms are labelled with the pointer; the page is closed in the middle', { skip }, async () => {
  await opened.enter('label');
  await opened.page.getByLabel('Name').fill('hearts');
  await opened.page.getByLabel('in the page').check();
  await opened.page.getByRole('button', { name: 'chests/', exact: true }).click();
  await opened.page.getByLabel('Classes beside the background').fill(CLASSES.slice(1).join(', '));
  await opened.page.getByRole('button', { name: 'Begin' }).click();
  for (const id of ids.slice(0, LABELLED)) {
    await opened.page.locator('.case-list button', { hasText: id }).click();
    await opened.page.locator('.viewer .caption', { hasText: id }).waitFor();
    const drawn = await opened.drawTruth(id);
    if (id === ids[1]) {
      await opened.anew();
      await opened.enter('label/page%3Ahearts');
      await opened.page.locator('.viewer .caption', { hasText: id }).waitFor();
    }
    await until(`${id} is saved`, 10, async () => Buffer.compare(await drawnOn(id), drawn) === 0);
  }
  await opened.page.getByText(`${LABELLED} of ${CASES} labelled`).waitFor();
  // What is least like them is proposed before any training.
  await opened.page.getByLabel('Next is').selectOption('farthest');
  await opened.page.locator('.case-list').getByText('distance').first().waitFor({ timeout: 60_000 });
  await opened.page.getByRole('button', { name: 'Next' }).click();
  const open = await opened.page.locator('.case-list [aria-current] span').first().textContent();
  assert.ok(ids.slice(LABELLED).includes(open ?? ''));
});

test('labels are transferred in the page as Node transfers them', { skip }, async (t) => {
  await opened.page.getByRole('button', { name: 'Transfer labels' }).click();
  await opened.page.getByText(`Labels transferred to all ${CASES} cases by pre`).waitFor({ timeout: 120_000 });
  const folder = join(opened.root, 'drawn');
  for (const part of ['images', 'labels']) mkdirSync(join(folder, part), { recursive: true });
  for (const id of ids.slice(0, LABELLED)) {
    copyFileSync(opened.image(id), join(folder, 'images', `${id}.png`));
    const data = (await drawnOn(id)).map((label) => (label < CLASSES.length ? label : 0));
    await writePng(join(folder, 'labels', `${id}.png`), { height: SIDE, width: SIDE, channels: 1, data });
  }
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify({ classes: { ...CLASSES } }));
  const { segmenter } = await openAtlas(loadModel(join(opened.root, 'from-the-page')), { folder });
  let same = 0;
  for (const id of ids) {
    const { labels } = await segment(segmenter, await readCaseInput(opened.image(id), segmenter));
    const own = await maskAt(`labels/hearts/predicted/${id}.png`);
    same += labels.data.filter((label, pixel) => label === own[pixel]).length / own.length / CASES;
  }
  await segmenter.close();
  t.diagnostic(`the same class in ${same.toFixed(5)} of the pixels`);
  assert.ok(same > 0.999, `${same}`);
  // Nothing of the atlas is left behind.
  assert.equal((await opened.kept('labels/hearts/atlas/1/dataset.json')).length, 0);
});

test('Train is pressed in the page, closed and resumed, and the rest has a Dice above 0.9', { skip }, async (t) => {
  await opened.page.getByLabel('Steps').fill('120');
  await opened.page.getByRole('button', { name: 'Train', exact: true }).click();
  await opened.page.getByText(/step \d+ of 120/).waitFor({ timeout: 60_000 });
  const step = async () => Number((await opened.page.getByText(/step \d+ of 120/).textContent())?.match(/\d+/)?.[0]);
  await until('the first checkpoint', 120, async () => (await step()) > 55);
  await opened.anew();
  await opened.enter('label/page%3Ahearts');
  const resume = opened.page.getByRole('button', { name: /Resume at step \d+ of 120/ });
  await resume.waitFor();
  await resume.click();
  await opened.page.getByText(/step \d+ of 120/).waitFor();
  await opened.page.getByText(`All ${CASES} cases predicted`).waitFor({ timeout: 240_000 });
  const dices: number[] = [];
  for (const id of ids.slice(LABELLED)) {
    dices.push(...(await opened.dicesOf(id, await maskAt(`labels/hearts/predicted/${id}.png`))));
  }
  const mean = dices.reduce((sum, dice) => sum + dice, 0) / dices.length;
  t.diagnostic(`mean Dice ${mean.toFixed(3)}`);
  assert.ok(mean > 0.9, `mean Dice ${mean.toFixed(3)} of ${dices.length} organs`);
  await opened.page.locator('.case-list').getByText('uncertain').first().waitFor();
});

test('run, network and masks are taken out, and the run is brought in again', { skip }, async () => {
  await opened.page.getByText('Import and export').click();
  const masks = unzipSync(await opened.saved('Export all masks'));
  assert.deepEqual(Object.keys(masks).sort(), ids.map((id) => `${id}.png`).sort());
  const own = await opened.truth(ids[0]!);
  const expected = own.map((value) => (value < CLASSES.length ? value : 0));
  assert.equal(Buffer.compare(Uint8Array.from(decodePng(masks[`${ids[0]}.png`]!, 'mask').data), expected), 0);

  await opened.page.evaluate(`localStorage.setItem('cover.runs.chosen', '["page:hearts-1"]')`);
  await opened.enter('runs');
  await opened.page.locator('.state.finished').first().waitFor();
  const archive = await opened.saved('Save as archive');
  const onnx = await opened.saved('Save as ONNX');
  assert.ok(onnx.includes(Buffer.from('probabilities')));
  // Under Node it is the same network.
  const run = join(opened.root, 'hearts');
  unpack(archive, run);
  assert.deepEqual(loadFinetuned(run).classes, CLASSES);
  await opened.page.getByText('Bring in a run').click();
  const file = { name: 'again.zip', mimeType: 'application/zip', buffer: archive };
  await opened.page.getByLabel('Archive of a run').setInputFiles(file);
  await opened.page.getByText('again lies in this browser now').waitFor();
  await opened.page.locator('.run-list .name', { hasText: 'again' }).waitFor();
  const [before, after] = [await opened.kept('runs/hearts-1/config.yaml'), await opened.kept('runs/again/config.yaml')];
  assert.ok(before.length > 100 && Buffer.compare(before, after) === 0);
});

test('the other rooms show what lies in the page', { skip }, async () => {
  await opened.enter('results');
  await opened.page.locator('label.field', { hasText: 'Cases' }).locator('select').selectOption('train');
  await opened.page.locator('.case-table tbody tr').nth(LABELLED).waitFor();
  await opened.enter('views');
  await opened.page.getByText('of a field of zeros').waitFor();
  assert.equal(await opened.page.locator('.viewer canvas').count(), 6);
  for (const [side, id] of [
    ['a', ids[0]],
    ['b', ids[1]],
  ]) {
    await opened.page.evaluate(`localStorage.setItem('cover.match.${side}', '"page:chests/images/${id}.png"')`);
  }
  await opened.enter('match');
  await opened.page.getByRole('heading', { name: 'Match' }).waitFor();
  await opened.page.locator('.viewer canvas').nth(1).waitFor();
  await opened.page.locator('.viewer canvas').first().hover();
  await opened.page.locator('[data-took]').getByText('cosine').waitFor();
  await opened.page.getByRole('button', { name: 'Lay the first over the second' }).click();
  await opened.page.getByText('mean displacement').waitFor();
});

test('axe finds nothing in the rooms of the page, wide and narrow', { skip }, async () => {
  for (const width of [1280, 390]) {
    await opened.page.setViewportSize({ width, height: 900 });
    for (const room of ['label', 'label/page%3Ahearts', 'start', 'runs']) {
      await opened.enter(room);
      await opened.page.reload();
      await opened.page.locator('main h1').waitFor();
      if (room === 'start') await opened.page.getByLabel('in the page').check();
      await opened.page.waitForTimeout(400);
      await checkSteady(opened.page, `${room}, ${width}`);
      const { found, looked } = await axe(opened.page);
      assert.deepEqual(found, [], `${room}, ${width}`);
      assert.ok(looked > 15, `${room}: ${looked} rules looked at something`);
      const wide = Number(await opened.page.evaluate('document.documentElement.scrollWidth - innerWidth'));
      assert.ok(wide <= 0, `${room}: ${wide} px too wide`);
    }
  }
});

test('nothing was sent: no request carried anything or went to another host', { skip }, () => {
  const foreign = opened.requests.filter((request) => {
    const url = request.url();
    return !url.startsWith(opened.studio.address) && !/^(blob|data):/.test(url);
  });
  assert.deepEqual(
    foreign.map((request) => request.url()),
    [],
  );
  const sending = opened.requests.filter((request) => request.method() !== 'GET' || request.postDataBuffer());
  assert.deepEqual(
    sending.map((request) => `${request.method()} ${request.url()}`),
    [],
  );
  assert.ok(opened.requests.some((request) => request.url().endsWith('.wasm')));
  assert.deepEqual(opened.complaints, []);
});

test('what lies in the browser is removed there', { skip }, async () => {
  await opened.page.setViewportSize({ width: 1280, height: 900 });
  await opened.enter('runs');
  await opened.page.evaluate(`localStorage.setItem('cover.runs.chosen', '["page:again"]')`);
  await opened.page.reload();
  await opened.page.getByRole('button', { name: 'Remove the run again' }).click();
  await opened.page.getByRole('button', { name: 'Really remove the run again' }).click();
  await until('no such run', 10, async () => (await opened.kept('runs/again/config.yaml')).length === 0);
  assert.ok((await opened.kept('runs/hearts-1/config.yaml')).length > 0);
  await opened.enter('label');
  await opened.page.getByRole('button', { name: 'Remove the project hearts' }).click();
  await opened.page.getByRole('button', { name: 'Really remove the project hearts' }).click();
  await until('no such project', 10, async () => (await opened.kept('labels/hearts/project.json')).length === 0);
  assert.ok((await opened.kept(`data/chests/images/${ids[0]}.png`)).length > 0);
});

test('a project of this computer goes on in the page', { skip }, async () => {
  const { address } = opened.studio;
  const post = (path: string, content: unknown) =>
    fetch(`${address}api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: address.replace(/\/$/, '') },
      body: JSON.stringify(content),
    });
  await post('projects', { name: 'lungs', folder: 'chests', classes: CLASSES, from: 'scratch' });
  const drawn = new Uint8Array(SIDE * SIDE).fill(255).fill(2, 0, 100);
  await fetch(`${address}api/projects/drawn?project=lungs&id=${ids[4]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', origin: address.replace(/\/$/, '') },
    body: drawn,
  });
  await opened.enter('label/lungs');
  await opened.page.getByLabel('Where').selectOption('page');
  await opened.page.getByRole('button', { name: 'Copy it into the page' }).click();
  await opened.page.getByRole('heading', { name: 'lungs (in the page)' }).waitFor();
  await opened.page.getByText(`1 of ${CASES} labelled`).waitFor();
  assert.equal(Buffer.compare(await maskAt(`labels/lungs/drawn/${ids[4]}.png`), drawn), 0);
  const copy = decodePng(await opened.kept(`data/lungs/images/${ids[4]}.png`), 'copy');
  const original = decodePng(readFileSync(opened.image(ids[4]!)), 'original');
  assert.deepEqual(copy.data, original.data);
  // Another time the older copy is there, which is told.
  await opened.enter('label/lungs');
  await opened.page.getByLabel('Where').selectOption('page');
  await opened.page.getByRole('button', { name: 'Copy it into the page' }).click();
  await opened.page.getByText('The page has a project of this name').waitFor();
  await opened.page.getByRole('link', { name: 'Open it' }).click();
  await opened.page.getByRole('heading', { name: 'lungs (in the page)' }).waitFor();
});
