/** A folder of DICOM slices as a case of a project: drawn in, and given out on its own voxels. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readSeries } from '../../../data/series.js';
import { readVolume } from '../../../image/files.js';
import { imageElements, placeElements } from '../../../image/formats/dicom/fixtures/images.js';
import { writeDicom } from '../../../image/formats/dicom/fixtures/writer.js';
import { fromCanonical, toCanonical } from '../../../image/index.js';
import { decodeFrame } from '../../shared/frame.js';
import type { FolderListing, Project } from '../../shared/protocol.js';
import { writeEmptyPage } from '../fixtures.js';
import { type RunningStudio, startStudio } from '../index.js';

const root = mkdtempSync(join(tmpdir(), 'cover-studio-series-'));
const [runs, data] = ['runs', 'data'].map((name) => join(root, name)) as [string, string];
const page = writeEmptyPage(root);
const series = join(data, 'study', 'images', 'thorax');
const [depth, rows, columns] = [4, 6, 5] as const;
let studio: RunningStudio;

before(async () => {
  mkdirSync(series, { recursive: true });
  for (let z = 0; z < depth; z++) {
    const values = Uint16Array.from({ length: rows * columns }, (_, index) => 100 * z + index);
    const more = placeElements({ position: [-10, -20, 2.5 * z], spacing: [0.8, 0.9], instance: z });
    const elements = imageElements({ rows, columns, pixels: new Uint8Array(values.buffer), more });
    writeFileSync(join(series, `IM${depth - z}`), writeDicom(elements));
  }
  studio = await startStudio({ runs, data, page });
});
after(async () => {
  await studio.close();
  rmSync(root, { recursive: true });
});

const ask = (path: string) => fetch(`${studio.address}api/${path}`);
const post = (path: string, content: unknown) => {
  const type = content instanceof Uint8Array ? 'application/octet-stream' : 'application/json';
  return fetch(`${studio.address}api/${path}`, {
    method: 'POST',
    headers: { origin: studio.address.replace(/\/$/, ''), 'content-type': type },
    body: content instanceof Uint8Array ? Uint8Array.from(content) : JSON.stringify(content),
  });
};

test('a series is a volume of a project, and its masks lie on its voxels in NIfTI and NRRD', async () => {
  const wish = { name: 'lungs', folder: 'study', classes: ['background', 'lung'], from: 'scratch' };
  const project = (await (await post('projects', wish)).json()) as Project;
  const facts = project.caseList.map(({ id, path, volume }) => ({ id, path, volume }));
  assert.deepEqual(facts, [{ id: 'thorax', path: 'study/images/thorax', volume: true }]);
  const listing = (await (await ask('data/folder?path=study/images')).json()) as FolderListing;
  assert.deepEqual(listing.entries, [{ name: 'thorax', path: 'study/images/thorax', kind: 'folder', series: true }]);
  const stored = await readSeries(series);
  const shown = decodeFrame(await (await ask('data/image?path=study/images/thorax')).arrayBuffer());
  assert.deepEqual([...shown.arrays.values!], [...toCanonical(stored).data]);

  const files = decodeFrame(await (await ask('data/files?path=study/images/thorax')).arrayBuffer()).arrays;
  assert.deepEqual(Object.keys(files).sort(), readdirSync(series).sort());
  for (const [name, bytes] of Object.entries(files)) {
    assert.equal(Buffer.compare(Buffer.from(bytes as Uint8Array), readFileSync(join(series, name))), 0, name);
  }
  assert.equal((await ask('data/files?path=study/images')).status, 415);

  const labels = Uint8Array.from({ length: depth * rows * columns }, (_, index) => (index % 7 === 0 ? 1 : 255));
  assert.equal((await post('projects/drawn?project=lungs&id=thorax', labels)).status, 200);
  for (const [format, ending] of [
    ['nifti', '.nii.gz'],
    ['nrrd', '.nrrd'],
  ] as const) {
    assert.equal((await post('projects/export', { project: 'lungs', format })).status, 200);
    const mask = await readVolume(join(runs, 'labels', 'lungs', 'export', `thorax${ending}`));
    const expected = fromCanonical(
      labels.map((value) => (value === 255 ? 0 : value)),
      stored,
    );
    assert.deepEqual(Uint8Array.from(mask.data), expected, format);
    assert.deepEqual(mask.affine.map(Math.fround), stored.affine.map(Math.fround), format);
    if (format === 'nrrd') assert.deepEqual(mask.affine, stored.affine);
  }
});

test('a slice that is a link out of the data is not read', async () => {
  writeFileSync(join(root, 'secret.dcm'), 'secret');
  symlinkSync(join(root, 'secret.dcm'), join(series, 'IM9'));
  assert.equal((await ask('data/image?path=study/images/thorax')).status, 403);
});

test('where the record or the predictions of a project cannot be read, it is told, or nothing is predicted', async () => {
  const folder = join(runs, 'labels', 'lungs');
  const open = async () => {
    const answer = await ask('projects/one?project=lungs');
    return { status: answer.status, text: await answer.text() };
  };
  mkdirSync(join(folder, 'predicted', 'index.json'), { recursive: true });
  assert.equal((await open()).status, 200);
  rmSync(join(folder, 'project.json'));
  mkdirSync(join(folder, 'project.json'));
  const { status, text } = await open();
  assert.equal(status, 409);
  assert.match(text, /lungs\/project\.json cannot be read; the labels beside it are whole/);
});
