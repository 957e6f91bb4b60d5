import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { stored, temporaryFolder, textFile } from '../../fixtures.js';
import { readVolume } from '../../read-volume.js';
import { TruncatedImageError } from '../truncated.js';

const { save } = temporaryFolder();
const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const VOXELS = stored('int16', VALUES);

const KEYS = {
  ObjectType: 'Image',
  NDims: '3',
  BinaryData: 'True',
  BinaryDataByteOrderMSB: 'False',
  CompressedData: 'False',
  TransformMatrix: '0 1 0 0 0 1 1 0 0',
  Offset: '10 20 30',
  ElementSpacing: '2 3 4',
  DimSize: '3 2 2',
  ElementType: 'MET_SHORT',
  ElementDataFile: 'LOCAL',
};

function meta(changes: Record<string, string | undefined> = {}, values: Uint8Array | string = VOXELS, name = 'a.mha') {
  const { ElementDataFile, ...keys } = { ...KEYS, ...changes };
  const lines = Object.entries(keys).filter(([, value]) => value !== undefined);
  return save(
    name,
    textFile(
      [...lines, ['ElementDataFile', ElementDataFile]].map((line) => line.join(' = ')),
      values,
    ),
  );
}

test('voxels behind the header: raw, as text, packed, in both byte orders', async () => {
  for (const [changes, values] of [
    [{}, VOXELS],
    [{ BinaryDataByteOrderMSB: 'True' }, stored('int16', VALUES, false)],
    [{ BinaryDataByteOrderMSB: undefined, ElementByteOrderMSB: 'True' }, stored('int16', VALUES, false)],
    [{ CompressedData: 'True', CompressedDataSize: '12345' }, deflateSync(VOXELS)],
    [{ CompressedData: 'True' }, gzipSync(VOXELS)],
    [{ BinaryData: 'False' }, VALUES.join(' ')],
    [{ HeaderSize: '5' }, textFile(['abcd'], VOXELS)],
    [{ HeaderSize: '-1' }, textFile(['abcdefg'], VOXELS)],
  ] as [Record<string, string | undefined>, Uint8Array | string][]) {
    const volume = await readVolume(meta(changes, values));
    assert.deepEqual(volume.data, Int16Array.from(VALUES));
    assert.deepEqual(volume.warnings, []);
  }
});

test('rows of the matrix are the directions of the axes, in LPS', async () => {
  const { affine, shape } = await readVolume(meta());
  assert.deepEqual(shape, [2, 2, 3]);
  // x runs to the posterior, y up, z to the left.
  assert.deepEqual(
    affine.map((value) => value + 0),
    [0, 0, -4, -10, -2, 0, 0, -20, 0, 3, 0, 30, 0, 0, 0, 1],
  );
});

test('a voxel file beside the header, two axes, a scale, and CT', async () => {
  save('voxels.raw', VOXELS);
  const path = meta(
    {
      NDims: '2',
      TransformMatrix: '1 0 0 1',
      Offset: '5 6',
      ElementSpacing: '2 3',
      DimSize: '4 3',
      ElementDataFile: 'voxels.raw',
      ElementToIntensityFunctionSlope: '0.5',
      ElementToIntensityFunctionOffset: '-1024',
      Modality: 'MET_MOD_CT',
    },
    '',
    'flat.mhd',
  );
  const volume = await readVolume(path);
  assert.deepEqual([volume.shape, volume.slope, volume.intercept, volume.modality], [[1, 3, 4], 0.5, -1024, 'CT']);
  assert.deepEqual(
    volume.affine.map((value) => value + 0),
    [-2, 0, 0, -5, 0, -3, 0, -6, 0, 0, 1, 0, 0, 0, 0, 1],
  );
});

test('channels and times are chosen with frame', async () => {
  const path = meta({ ElementNumberOfChannels: '3', DimSize: '2 2 1' });
  await assert.rejects(readVolume(path), /found 3 values for each voxel/);
  assert.deepEqual([...(await readVolume(path, { frame: 1 })).data], [2, 5, 8, 11]);
  const series = meta({
    NDims: '4',
    DimSize: '3 2 1 2',
    ElementSpacing: '1 1 1 1',
    Offset: '0 0 0 0',
    TransformMatrix: '1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1',
  });
  assert.deepEqual([...(await readVolume(series, { frame: 1 })).data], [7, 8, 9, 10, 11, 12]);
});

test('what the header does not say is assumed and told', async () => {
  const bare = await readVolume(meta({ TransformMatrix: undefined, ElementSpacing: undefined, Offset: undefined }));
  assert.deepEqual(
    bare.affine.map((value) => value + 0),
    [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  );
  assert.deepEqual(bare.warnings, [
    'the file names no directions; left, posterior, superior are taken',
    '3 of 3 axes have no usable spacing; 1 mm is taken',
  ]);
  const zero = await readVolume(meta({ ElementSpacing: '0 3 4' }));
  assert.match(zero.warnings.join(), /1 of 3 axes have no usable spacing/);
});

test('files that end too early are refused', async () => {
  const packed = deflateSync(VOXELS);
  for (const [changes, values] of [
    [{}, VOXELS.subarray(0, 23)],
    [{ CompressedData: 'True' }, packed.subarray(0, packed.length - 2)],
    [{ CompressedData: 'True' }, deflateSync(VOXELS.subarray(0, 20))],
    [{ BinaryData: 'False' }, '1 2 3'],
    [{ DimSize: '30000 30000 30000' }, VOXELS],
    [{ HeaderSize: '100' }, VOXELS],
  ] as const) {
    await assert.rejects(readVolume(meta(changes, values)), TruncatedImageError, JSON.stringify(changes));
  }
});

test('what is damaged or not supported is named', async () => {
  for (const [changes, message] of [
    [{ ObjectType: 'Tube' }, /expected an image, found a Tube/],
    [{ NDims: '5' }, /expected NDims from 1 to 4, found '5'/],
    [{ DimSize: '3 2' }, /expected 3 extents in DimSize, found '3 2'/],
    [{ DimSize: '3 2 0' }, /expected extents of at least one voxel/],
    [{ ElementType: 'MET_FLOAT_MATRIX' }, /expected an ElementType of one number, found 'MET_FLOAT_MATRIX'/],
    [{ ElementNumberOfChannels: 'many' }, /expected extents of at least one voxel/],
    [{ ElementDataFile: 'LIST' }, /expected one voxel file, found 'LIST'/],
    [{ ElementDataFile: 'slice%03d.raw 1 9 1' }, /expected one voxel file/],
    [{ ElementDataFile: 'nowhere.raw' }, /nowhere\.raw: expected the voxels of a\.mha, found no such file/],
    [{ ElementToIntensityFunctionSlope: '0' }, /expected a finite ElementToIntensityFunction/],
    [{ HeaderSize: '-7' }, /expected a HeaderSize, found '-7'/],
    [{ CompressedData: 'True' }, /found damage/],
  ] as [Record<string, string>, RegExp][]) {
    await assert.rejects(readVolume(meta(changes)), { code: 'image', message });
  }
});
