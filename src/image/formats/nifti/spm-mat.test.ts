/**
 * Matrices of SPM beside Analyze: files that SciPy's `savemat` wrote, and what nibabel makes of the same matrices (for
 * the voxel v, counted from 0, the place is `mat · (v + 1)`, or `diag(−1, 1, 1, 1) · M · (v + 1)`).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niftiFile, stored, temporaryFolder } from '../../fixtures.js';
import { readVolume } from '../../read-volume.js';
import { spmAffine } from './spm-mat.js';

const { save } = temporaryFolder();

/** M is [2 0 0 −90; 0 2 0.5 −126; 0 −0.5 2 −72; 0 0 0 1], and mat the same with its first row negative. */
const FILES = {
  v4M: [
    'AAAAAAQAAAAEAAAAAAAAAAIAAABNAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAA',
    'AOC/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAOA/AAAAAAAAAEAAAAAAAAAAAAAAAAAAgFbAAAAAAACAX8AAAAAAAABSwAAAAAAAAPA/',
  ].join(''),
  v4both: [
    'AAAAAAQAAAAEAAAAAAAAAAIAAABNAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAA',
    'AOC/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAOA/AAAAAAAAAEAAAAAAAAAAAAAAAAAAgFbAAAAAAACAX8AAAAAAAABSwAAAAAAAAPA/',
    'AAAAAAQAAAAEAAAAAAAAAAQAAABtYXQAAAAAAAAAAMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAA',
    'AAAA4L8AAAAAAAAAAAAAAAAAAAAAAAAAAAAA4D8AAAAAAAAAQAAAAAAAAAAAAAAAAACAVkAAAAAAAIBfwAAAAAAAAFLAAAAAAAAA',
    '8D8=',
  ].join(''),
  v5: [
    'TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFRodSBOb3YgMjYgMjE6NDI6NTQgMjAyNgAA',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0OAAAAsAAAAAYAAAAIAAAABgAAAAAA',
    'AAAFAAAACAAAAAQAAAAEAAAAAQABAE0AAAAJAAAAgAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAQAAAAAAAAOC/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAOA/AAAAAAAAAEAAAAAAAAAAAAAAAAAAgFbAAAAAAACAX8AAAAAA',
    'AABSwAAAAAAAAPA/DgAAALAAAAAGAAAACAAAAAYAAAAAAAAABQAAAAgAAAAEAAAABAAAAAEAAwBtYXQACQAAAIAAAAAAAAAAAAAA',
    'wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAADgvwAAAAAAAAAAAAAAAAAAAAAAAAAAAADgPwAA',
    'AAAAAABAAAAAAAAAAAAAAAAAAIBWQAAAAAAAgF/AAAAAAAAAUsAAAAAAAADwPw==',
  ].join(''),
  v5z: [
    'TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFRodSBOb3YgMjYgMjE6NDI6NTQgMjAyNgAA',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAAQQAAAHic42NgYNgAxGxAzAGl',
    'QYAVymeBYkYg9AXSnEDcwAAHDgzEAai6B/uxSz+wx2peQ9gBCB0PoRmCoPQHewBQiwq0DwAAAEYAAAB4nONjYGDYAMRsQMwBpUGA',
    'FcpngWJGBmaG3MQSBk4gu4EBDg4wEAccINSD/dilH9ijqoOChjAIvyEeak8QlP5gDwAGaQur',
  ].join(''),
  v5int: [
    'TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFRodSBOb3YgMjYgMjE6NDI6NTQgMjAyNgAA',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0OAAAAUAAAAAYAAAAIAAAACgAAAAAA',
    'AAAFAAAACAAAAAQAAAAEAAAAAQADAG1hdAADAAAAIAAAAP7/AAAAAAAAAAACAAAAAAAAAAAAAgAAAFoAgv+4/wEA',
  ].join(''),
  other: [
    'AAAAAAQAAAAEAAAAAAAAAAIAAAB4AAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAA',
    'AOC/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAOA/AAAAAAAAAEAAAAAAAAAAAAAAAAAAgFbAAAAAAACAX8AAAAAAAABSwAAAAAAAAPA/',
  ].join(''),
  shape: [
    'AAAAAAMAAAAEAAAAAAAAAAIAAABNAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAADgvwAAAAAA',
    'AAAAAAAAAAAA4D8AAAAAAAAAQAAAAAAAgFbAAAAAAACAX8AAAAAAAABSwA==',
  ].join(''),
} as const;
const bytesOf = (name: keyof typeof FILES) => Uint8Array.from(Buffer.from(FILES[name], 'base64'));

// Column 4 is the place of the voxel (1, 1, 1) of MATLAB: −(2 − 90), 2 + 0.5 − 126, −0.5 + 2 − 72.
const PLACED = [-2, 0, 0, 88, 0, 2, 0.5, -123.5, 0, -0.5, 2, -70.5, 0, 0, 0, 1];

test('M and mat of versions 4 and 5, packed and not, give the place of the first voxel', async () => {
  for (const name of ['v4M', 'v4both', 'v5', 'v5z'] as const) {
    assert.deepEqual(await spmAffine(`${name}.mat`, bytesOf(name)), PLACED, name);
  }
  assert.deepEqual(
    await spmAffine('int.mat', bytesOf('v5int')),
    [-2, 0, 0, 88, 0, 2, 0, -124, 0, 0, 2, -70, 0, 0, 0, 1],
  );
  assert.equal(await spmAffine('empty.mat', new Uint8Array(0)), undefined);
});

test('what cannot be read may place the volume elsewhere, and is refused', async () => {
  const refused = (name: string, bytes: Uint8Array, found: RegExp) =>
    assert.rejects(spmAffine(name, bytes), { code: 'image', message: found });
  await refused(
    'x.mat',
    bytesOf('other'),
    /x\.mat: expected a file of MATLAB 4 or 5 .* found the names x\n.*take the file away/,
  );
  await refused('x.mat', bytesOf('shape'), /found M of 3 × 4/);
  await refused('x.mat', new TextEncoder().encode('# Created by Octave 9\n# name: M\n'), /found another kind of file/);
  await refused(
    'x.mat',
    Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    /another kind/,
  );
  for (const name of ['v4M', 'v5', 'v5z'] as const) {
    for (let length = 1; length < bytesOf(name).length; length += 7) {
      await assert.rejects(
        spmAffine('cut.mat', bytesOf(name).subarray(0, length)),
        { code: 'image' },
        `${name} ${length}`,
      );
    }
  }
  const infinite = bytesOf('v4M');
  new DataView(infinite.buffer).setFloat64(infinite.length - 8, Number.NaN, true);
  await refused('x.mat', infinite, /found M of 4 × 4/);
});

test('an Analyze pair lies where the file of SPM beside it says', async () => {
  const values = Array.from({ length: 12 }, (_, index) => index);
  save('scan.img', stored('int16', values));
  const path = save('scan.hdr', niftiFile({ unmarked: true, pair: true }));
  const assumed = await readVolume(path);
  save('scan.mat', bytesOf('v5'));
  const placed = await readVolume(path);
  assert.notDeepEqual(placed.affine, assumed.affine);
  assert.deepEqual(placed.affine, PLACED);
  assert.deepEqual(placed.warnings, ['the matrix of scan.mat places the volume']);
  assert.deepEqual((await readVolume(path.replace('.hdr', '.img'))).affine, PLACED);
  save('scan.mat', 'text');
  await assert.rejects(readVolume(path), /scan\.mat: expected a file of MATLAB/);
});
