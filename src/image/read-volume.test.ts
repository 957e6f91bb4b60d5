import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { InputError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { mghFile, niftiFile, stored, temporaryFolder, textFile } from './fixtures.js';
import { mutate } from './mutate.js';
import { readVolume } from './read-volume.js';

const { folder, save } = temporaryFolder();
const VOXELS = stored('int16', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

const FILES: Readonly<Record<string, Uint8Array>> = {
  'a.nii': niftiFile(),
  'b.nii.gz': gzipSync(niftiFile({ version: 2, littleEndian: false })),
  'c.nrrd': textFile(
    ['NRRD0004', 'type: int16', 'dimension: 3', 'sizes: 3 2 2', 'endian: little', 'encoding: raw', ''],
    VOXELS,
  ),
  'd.nrrd': textFile(
    ['NRRD0004', 'type: int16', 'dimension: 3', 'sizes: 3 2 2', 'endian: little', 'encoding: gzip', ''],
    gzipSync(VOXELS),
  ),
  'e.mha': textFile(
    ['ObjectType = Image', 'NDims = 3', 'DimSize = 3 2 2', 'ElementType = MET_SHORT', 'ElementDataFile = LOCAL'],
    VOXELS,
  ),
  'f.mgz': gzipSync(mghFile()),
};

test('the content decides, whatever the name', async () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    assert.deepEqual((await readVolume(save(`${name}.dat`, bytes))).shape, [2, 2, 3]);
  }
});

test('values that are not finite are counted', async () => {
  const voxels = stored('float32', [1, Number.NaN, Infinity, 4]);
  const volume = await readVolume(save('nan.nii', niftiFile({ extents: [2, 2, 1], datatype: 16, voxels })));
  assert.ok(volume.warnings.includes('2 of 4 values are not finite (NaN or infinite)'));
});

test('other files, folders and missing files are refused', async () => {
  for (const [path, message] of [
    [save('note.txt', 'patient, age'), /note\.txt: expected a volume in NIfTI, .*, found something else/],
    [save('empty.nii', ''), /empty\.nii: .*found an empty file/],
    [save('gz.mha.gz', gzipSync(FILES['e.mha']!)), /expected a MetaImage file, found one inside of a gzip file/],
    [folder, /expected a file, found a folder/],
    [`${folder}/nowhere.nii`, /nowhere\.nii: expected a file, found no such file/],
    ['/dev/zero', /expected a file, found a device or a pipe/],
  ] as const) {
    await assert.rejects(readVolume(path), { code: 'image', message });
  }
});

test('a hundred damaged files of every format give a named error or a volume of the right size', async () => {
  const random = randomStream('damaged volumes');
  for (let round = 0; round < 100; round++) {
    for (const [name, bytes] of Object.entries(FILES)) {
      const damaged = mutate(bytes, random);
      const path = save(`damaged-${name}`, damaged.bytes);
      try {
        const { shape, data, affine, slope, intercept } = await readVolume(path);
        assert.equal(data.length, shape[0] * shape[1] * shape[2]);
        assert.ok([...affine, slope, intercept].every(Number.isFinite));
        assert.ok(
          !damaged.name.startsWith('truncate') || damaged.bytes.length === bytes.length,
          `${name} ${damaged.name}`,
        );
      } catch (error) {
        assert.ok(error instanceof InputError, `${name}, ${damaged.name}, round ${round}: ${(error as Error).stack}`);
        assert.match(error.message, /: expected .*, found /s);
      }
    }
  }
});
