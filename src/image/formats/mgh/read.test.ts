import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mghFile, temporaryFolder } from '../../fixtures.js';
import { readVolume } from '../../read-volume.js';

const { save } = temporaryFolder();

test('the middle of the volume is placed, along the directions of the header', async () => {
  for (const path of [save('a.mgh', mghFile()), save('a.mgz', gzipSync(mghFile()))]) {
    const volume = await readVolume(path);
    assert.deepEqual([...volume.data], [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(volume.shape, [2, 2, 3]);
    assert.deepEqual(
      volume.affine.map((value) => value + 0),
      [-1, 0, 0, 11.5, 0, 0, 3, 17, 0, -2, 0, 32, 0, 0, 0, 1],
    );
  }
});

test('several frames need a choice; a file without a place is told; a short one is refused', async () => {
  const series = save('series.mgz', gzipSync(mghFile({ frames: 2 })));
  await assert.rejects(readVolume(series), /found 2 volumes/);
  assert.equal((await readVolume(series, { frame: 1 })).data[0], 9);
  const loose = await readVolume(save('loose.mgh', mghFile({ placed: false })));
  assert.deepEqual(loose.warnings, ['the file names no place; coronal slices of 1 mm are taken']);
  await assert.rejects(readVolume(save('cut.mgh', mghFile().subarray(0, 300))), /expected 24 bytes of voxels/);
});
