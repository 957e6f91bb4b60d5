/** Labels and a known warp, and what is written of a registration of images and of volumes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { readImage, readVolume, writeLabels, writePng, writeVolume } from '../image/files.js';
import { smallModel } from '../use/fixtures.js';
import type { Network } from '../use/index.js';
import { registrationText } from '../use/registration/report.js';
import { labelOverlap, warpLabels } from '../use/registration/score.js';
import { readNpy } from '../weights/index.js';
import { registerFiles } from './register-files.js';

const root = mkdtempSync(join(tmpdir(), 'cover-registration-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** A network that finds every pixel `by` pixels away, along each axis. */
function shifting(by: readonly number[], ...settings: string[]): Network {
  return {
    model: smallModel(...settings),
    device: 'cpu',
    atOnce: 1,
    programs: 0,
    run: async (_name, _build, { fixed }) => {
      const shape = fixed!.shape.slice(2);
      const size = fixed!.data.length;
      const data = Float32Array.from({ length: by.length * size }, (_, at) => by[Math.floor(at / size)]!);
      return { predicted: tensor([1, by.length, ...shape], data) };
    },
    close: async () => {},
  };
}

/** A square of class 1 with a strip of class 2 below it, `by` pixels to the right. */
function scene(by: number): Uint8Array {
  return Uint8Array.from({ length: 20 * 20 }, (_, at) => {
    const [row, column] = [Math.floor(at / 20), (at % 20) - by];
    if (column < 4 || column >= 12 || row < 4) return 0;
    return row < 12 ? 1 : row < 14 ? 2 : 0;
  });
}

test('the Dice of a known warp', () => {
  const [moving, fixed] = [scene(4), scene(0)].map((data) => ({ shape: [20, 20], data }));
  // The fixed image's pixel is found four columns further to the right: all is undone.
  const field = tensor(
    [2, 20, 20],
    Float32Array.from({ length: 800 }, (_, at) => (at < 400 ? 0 : 4)),
  );
  const warped = warpLabels(moving!, field);
  assert.deepEqual(warped.data, fixed!.data);
  const overlap = labelOverlap(moving!, warped, fixed!, { spacing: [1, 0.5], classes: ['background', 'square'] });
  // Half of eight columns is shared, and the far edge is four columns of 0.5 away.
  assert.deepEqual(overlap, [
    { label: 1, name: 'square', diceBefore: 0.5, diceAfter: 1, hd95Before: 2, hd95After: 0 },
    { label: 2, name: 'class 2', diceBefore: 0.5, diceAfter: 1, hd95Before: 2, hd95After: 0 },
  ]);
  const nothing = { shape: [2, 2], data: Uint8Array.of(0, 255, 0, 255) };
  assert.deepEqual(labelOverlap(nothing, nothing, nothing, { spacing: [1, 1] }), []);
});

test('two images: what is written, and the report', async () => {
  const at = (name: string) => join(root, 'images', name);
  const gray = (data: Uint8Array) =>
    ({ width: 20, height: 20, channels: 1, data: data.map((label) => 100 * label) }) as const;
  const labels = (data: Uint8Array) => ({ width: 20, height: 20, channels: 1, data }) as const;
  await writePng(at('moving.png'), gray(scene(4)));
  await writePng(at('fixed.png'), gray(scene(0)));
  await writePng(at('labels/moving.png'), labels(scene(4)));
  await writePng(at('labels/fixed.png'), labels(scene(0)));
  writeFileSync(at('dataset.json'), JSON.stringify({ labels: { 0: 'background', 1: 'square', 2: 'strip' } }));
  const out = join(root, 'registered');
  // Seen as 10 × 10: two columns are four of the images.
  const { report, written } = await registerFiles(shifting([0, 2]), at('moving.png'), at('fixed.png'), out, {
    labels: at('labels/moving.png'),
    fixedLabels: at('labels/fixed.png'),
    size: [10, 10],
  });
  assert.deepEqual(written, ['warped.png', 'field.npy', 'labels.png', 'registration.png', 'registration.json']);
  assert.deepEqual(report.meanDice, { before: 0.5, after: 1 });
  assert.deepEqual([report.unit, report.measures.meanDisplacement, report.measures.foldedShare], ['px', 4, 0]);
  assert.deepEqual(
    JSON.parse(readFileSync(join(out, 'registration.json'), 'utf8')),
    JSON.parse(JSON.stringify(report)),
  );
  assert.deepEqual((await readImage(join(out, 'warped.png'))).data, (await readImage(at('fixed.png'))).data);
  assert.deepEqual([...(await readImage(join(out, 'labels.png'))).data], [...scene(0)]);
  assert.deepEqual(readNpy(readFileSync(join(out, 'field.npy')), 'field').shape, [2, 20, 20]);
  assert.ok((await readImage(join(out, 'registration.png'))).shape[1]! > 900);
  const text = registrationText(report);
  assert.match(text, /mean 4\.00 px, largest 4\.00 px\nfolded 0\.00 % of the pixels, outside .* 20\.00 %/);
  assert.match(text, /square +Dice +0\.500 +1\.000\n +HD95 px +4\.0 +0\.0/);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test('two volumes: everything lies on the grid of the fixed file', async () => {
  const at = (name: string) => join(root, 'volumes', name);
  const size = 400;
  const settings = ['views.crop=[16, 16, 16]', 'data.intensity={window: [-10, 200]}'];
  // The scene stands in the coronal plane; along y there are four equal voxels. z is 2 mm, x 1.5 mm.
  const volume = (by: number) =>
    Uint8Array.from({ length: 4 * size }, (_, index) => scene(by)[Math.floor(index / 80) * 20 + (index % 20)]!);
  const grid = { shape: [20, 4, 20], affine: [1.5, 0, 0, 3, 0, 1, 0, 4, 0, 0, 2, 5, 0, 0, 0, 1] } as const;
  // The fixed file runs backwards along x.
  const flipped = {
    shape: [20, 4, 20],
    affine: [-1.5, 0, 0, 3 + 19 * 1.5, 0, 1, 0, 4, 0, 0, 2, 5, 0, 0, 0, 1],
  } as const;
  const mirrored = (data: Uint8Array) => data.map((_, index) => data[index - (index % 20) + 19 - (index % 20)]!);
  const stored = (data: Uint8Array) => Int16Array.from(data, (label) => 100 * label - 10);
  writeVolume(at('moving.nii.gz'), { ...grid, data: stored(volume(4)), slope: 1, intercept: 0 });
  writeVolume(at('fixed.nii.gz'), { ...flipped, data: stored(mirrored(volume(0))), slope: 1, intercept: 0 });
  writeLabels(at('moving-labels.nii.gz'), volume(4), grid);
  writeLabels(at('fixed-labels.nii.gz'), mirrored(volume(0)), flipped);
  const labels = { labels: at('moving-labels.nii.gz'), fixedLabels: at('fixed-labels.nii.gz') };
  // The network sees x at 3 mm where a spacing is set: two voxels are four of the file.
  for (const [by, spacing] of [
    [[0, 0, 4], 'null'],
    [[0, 0, 2], '[2, 1, 3]'],
  ] as const) {
    const out = at(`registered-${by[2]}`);
    const network = shifting(by, ...settings, 'data.fit=keep', `data.spacing=${spacing}`);
    const { report } = await registerFiles(network, at('moving.nii.gz'), at('fixed.nii.gz'), out, labels);
    assert.deepEqual(report.meanDice, { before: 0.5, after: 1 });
    assert.ok(Math.abs(report.measures.meanDisplacement - 6) < 1e-5 && report.unit === 'mm');
    const found = await readVolume(join(out, 'labels.nii.gz'));
    assert.deepEqual(found.data, mirrored(volume(0)));
    assert.deepEqual([found.shape, found.affine], [flipped.shape, flipped.affine]);
    const warped = await readVolume(join(out, 'warped.nii.gz'));
    assert.deepEqual([...warped.data], [...stored(mirrored(volume(0)))]);
    // Four voxels of 1.5 mm to the right are −6 mm to the left.
    const field = await readVolume(join(out, 'field.nii.gz'), { frame: 0 });
    for (const value of field.data) assert.ok(Math.abs(value + 6) < 1e-4, `${value}`);
  }
});

test('what does not fit is refused by name', async () => {
  const at = (name: string) => join(root, 'wrong', name);
  await writePng(at('a.png'), { width: 20, height: 20, channels: 1, data: scene(0) });
  await writePng(at('b.png'), { width: 20, height: 10, channels: 1, data: scene(0).subarray(0, 200) });
  const attempt = (labels: string | undefined, fixedLabels?: string) =>
    registerFiles(shifting([0, 0]), at('a.png'), at('a.png'), at('out'), { labels, fixedLabels });
  await assert.rejects(attempt(at('b.png')), /b\.png: expected the extents of its image, 20 × 20, found 10 × 20/);
  await assert.rejects(attempt(undefined, at('a.png')), /found those of the fixed one alone/);
  const inside = scene(0).map((label) => (label > 0 ? 255 : 0));
  await writePng(at('mask.png'), { width: 20, height: 20, channels: 1, data: inside });
  const masks = /mask\.png: expected labels with classes 0, 1, …, found the values 0, 255\n.*a mask as 0 and 1/;
  await assert.rejects(attempt(at('mask.png'), at('a.png')), masks);
  await assert.rejects(attempt(at('a.png'), at('mask.png')), masks);
  const sliced = shifting([0, 0], 'data.slices=axial');
  await assert.rejects(
    registerFiles(sliced, at('a.nii.gz'), at('a.nii.gz'), at('out')),
    /needs a network of volumes, found one of axial slices\n {2}Points can be found: cover match with --point/,
  );
  await registerFiles(sliced, at('a.png'), at('a.png'), at('slices'));
  // Nothing is measured: a mask is warped whatever its values mean.
  assert.ok((await attempt(at('mask.png'))).written.includes('labels.png'));
});
