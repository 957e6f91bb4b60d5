/**
 * Volumes in memory are read as volumes in folders are: every format, packed and in pairs, and as well when they are
 * damaged.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { concat, mghFile, niftiFile, stored, temporaryFolder, textFile } from './fixtures.js';
import { readVolume } from './read-volume.js';
import { readVolumeBytes } from './volume-file.js';

const { folder, save } = temporaryFolder();

const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12];
const voxels = stored('int16', VALUES);
const nrrd = (lines: readonly string[], values: Uint8Array) =>
  textFile(['NRRD0004', 'type: short', 'dimension: 3', 'sizes: 3 2 2', 'endian: little', ...lines, ''], values);
const meta = (lines: readonly string[], values: Uint8Array = new Uint8Array(0)) =>
  textFile(['ObjectType = Image', 'NDims = 3', 'DimSize = 3 2 2', 'ElementType = MET_SHORT', ...lines], values);

/** Files by name; the first is read. */
const CASES: readonly Readonly<Record<string, Uint8Array>>[] = [
  { 'plain.nii': niftiFile() },
  { 'big.nii': niftiFile({ littleEndian: false }) },
  { 'packed.nii.gz': gzipSync(niftiFile({ version: 2 })) },
  { 'pair.hdr': niftiFile({ pair: true }), 'pair.img.gz': gzipSync(voxels) },
  { 'old.hdr': niftiFile({ unmarked: true, pair: true }), 'old.img': voxels },
  { 'volume.mgz': gzipSync(mghFile()) },
  { 'raw.nrrd': nrrd(['encoding: raw'], voxels) },
  { 'packed.nrrd': nrrd(['encoding: gzip'], gzipSync(voxels)) },
  { 'text.nrrd': nrrd(['encoding: ascii'], new TextEncoder().encode(VALUES.join(' '))) },
  { 'apart.nhdr': nrrd(['encoding: raw', 'data file: apart.raw'], new Uint8Array(0)), 'apart.raw': voxels },
  { 'local.mha': meta(['ElementDataFile = LOCAL'], voxels) },
  { 'zlib.mhd': meta(['CompressedData = True', 'ElementDataFile = zlib.zraw']), 'zlib.zraw': deflateSync(voxels) },
];

for (const files of CASES) {
  const [first] = Object.keys(files) as [string];
  test(`${first} is the same in memory and in a folder`, async () => {
    for (const [name, bytes] of Object.entries(files)) save(name, bytes);
    const beside = new Map(Object.entries(files));
    const memory = await readVolumeBytes(files[first]!, first, { beside });
    const { source: _, ...onDisk } = await readVolume(join(folder, first));
    assert.deepEqual({ ...onDisk, source: first }, memory);
    if (!first.endsWith('mgz')) assert.deepEqual([...memory.data], VALUES);
  });
}

test('what is cut short, damaged or missing is refused as in a folder', async () => {
  const packed = gzipSync(
    concat(niftiFile({ extents: [40, 40, 40], voxels: new Uint8Array(128000).map((_, at) => (at * at) % 251) })),
  );
  for (const part of [packed.subarray(0, packed.length >> 1), packed.subarray(0, packed.length - 4)]) {
    await assert.rejects(readVolumeBytes(part, 'cut.nii.gz'), {
      name: 'InputError',
      message: /cut\.nii\.gz: expected complete compressed data, found an end in the middle/,
    });
  }
  const flipped = Uint8Array.from(packed);
  flipped[packed.length - 6]! ^= 1;
  await assert.rejects(readVolumeBytes(flipped, 'sum.nii.gz'), { code: 'image', message: /sum\.nii\.gz: expected/ });
  await assert.rejects(
    readVolumeBytes(niftiFile({ pair: true }), 'alone.hdr'),
    /expected its voxels in a file of the same name/,
  );
  await assert.rejects(
    readVolumeBytes(niftiFile().subarray(0, 360), 'short.nii'),
    /short\.nii: expected 24 bytes of voxels/,
  );
  await assert.rejects(readVolumeBytes(new Uint8Array(0), 'empty.nii'), /found an empty file/);
  await assert.rejects(
    readVolumeBytes(nrrd(['encoding: raw', 'data file: gone.raw'], new Uint8Array(0)), 'lost.nhdr'),
    /gone\.raw: expected the values of lost\.nhdr, found no such file/,
  );
});

const FORMATS = '../shared/data/formats';
test('real files are the same, too', { skip: existsSync(FORMATS) ? false : 'the shared data is absent' }, async () => {
  let read = 0;
  for (const kind of ['nifti', 'nrrd', 'metaimage', 'mgh']) {
    const names = readdirSync(join(FORMATS, kind));
    const beside = new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(FORMATS, kind, name)))]));
    for (const name of names) {
      const path = join(FORMATS, kind, name);
      const settle = (promise: Promise<unknown>) =>
        promise.catch((error: Error) => error.message.replaceAll(`${dirname(path)}/`, ''));
      const [memory, disk] = await Promise.all([
        settle(readVolumeBytes(beside.get(name)!, basename(path), { beside, frame: 0 })),
        settle(readVolume(path, { frame: 0 })),
      ]);
      if (typeof disk === 'string') assert.equal(memory, disk.replace(/.*formats\/\w+\//, ''));
      else {
        read++;
        assert.deepEqual({ ...(memory as object), source: '' }, { ...(disk as object), source: '' }, name);
      }
    }
  }
  assert.ok(read > 20);
});
