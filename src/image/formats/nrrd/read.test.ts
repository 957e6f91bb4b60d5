import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { stored, temporaryFolder, textFile } from '../../fixtures.js';
import { readVolume } from '../../read-volume.js';
import { TruncatedImageError } from '../truncated.js';

const { save } = temporaryFolder();
const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const VOXELS = stored('int16', VALUES);
/** The same values, packed by the bzip2 library of Python. */
const BZIP2 = Buffer.from('QlpoOTFBWSZTWdI3gqoAAAZAAH/8IAAiAANCAaAArPE1ebwBEfi7kinChIaRvBVQ', 'base64');

const FIELDS = {
  type: 'short',
  dimension: '3',
  sizes: '3 2 2',
  space: 'left-posterior-superior',
  'space directions': '(2,0,0) (0,0,3) (0,-4,0)',
  'space origin': '(10, 20, 30)',
  endian: 'little',
  encoding: 'raw',
};

function header(changes: Record<string, string | undefined> = {}): string[] {
  const fields = Object.entries({ ...FIELDS, ...changes }).filter(([, value]) => value !== undefined);
  return ['NRRD0005', '# a comment', ...fields.map(([name, value]) => `${name}: ${value}`)];
}

const nrrd = (changes: Record<string, string | undefined>, values: Uint8Array | string = VOXELS, name = 'a.nrrd') =>
  save(name, textFile([...header(changes), ''], values));

test('values behind the header: raw, text, gzip, bzip2, in both byte orders', async () => {
  for (const [changes, values] of [
    [{}, VOXELS],
    [{ endian: 'big' }, stored('int16', VALUES, false)],
    [{ encoding: 'gz' }, gzipSync(VOXELS)],
    [{ encoding: 'gzip', endian: 'big' }, gzipSync(stored('int16', VALUES, false))],
    [{ encoding: 'bzip2' }, BZIP2],
    [{ encoding: 'ASCII', endian: undefined }, `1 2 3,4\n5 6 7 8\n\n9 10 11 12\n`],
  ] as const) {
    const volume = await readVolume(nrrd(changes, values));
    assert.deepEqual(volume.data, Int16Array.from(VALUES));
    assert.deepEqual(volume.shape, [2, 2, 3]);
    assert.deepEqual(volume.warnings, []);
  }
});

test('text may say that a number of floating point is none, or infinite', async () => {
  const text = { type: 'float', encoding: 'text', endian: undefined };
  const { data } = await readVolume(nrrd(text, 'nan inf -inf +Inf -Infinity NaN 0.5 -1e2 9 10 11 12'));
  const expected = [Number.NaN, Infinity, -Infinity, Infinity, -Infinity, Number.NaN, 0.5, -100, 9, 10, 11, 12];
  assert.deepEqual([...data], expected);
  await assert.rejects(readVolume(nrrd({ ...text, type: 'short' }, '1 inf 3 4 5 6 7 8 9 10 11 12')), /found 'inf'/);
});

test('the space is turned to RAS', async () => {
  const lps = [-2, 0, 0, -10, 0, 0, 4, -20, 0, 3, 0, 30, 0, 0, 0, 1];
  const signs: Record<string, readonly number[]> = {
    LPS: [1, 1, 1],
    RAS: [-1, -1, 1],
    'left-anterior-superior': [1, -1, 1],
  };
  for (const [space, rows] of Object.entries(signs)) {
    const { affine } = await readVolume(nrrd({ space }));
    assert.deepEqual(
      affine.map((value) => value + 0),
      lps.map((value, index) => (index < 12 ? value * rows[Math.floor(index / 4)]! + 0 : value)),
    );
  }
});

test('a detached header finds its file, and skips lines and bytes', async () => {
  save('voxels.raw', textFile(['line', 'line'], VOXELS));
  save('voxels.gz', textFile(['line'], gzipSync(textFile(['abc'], VOXELS))));
  for (const changes of [
    { 'data file': 'voxels.raw', 'line skip': '2' },
    { 'data file': './voxels.raw', 'byte skip': '-1' },
    { datafile: 'voxels.raw', byteskip: '10' },
    { 'data file': 'voxels.gz', encoding: 'gzip', 'line skip': '1', 'byte skip': '4' },
  ] as Record<string, string>[]) {
    const path = save('detached.nhdr', textFile(header(changes)));
    assert.deepEqual([...(await readVolume(path)).data], VALUES);
  }
  const lost = save('lost.nhdr', textFile(header({ 'data file': 'nowhere.raw' })));
  await assert.rejects(readVolume(lost), /nowhere\.raw: expected the values of lost\.nhdr, found no such file/);
});

test('axes that are no places are components or frames', async () => {
  const vector = nrrd({ dimension: '4', sizes: '3 2 2 1', 'space directions': 'none (1,0,0) (0,1,0) (0,0,1)' });
  await assert.rejects(readVolume(vector), /found 3 values for each voxel of 2 × 2 × 1 voxels/);
  assert.deepEqual([...(await readVolume(vector, { frame: 2 })).data], [3, 6, 9, 12]);
  const series = nrrd({ dimension: '4', sizes: '3 2 1 2', 'space directions': '(1,0,0) (0,1,0) (0,0,1) none' });
  assert.deepEqual([...(await readVolume(series, { frame: 1 })).data], [7, 8, 9, 10, 11, 12]);
  const between = nrrd({ dimension: '4', sizes: '3 2 1 2', 'space directions': '(1,0,0) none (0,1,0) (0,0,1)' });
  await assert.rejects(
    readVolume(between),
    /expected one to three spatial axes side by side, found the axes 0, 2, 3 of 4/,
  );
  const colours = nrrd({ 'space directions': undefined, kinds: 'RGB-color space space', sizes: '3 2 2' });
  assert.deepEqual([...(await readVolume(colours, { frame: 0 })).data], [1, 4, 7, 10]);
});

test('what the header does not say is assumed and told', async () => {
  const bare = await readVolume(
    nrrd({ space: undefined, 'space directions': undefined, 'space origin': undefined, spacings: '2 3 nan' }),
  );
  assert.deepEqual(
    bare.affine.map((value) => value + 0),
    [-2, 0, 0, 0, 0, -3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  );
  assert.deepEqual(bare.warnings, [
    'the file names no space that is known (LPS, RAS or LAS); LPS is taken',
    'the file names no origin; 0, 0, 0 is taken',
    '1 of 3 axes have no usable spacing; 1 mm is taken',
  ]);
  const flat = await readVolume(nrrd({ 'space directions': '(2,0,0) (2,0,0) (0,0,3)' }));
  assert.match(flat.warnings.join(), /the directions are singular/);
  assert.deepEqual(
    flat.affine.map((value) => value + 0),
    [-2, 0, 0, -10, 0, -2, 0, -20, 0, 0, 3, 30, 0, 0, 0, 1],
  );
});

test('a space of two dimensions, and other units than millimetres', async () => {
  const plane = { dimension: '2', sizes: '4 3', 'space directions': '(0,2) (3,0)', 'space origin': '(5,6)' };
  const flat = await readVolume(nrrd(plane));
  assert.deepEqual(flat.shape, [1, 3, 4]);
  assert.deepEqual(
    flat.affine.map((value) => value + 0),
    [0, -3, 0, -5, -2, 0, 0, -6, 0, 0, 1, 0, 0, 0, 0, 1],
  );
  assert.deepEqual((await readVolume(nrrd({ 'space units': '"mm" "mm" "mm"' }))).warnings, []);
  const micro = await readVolume(nrrd({ 'space units': '"um" "um" "um"' }));
  assert.deepEqual(micro.warnings, ['lengths are taken as millimetres, although the file says um um um']);
});

test('CT is known by the key that says so', async () => {
  const path = save('ct.nrrd', textFile([...header(), 'modality:=CT', ''], VOXELS));
  assert.equal((await readVolume(path)).modality, 'CT');
});

test('what bzip2 would unpack is bounded before it is unpacked', async () => {
  const series = nrrd(
    { dimension: '4', sizes: '3 2 2 1000000', encoding: 'bzip2', 'space directions': undefined },
    BZIP2,
  );
  await assert.rejects(readVolume(series, { frame: 0, voxelLimit: 1000 }), { code: 'memory' });
});

test('files that end too early are refused', async () => {
  const packed = gzipSync(VOXELS);
  for (const [changes, values] of [
    [{}, VOXELS.subarray(0, 23)],
    [{ encoding: 'gzip' }, packed.subarray(0, packed.length - 3)],
    [{ encoding: 'gzip' }, gzipSync(VOXELS.subarray(0, 20))],
    [{ encoding: 'bzip2' }, BZIP2.subarray(0, 30)],
    [{ encoding: 'text' }, '1 2 3'],
    [{ encoding: 'text' }, '1 2 3 4 5 6 7 8 9 10 11     '],
    [{ sizes: '30000 30000 30000' }, VOXELS],
    [{ sizes: '1e15 1e15 1e15' }, VOXELS],
  ] as const) {
    await assert.rejects(readVolume(nrrd(changes, values)), TruncatedImageError, JSON.stringify(changes));
  }
});

test('what is damaged or not supported is named', async () => {
  for (const [changes, message] of [
    [{ type: 'block' }, /expected a type of integer or floating point, found 'block'/],
    [{ encoding: 'hex' }, /expected the encoding raw, text, gzip or bzip2, found 'hex'/],
    [{ sizes: '3 2' }, /expected 3 sizes, at most 16, found '3 2'/],
    [{ sizes: undefined }, /expected the field 'sizes', found none/],
    [{ sizes: '3 2.5 2' }, /expected extents of at least one voxel/],
    [{ endian: undefined }, /expected the field 'endian' with little or big/],
    [{ 'line skip': '-2' }, /expected a count in 'line skip', found '-2'/],
    [{ 'data file': 'LIST' }, /expected one data file, found 'LIST'/],
    [{ 'data file': 'slice%03d.raw 1 9 1' }, /expected one data file/],
    [{ encoding: 'gzip', 'byte skip': '-1' }, /a byte skip of −1 with raw values only/],
  ] as [Record<string, string | undefined>, RegExp][]) {
    await assert.rejects(readVolume(nrrd(changes)), { code: 'image', message });
  }
  await assert.rejects(readVolume(nrrd({ encoding: 'text' }, '1 2 3 x 5 6 7 8 9 10 11 12')), /type int16, found 'x'/);
  await assert.rejects(readVolume(nrrd({ encoding: 'text' }, '1 2 3 99999 5 6 7 8 9 10 11 12')), /found '99999'/);
  await assert.rejects(readVolume(nrrd({ encoding: 'gzip' }, VOXELS)), /found damage/);
});
