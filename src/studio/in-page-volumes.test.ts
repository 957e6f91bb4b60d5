/**
 * Volumes in the page: a file and a folder of DICOM slices are opened, drawn in, trained on and predicted without the
 * server, and their masks go out on the voxels of their files.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import { readAnyVolume } from '../data/read.js';
import { imageElements, placeElements } from '../image/formats/dicom/fixtures/images.js';
import { encodeWasm } from '../image/formats/dicom/fixtures/wasm-codes.js';
import { writeDicom } from '../image/formats/dicom/fixtures/writer.js';
import { fromCanonical, readVolumeBytes, toCanonical, type Volume } from '../image/index.js';
import { thoraxPhantom } from '../phantom/index.js';
import { cover } from '../pretrain/fixtures.js';
import { StudioPage, skip, until } from './fixtures.js';

/** Along z, y and x. */
const SIZE = [20, 24, 28] as const;
const [file, series] = ['chest-0000', 'thorax'] as const;
const opened = new StudioPage();
const folder = join(opened.root, 'scans', series);

before(async () => {
  if (skip) return;
  await opened.open(2, SIZE);
  const settings = ['model.channels=[8,8,8,8,8,8,8,8,8]', 'model.window=1', 'views.crop=[16,16,16]', 'views.margin=1'];
  const training = ['batch.size=1', 'schedule.steps=2', 'schedule.warmup=1', 'run.validateEvery=2', 'data.workers=0'];
  const all = [...settings, ...training, `data.cache=${join(opened.root, 'cache')}`].flatMap((one) => ['--set', one]);
  const { status, stderr } = cover('pretrain', join(opened.data, 'chests'), '-o', join(opened.runs, 'pre'), ...all);
  assert.equal(status, 0, stderr);
  await writeSeries();
});
after(() => opened.close());

/** From the feet to the head, in files that are named the other way round; every other one in JPEG-LS. */
async function writeSeries(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [depth, rows, columns] = SIZE;
  const { data } = thoraxPhantom({ size: SIZE, seed: 0, subject: 5 });
  for (let z = 0; z < depth; z++) {
    const values = Uint16Array.from(data.subarray(z * rows * columns, (z + 1) * rows * columns), (v) => v + 2000);
    const packed = z % 2 === 1;
    const pixels = packed
      ? { fragments: [await encodeWasm('jpeg-ls', values, { rows, columns, bits: 16 })] }
      : new Uint8Array(values.buffer);
    const more = placeElements({ position: [-40, -30, 3 * z], spacing: [3, 3], instance: z });
    const syntax = packed ? { syntax: '1.2.840.10008.1.2.4.80' } : {};
    const path = join(folder, `IM${String(depth - z).padStart(4, '0')}`);
    writeFileSync(path, writeDicom(imageElements({ rows, columns, pixels, more }), syntax));
  }
}

const imageOf = (id: string) =>
  readAnyVolume(id === series ? folder : join(opened.data, 'chests', 'images', `${id}.nii.gz`));
const maskAt = async (kind: string, id: string): Promise<Volume | null> => {
  const path = `labels/chests/${kind}/${id}.nii.gz`;
  const bytes = await opened.kept(path);
  return bytes.length > 0 ? readVolumeBytes(bytes, path) : null;
};
const drawnIn = async (id: string) => {
  const mask = await maskAt('drawn', id);
  const labels = mask && toCanonical(mask).data;
  const size = SIZE[1] * SIZE[2];
  return Array.from({ length: SIZE[0] }, (_, z) =>
    [...(labels?.slice(z * size, (z + 1) * size) ?? [])].reduce((sum, value) => sum + Number(value === 1), 0),
  );
};

/** The folder of the series, dropped as from a window of files. */
async function dropFolder(): Promise<void> {
  const client = await opened.context.newCDPSession(opened.page);
  const box = (await opened.page.locator('.drop').boundingBox())!;
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await client.send('Input.dispatchDragEvent', { type, x: box.x + 20, y: box.y + 10, data });
  }
  await client.detach();
}

test('a volume and a folder of DICOM slices are opened in the page, to the bit', { skip }, async () => {
  const { page } = opened;
  await opened.enter('runs');
  await page.getByText('Bring in a run').click();
  const names = readdirSync(join(opened.runs, 'pre'), { recursive: true, withFileTypes: true });
  const entries = names
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [path.slice(join(opened.runs, 'pre').length + 1), new Uint8Array(readFileSync(path))] as const);
  const buffer = Buffer.from(zipSync(Object.fromEntries(entries)));
  await page.getByLabel('Archive of a run').setInputFiles({ name: 'pre.zip', mimeType: 'application/zip', buffer });
  await page.getByText('pre lies in this browser now').waitFor();

  await opened.enter('label');
  await page.getByLabel('Name').fill('chests');
  await page.getByLabel('in the page').check();
  await page.getByLabel('Into the folder').fill('chests');
  await page.getByLabel('Open images').setInputFiles(join(opened.data, 'chests', 'images', `${file}.nii.gz`));
  await page.getByText('1 image added to chests/').waitFor();
  await dropFolder();
  await page.getByText('1 image added to chests/').waitFor();
  await until('the series', 20, async () => (await opened.kept(`data/chests/images/${series}/20.dcm`)).length > 0);
  await page.getByLabel('Open a folder').setInputFiles(folder);
  await page.getByText('an image of this name is there already, and stays').waitFor();
  assert.equal(
    (await opened.kept(`data/chests/images/${series}/01.dcm`)).length,
    readFileSync(join(folder, 'IM0001')).length,
  );
  await page.getByLabel('Classes beside the background').fill('lung, heart');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.locator('.viewer .caption', { hasText: file }).waitFor();
  assert.equal(await page.locator('.viewer canvas').count(), 3);
});

test('both are drawn in, slice by slice, and what lies between is filled', { skip }, async () => {
  const { page } = opened;
  for (const id of [file, series]) {
    await page.locator('.case-list button', { hasText: id }).click();
    await page.locator('.viewer .caption', { hasText: id }).waitFor();
    await page.keyboard.press('b');
    await page.keyboard.press('1');
    await opened.stroke(6, [0.3, 0.4], [0.4, 0.6]);
    await opened.stroke(13, [0.3, 0.4], [0.45, 0.5]);
    await until('both slices', 20, async () => (await drawnIn(id)).filter(Boolean).length === 2);
    await page.keyboard.press('i');
    await until('the slices between', 20, async () => (await drawnIn(id)).filter(Boolean).length === 8);
  }
  await page.getByText('2 of 2 labelled').waitFor();
});

test('masks go out as NIfTI and NRRD on the voxels of their files, and come in again', { skip }, async () => {
  const { page } = opened;
  await page.getByText('Import and export').click();
  for (const [format, ending] of [
    ['nrrd', '.nrrd'],
    ['nifti', '.nii.gz'],
  ] as const) {
    await page.getByLabel('Masks go out as').selectOption(format);
    const masks = unzipSync(await opened.saved('Export all masks'));
    assert.deepEqual(Object.keys(masks).sort(), [file, series].map((id) => id + ending).sort());
    for (const id of [file, series]) {
      const [mask, image] = [await readVolumeBytes(masks[id + ending]!, id + ending), await imageOf(id)];
      assert.deepEqual(mask.affine, image.affine, `${id}, ${format}`);
      const drawn = toCanonical((await maskAt('drawn', id))!).data.map((value) => (value === 255 ? 0 : value));
      assert.deepEqual(Uint8Array.from(mask.data), fromCanonical(Uint8Array.from(drawn), image), `${id}, ${format}`);
      if (format !== 'nrrd') continue;
      const buffer = Buffer.from(masks[id + ending]!);
      const given = { name: id + ending, mimeType: 'application/octet-stream', buffer };
      await page.locator('input[type=file][accept*=nrrd]').setInputFiles(given);
      await until('the mask', 20, async () => !(await maskAt('drawn', id))!.data.includes(255));
    }
  }
});

test('a network is trained on both in the page, and its predictions come back as planes', { skip }, async () => {
  const { page } = opened;
  await page.getByLabel('Steps').fill('2');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText('All 2 cases predicted').waitFor({ timeout: 120_000 });
  for (const id of [file, series]) {
    const [mask, image] = [await maskAt('predicted', id), await imageOf(id)];
    assert.deepEqual([mask!.shape, mask!.affine.map(Math.fround)], [image.shape, image.affine.map(Math.fround)]);
  }
  await page.getByLabel('Show').selectOption('certainty');
  await page.locator('.viewer .below', { hasText: 'certainty' }).nth(2).waitFor();
  await opened.enter('results');
  await page.locator('label.field', { hasText: 'Cases' }).locator('select').selectOption('train');
  await page.locator('.case-table tbody tr').nth(1).waitFor({ timeout: 60_000 });
  await page.locator('.viewer canvas').nth(5).waitFor();
});

test('a place of one volume is found in the other', { skip }, async () => {
  const { page } = opened;
  for (const [side, path] of [
    ['a', `${file}.nii.gz`],
    ['b', series],
  ]) {
    await page.evaluate(`localStorage.setItem('cover.match.${side}', '"page:chests/images/${path}"')`);
  }
  await page.evaluate(`localStorage.setItem('cover.match.run', '"page:pre"')`);
  await opened.enter('match');
  await page.getByRole('heading', { name: 'Match', level: 1 }).waitFor();
  await page.locator('.viewer canvas').nth(5).waitFor({ timeout: 60_000 });
  await page.locator('.viewer canvas').first().hover();
  await page.locator('[data-took]', { hasText: /\d+, \d+, \d+: cosine/ }).waitFor();
});

test('a folder of volumes of this computer is copied into the page, as the files that they are', { skip }, async () => {
  const { page } = opened;
  await opened.enter('start');
  await page.getByLabel('in the page').check();
  await page.getByLabel('Into the folder').fill('copied');
  await page.getByText('Copy a folder of this computer').click();
  const source = page.getByRole('group', { name: 'Folder to copy' });
  await source.getByRole('button', { name: 'chests/' }).click();
  await source.getByRole('button', { name: 'images/' }).click();
  await page.getByRole('button', { name: /^Copy \d+ images? into this browser$/ }).click();
  const volumes = readdirSync(join(opened.data, 'chests', 'images'));
  await page.getByText(`${volumes.length} image${volumes.length > 1 ? 's' : ''} added to copied/`).waitFor();
  for (const name of volumes) {
    const own = readFileSync(join(opened.data, 'chests', 'images', name));
    assert.equal((await opened.kept(`data/copied/images/${name}`)).length, own.length, name);
  }
});

test('nothing was sent, and the page made no error', { skip }, () => {
  const sending = opened.requests.filter((request) => request.method() !== 'GET' || request.postDataBuffer());
  assert.deepEqual(
    sending.map((request) => `${request.method()} ${request.url()}`),
    [],
  );
  assert.deepEqual(opened.complaints, []);
});
