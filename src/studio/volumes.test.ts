/**
 * Volumes in a real browser: solid phantoms are drawn in with the pointer, what lies between two slices is filled, a
 * network is trained on them, and every room shows three linked planes.
 */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { readLabels } from '../data/labelled/index.js';
import { readVolume, writeLabels, writeVolume } from '../image/files.js';
import { turnGrid } from '../image/geometry/orientation.js';
import { fromCanonical, readVolumeBytes, toCanonical, turnData } from '../image/index.js';
import { cover } from '../pretrain/fixtures.js';
import { axe } from '../testing/chromium/axe.js';
import { StudioPage, skip, until } from './fixtures.js';
import { decodeFrame } from './shared/frame.js';

/** Along z, y and x; the planes have different sides, so that none can be taken for another. */
const SIZE = [20, 24, 28] as const;
const CASES = 4;
const ids = Array.from({ length: CASES }, (_, index) => `chest-${String(index).padStart(4, '0')}`);
const [first, second] = ids as [string, string];

const opened = new StudioPage();
const { root, runs, data } = opened;
const imageOf = (id: string) => join(data, 'chests', 'images', `${id}.nii.gz`);
let page: Page;

before(async () => {
  if (skip) return;
  await opened.open(CASES, SIZE);
  page = opened.page;
  // The first one lies otherwise in its file: its axes are swapped and turned about, its voxels lie obliquely.
  const straight = await readVolume(imageOf(first));
  const turn = { axes: [1, 0, 2], flips: [true, false, true] } as const;
  const { affine, shape } = turnGrid(straight, turn);
  const oblique = affine.map((value, index) => value + (index < 12 ? 0.25 * (index % 3) : 0));
  const values = turnData(straight.data, straight.shape, turn);
  writeVolume(imageOf(first), { ...straight, shape, affine: oblique, data: values });
  const settings = ['model.channels=[8,8,8,8,8,8,8,8,8]', 'model.window=1', 'views.crop=[16,16,16]', 'views.margin=1'];
  const training = ['batch.size=1', 'schedule.steps=3', 'schedule.warmup=1', 'run.validateEvery=3', 'data.workers=0'];
  const all = [...settings, ...training, `data.cache=${join(root, 'cache')}`].flatMap((one) => ['--set', one]);
  const { status, stderr } = cover('pretrain', join(data, 'chests'), '-o', join(runs, 'pre'), ...all);
  assert.equal(status, 0, stderr);
});
after(() => opened.close());

const enter = async (room: string, heading: string) => {
  await opened.enter(room);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
};
const canvases = () => page.locator('.viewer canvas');
const slider = (plane: string) => page.getByRole('slider', { name: plane });

async function checkPage(where: string): Promise<void> {
  const { found, looked } = await axe(page);
  assert.deepEqual(found, [], where);
  assert.ok(looked > 15, `${where}: ${looked} rules looked at something`);
}

async function labelsOf(kind: 'drawn' | 'prediction', id: string): Promise<Uint8Array> {
  const answer = await fetch(`${opened.studio.address}api/projects/${kind}?project=chests&id=${id}`);
  return Uint8Array.from(decodeFrame(await answer.arrayBuffer()).arrays.labels ?? []);
}

const inSlices = (labels: Uint8Array) =>
  Array.from({ length: SIZE[0] }, (_, z) =>
    labels
      .subarray(z * SIZE[1] * SIZE[2], (z + 1) * SIZE[1] * SIZE[2])
      .reduce((sum, value) => sum + Number(value === 1), 0),
  );

test('two slices are drawn in, what lies between them is filled and taken back; masks lie where their volumes do', {
  skip,
}, async () => {
  // A pretraining on images, as far as the page sees it.
  const [solid, flat] = [join(runs, 'pre'), join(runs, 'flat')];
  mkdirSync(flat);
  const settings = readFileSync(join(solid, 'config.yaml'), 'utf8');
  writeFileSync(join(flat, 'config.yaml'), settings.replace('  crop:\n    - 16\n', '  crop:\n'));
  copyFileSync(join(solid, 'metrics.jsonl'), join(flat, 'metrics.jsonl'));
  await enter('start', 'Start a run');
  const weights = page.getByLabel('Begins with').locator('option');
  const start = ['random weights', 'the weights of pre'];
  await page.getByRole('button', { name: 'chests/' }).click();
  await page.getByLabel('Views, voxels').waitFor();
  assert.equal(await page.getByLabel('Views, voxels').locator('option:checked').textContent(), '48 × 48 × 48');
  assert.equal(await page.getByLabel('Volumes in a batch').inputValue(), '1');
  assert.deepEqual(await weights.allTextContents(), start);
  // Slice by slice a network of images is trained.
  await page.getByText(`chests · ${CASES} volumes`).waitFor();
  await page.getByLabel('Volumes are seen').selectOption('sagittal');
  assert.equal(await page.getByLabel('Views, pixels').locator('option:checked').textContent(), '128 × 128');
  assert.equal(await page.getByLabel('Slices in a batch').inputValue(), '4');
  assert.deepEqual(await weights.allTextContents(), ['random weights', 'the weights of flat']);
  await page.getByLabel('Views, pixels').selectOption('64');
  await page.getByLabel('Network').selectOption('small');
  await page.getByRole('button', { name: 'Estimate' }).click();
  await page.getByText(/about .* that are free/).waitFor();
  const scratch = 'a small network from scratch';
  await enter('label', 'Label and train');
  await page.getByLabel('Name').fill('chests');
  await page.getByRole('button', { name: 'chests/' }).click();
  await page.getByLabel('Classes beside the background').fill('lung, heart');
  const networks = page.getByLabel('Training begins with');
  await networks.getByText('pre').waitFor({ state: 'attached' });
  assert.deepEqual(await networks.locator('option').allTextContents(), ['pre', scratch]);
  await networks.selectOption('scratch');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.locator('.viewer .caption', { hasText: first }).waitFor();
  const others = page.getByLabel('Begins with');
  await others.getByText('pre').waitFor({ state: 'attached' });
  assert.deepEqual(await others.locator('option').allTextContents(), [scratch, 'pre']);
  rmSync(flat, { recursive: true });
  assert.equal(await canvases().count(), 3);
  await page.keyboard.press('b');
  await page.keyboard.press('1');
  for (let size = 0; size < 5; size++) await page.keyboard.press('[');
  await opened.stroke(6, [0.3, 0.4], [0.4, 0.6]);
  await opened.stroke(13, [0.3, 0.4], [0.45, 0.5]);
  await until('both slices', 10, async () => inSlices(await labelsOf('drawn', first)).filter(Boolean).length === 2);
  const drawn = inSlices(await labelsOf('drawn', first));
  assert.ok(drawn[5]! > 10 && drawn[12]! > 10, drawn.join(' '));
  // The coronal and the sagittal plane went along to where it was drawn.
  assert.notEqual(await slider('sagittal').inputValue(), String(SIZE[2] / 2 + 1));

  await page.keyboard.press('i');
  await until(
    'the slices between',
    10,
    async () => inSlices(await labelsOf('drawn', first)).filter(Boolean).length === 8,
  );
  const filled = inSlices(await labelsOf('drawn', first));
  assert.deepEqual([filled[4], filled[5], filled[12], filled[13]], [0, drawn[5], drawn[12], 0]);
  await page.keyboard.press('z');
  await until('taken back', 10, async () => inSlices(await labelsOf('drawn', first)).filter(Boolean).length === 2);
  await page.keyboard.press('Shift+Z');
  await until('done again', 10, async () => inSlices(await labelsOf('drawn', first)).filter(Boolean).length === 8);
  // The other planes are drawn in, too.
  await page.keyboard.press('2');
  const sagittal = (await canvases().nth(2).boundingBox())!;
  await page.mouse.click(sagittal.x + 0.5 * sagittal.width, sagittal.y + 0.2 * sagittal.height);
  await until('the other class', 10, async () => (await labelsOf('drawn', first)).includes(2));

  const labels = await labelsOf('drawn', first);
  await page.getByText('Import and export').click();
  await page.getByRole('button', { name: /Export/ }).click();
  await page.getByText('Masks of all cases lie in').waitFor();
  const [image, mask] = await Promise.all([
    readVolume(imageOf(first)),
    readVolume(join(runs, 'labels', 'chests', 'export', `${first}.nii.gz`)),
  ]);
  assert.deepEqual(mask.affine, image.affine);
  const expected = labels.map((value) => (value === 255 ? 0 : value));
  assert.deepEqual(Uint8Array.from(mask.data), fromCanonical(expected, image));
  await page.getByLabel('Masks go out as').selectOption('nrrd');
  await page.getByRole('button', { name: /Export/ }).click();
  const nrrd = join(runs, 'labels', 'chests', 'export', `${first}.nrrd`);
  await until('the mask', 10, async () => existsSync(nrrd));
  const { data: same, affine } = await readVolume(nrrd);
  assert.deepEqual([Uint8Array.from(same), affine], [Uint8Array.from(mask.data), image.affine]);
  await checkPage('label, volumes');
});

test('a mask of the truth comes in and is drawn on; one on another grid beside it is refused', { skip }, async () => {
  const truth = join(data, 'chests', 'labels', `${second}.nii.gz`);
  const { data: all } = await readLabels(truth);
  const { affine, shape } = await readVolume(truth);
  const labels = all.map((value) => (value === 1 || value === 2 ? 1 : value === 3 ? 2 : 0));
  const [fit, moved] = [join(root, `${second}.nii.gz`), join(root, 'moved', `${second}.nii.gz`)];
  writeLabels(fit, labels, { shape, affine });
  writeLabels(moved, labels, { shape, affine: affine.with(3, affine[3]! + 40) });
  const input = page.locator('input[type=file][accept*=nrrd]');
  await page.locator('.case-list button', { hasText: second }).click();
  await page.locator('.viewer .caption', { hasText: second }).waitFor();
  await input.setInputFiles([fit, moved]);
  await page.getByText('expected the grid of its image').waitFor();
  await page.getByText('1 of 2 masks taken over').waitFor();
  opened.complaints.length = 0;
  assert.deepEqual(await labelsOf('drawn', second), labels);
  // A stroke goes on from what came in.
  await page.locator('.viewer .caption', { hasText: second }).waitFor();
  await opened.stroke(2, [0.05, 0.05], [0.1, 0.05]);
  const apart = async () => (await labelsOf('drawn', second)).filter((value, index) => value !== labels[index]).length;
  await until('the stroke', 10, async () => (await apart()) > 0);
  assert.ok((await apart()) < 50, `${await apart()} voxels are others`);
});

test('a few steps are trained on the volumes, and predictions come back as planes', { skip }, async () => {
  await page.getByLabel('Steps').fill('6');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText(`All ${CASES} cases predicted`).waitFor({ timeout: 120_000 });
  const summary = JSON.parse(readFileSync(join(runs, 'labels', 'chests', 'predicted', 'index.json'), 'utf8'));
  assert.equal(typeof summary.cases[second].dice, 'number');
  const predicted = await labelsOf('prediction', first);
  const stored = join(runs, 'labels', 'chests', 'predicted', `${first}.nii.gz`);
  assert.deepEqual(predicted, (await readLabels(stored)).data);
  assert.deepEqual((await readVolume(stored)).affine, (await readVolume(imageOf(first))).affine);
  await page.locator('.case-list button', { hasText: first }).click();
  await page.getByLabel('Show').selectOption('certainty');
  await page.locator('.viewer .below', { hasText: 'certainty' }).nth(2).waitFor();

  await enter('results', 'Segmentations');
  await page.locator('label.field', { hasText: 'Cases' }).locator('select').selectOption('train');
  await page.locator('.case-table tbody tr').nth(1).waitFor();
  await canvases().nth(5).waitFor();
  assert.equal(await canvases().count(), 6);
  await checkPage('results, volumes');
});

test('the project goes on in the page, with the files of its volumes and what was drawn', { skip }, async () => {
  const [labels, others] = [await labelsOf('drawn', first), await labelsOf('drawn', second)];
  // One is a link to a file of another name.
  const linked = ids.at(-1)!;
  const meant = join(data, 'elsewhere.nii.gz');
  renameSync(imageOf(linked), meant);
  symlinkSync(meant, imageOf(linked));
  await opened.enter('label/chests');
  await page.getByLabel('Where').selectOption('page');
  await page.getByRole('button', { name: 'Copy it into the page' }).click();
  await page.getByRole('heading', { name: 'chests (in the page)' }).waitFor({ timeout: 60_000 });
  await page.getByText(`2 of ${CASES} labelled`).waitFor();
  const copied = await opened.kept(`data/chests/images/${linked}.nii.gz`);
  assert.equal(Buffer.compare(copied, readFileSync(meant)), 0);
  for (const [id, drawn] of [
    [first, labels],
    [second, others],
  ] as const) {
    const file = `data/chests/images/${id}.nii.gz`;
    assert.equal(Buffer.compare(await opened.kept(file), readFileSync(imageOf(id))), 0);
    const path = `labels/chests/drawn/${id}.nii.gz`;
    const mask = await readVolumeBytes(await opened.kept(path), path);
    assert.deepEqual(mask.affine, (await readVolume(imageOf(id))).affine);
    assert.deepEqual(Uint8Array.from(toCanonical(mask).data), drawn);
  }
});

test('views and fields in three linked planes, level by level', { skip }, async () => {
  await enter('views', 'Views and vectors');
  await page.getByText('of a field of zeros').waitFor();
  assert.equal(await canvases().count(), 18);
  const before = await slider('coronal').inputValue();
  // A click in an axial plane moves the others.
  const axial = (await canvases().first().boundingBox())!;
  await page.mouse.click(axial.x + 0.28 * axial.width, axial.y + 0.2 * axial.height);
  await until('the planes', 5, async () => (await slider('coronal').inputValue()) !== before);
  // From the front of the patient and its right: the far ends of y and x.
  assert.deepEqual([await slider('coronal').inputValue(), await slider('sagittal').inputValue()], ['13', '12']);
  await page.mouse.wheel(0, 100);
  await until('the next slice', 5, async () => (await slider('axial').inputValue()) === '10');
  await checkPage('views, volumes');
});

test('a place of one volume is found in another, in three planes', { skip }, async () => {
  for (const [side, id] of [
    ['a', first],
    ['b', second],
  ]) {
    await page.evaluate(`localStorage.setItem('cover.match.${side}', '"chests/images/${id}.nii.gz"')`);
  }
  await enter('match', 'Match');
  await canvases().nth(5).waitFor();
  await canvases().first().hover();
  await page.locator('[data-took]', { hasText: /\d+, \d+, \d+: cosine/ }).waitFor();
  await page.mouse.down();
  await page.mouse.up();
  const row = await page.locator('section[aria-label="Points"] tbody tr td').allTextContents();
  assert.match(row[0]!, /^\d+, \d+, \d+$/);
  await page.getByRole('button', { name: 'Lay the first over the second' }).click();
  await page.getByText(/mean displacement [\d.]+ mm/).waitFor();
  assert.equal(await canvases().count(), 12);
  await checkPage('match, volumes');
});

test('no request went to another host, and the page made no error', { skip }, () => {
  const asked = opened.requests.map((request) => request.url());
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(opened.studio.address) && !/^(blob|data):/.test(url)),
    [],
  );
  assert.deepEqual(opened.complaints, []);
});
