import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeVolume } from '../image/files.js';
import { allClose } from '../testing/all-close.js';
import { onFileGrid } from './input.js';
import { readInput, readVolumeInput } from './read-input.js';
import type { VolumeRecipe } from './recipe.js';

const root = mkdtempSync(join(tmpdir(), 'cover-input-'));
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] as const;
after(() => rmSync(root, { recursive: true }));

test('what the network sees of a volume goes back onto the grid of its file', async () => {
  const path = join(root, 'scan.nii.gz');
  const shape = [5, 6, 7] as const;
  // x runs backwards through the patient, y upwards, z to the left.
  const affine = [0, 0, -2, 9, -1, 0, 0, 4, 0, 3, 0, 1, 0, 0, 0, 1];
  const data = Float32Array.from({ length: 210 }, (_, index) => (index * 37) % 211);
  writeVolume(path, { data, slope: 1, intercept: 0, shape, affine });
  const recipe: VolumeRecipe = { spacing: null, intensity: { window: [0, 210] } };
  const input = await readVolumeInput(path, { data: recipe });
  assert.deepEqual(input.image.shape, [1, 6, 7, 5]);
  allClose(
    onFileGrid(input.image, input),
    data.map((value) => value / 210),
    { absolute: 1e-5 },
  );
  const fine = await readVolumeInput(path, { data: { ...recipe, spacing: [1, 1, 1], channels: 3 } });
  assert.deepEqual(fine.image.shape, [3, 18, 7, 10]);
  assert.equal(onFileGrid(fine.image, fine).length, 3 * 210);
});

test('a volume where an image is wanted is called a volume', async () => {
  const path = join(root, 'flat.nii.gz');
  writeVolume(path, { data: new Float32Array(8), slope: 1, intercept: 0, shape: [2, 2, 2], affine: IDENTITY });
  await assert.rejects(readInput(path, 1), /flat\.nii\.gz: expected an image, found a volume/);
});
