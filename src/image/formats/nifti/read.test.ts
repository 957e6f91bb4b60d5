import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type NiftiFields, niftiFile, stored, temporaryFolder } from '../../fixtures.js';
import { readVolume } from '../../read-volume.js';
import { TruncatedImageError } from '../truncated.js';

const { save } = temporaryFolder();
const read = (fields: NiftiFields, name = 'a.nii') => readVolume(save(name, niftiFile(fields)));
const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12];

test('both versions in both byte orders, plain and packed', async () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const bytes = niftiFile({ version, littleEndian, slope: 2, intercept: -1 });
      for (const path of [save('a.nii', bytes), save('a.nii.gz', gzipSync(bytes))]) {
        const volume = await readVolume(path);
        assert.deepEqual(volume.data, Int16Array.from(VALUES));
        assert.deepEqual([volume.shape, volume.slope, volume.intercept], [[2, 2, 3], 2, -1]);
      }
    }
  }
});

test('every type of integer and of floating point up to 64 bits', async () => {
  const small = [0, 1, 2, 100];
  for (const [kind, datatype, array] of [
    ['uint8', 2, Uint8Array],
    ['int16', 4, Int16Array],
    ['int32', 8, Int32Array],
    ['float32', 16, Float32Array],
    ['float64', 64, Float64Array],
    ['int8', 256, Int8Array],
    ['uint16', 512, Uint16Array],
    ['uint32', 768, Uint32Array],
    ['int64', 1024, Int32Array],
    ['uint64', 1280, Uint32Array],
  ] as const) {
    for (const littleEndian of [true, false]) {
      const { data } = await read({
        extents: [2, 2, 1],
        datatype,
        littleEndian,
        voxels: stored(kind, small, littleEndian),
      });
      assert.ok(data instanceof array, kind);
      assert.deepEqual([...data], small);
    }
  }
});

test('64-bit integers stay exact, or the file is refused', async () => {
  const wide = (kind: 'int64' | 'uint64', values: number[]) =>
    read({ extents: [values.length, 1, 1], datatype: kind === 'int64' ? 1024 : 1280, voxels: stored(kind, values) });
  const negative = await wide('int64', [-1, -(2 ** 31), 2 ** 31 - 1]);
  assert.deepEqual(negative.data, Int32Array.of(-1, -(2 ** 31), 2 ** 31 - 1));
  assert.match(negative.warnings.join(), /64-bit integers are kept as int32/);
  assert.deepEqual((await wide('int64', [2 ** 31, -(2 ** 52) - 1])).data, Float64Array.of(2 ** 31, -(2 ** 52) - 1));
  assert.deepEqual((await wide('uint64', [2 ** 32 - 1])).data, Uint32Array.of(2 ** 32 - 1));
  await assert.rejects(wide('uint64', [2 ** 60]), /expected integers below 2\^53, found larger uint64 values/);
});

test('complex numbers, 128-bit floats, single bits and unknown types are refused by name', async () => {
  for (const [datatype, name] of [
    [1, 'single bits'],
    [32, 'complex numbers'],
    [1536, '128-bit floating point'],
    [1792, 'complex numbers'],
    [2048, 'complex numbers'],
    [77, 'the unknown data type 77'],
  ] as const) {
    await assert.rejects(read({ datatype }), { code: 'image', message: new RegExp(`found ${name}`) });
  }
});

test('a series is refused until a volume is chosen', async () => {
  const series = { extents: [3, 2, 1, 2], slope: 1 };
  await assert.rejects(
    read(series),
    /found 2 volumes of 3 × 2 × 1 voxels\n {2}Store the one that is meant .* as frame, from 0 to 1/,
  );
  const path = save('series.nii.gz', gzipSync(niftiFile(series)));
  assert.deepEqual([...(await readVolume(path, { frame: 1 })).data], VALUES.slice(6));
  for (const frame of [2, -1, 0.5]) {
    await assert.rejects(readVolume(path, { frame }), new RegExp(`expected a frame from 0 to 1, found ${frame}`));
  }
  assert.deepEqual([...(await readVolume(save('one.nii', niftiFile()), { frame: 0 })).data], VALUES);
});

test('colours are read plane by plane, and never scaled', async () => {
  const path = save(
    'rgb.nii',
    niftiFile({ datatype: 128, extents: [2, 2, 1], voxels: stored('uint8', VALUES), slope: 9 }),
  );
  await assert.rejects(readVolume(path), /found 3 values for each voxel/);
  const green = await readVolume(path, { frame: 1 });
  assert.deepEqual([...green.data, green.slope], [2, 5, 8, 11, 1]);
});

test('a pair is read by either name; a missing half is named', async () => {
  save('pair.hdr', niftiFile({ pair: true }));
  const image = save('pair.img.gz', gzipSync(stored('int16', VALUES)));
  for (const path of [image, image.replace('.img.gz', '.hdr')]) {
    assert.deepEqual([...(await readVolume(path)).data], VALUES);
  }
  await assert.rejects(read({ pair: true }, 'alone.hdr'), /alone\.hdr: expected its voxels in a file of the same name/);
});

test('Analyze has no orientation: it is assumed, and told', async () => {
  save('old.img', stored('int16', VALUES));
  const volume = await read({ unmarked: true, pixdim: [0, 2, 3, 4] }, 'old.hdr');
  assert.deepEqual(volume.affine, [-2, 0, 0, 2, 0, 3, 0, -1.5, 0, 0, 4, -2, 0, 0, 0, 1]);
  assert.match(volume.warnings.join(), /names no orientation: its axes are taken as left, anterior, superior/);
  const spm = await read({ unmarked: true, pixdim: [0, 2, 3, 4], originator: [3, 1, 2] }, 'old.hdr');
  assert.deepEqual(spm.affine, [-2, 0, 0, 4, 0, 3, 0, -0, 0, 0, 4, -4, 0, 0, 0, 1]);
  const scaled = await read({ unmarked: true, slope: 0.5 }, 'old.hdr');
  assert.equal(scaled.slope, 0.5);
  assert.ok(scaled.warnings.includes('the scale of SPM, 0.5, is applied'));
  await assert.rejects(read({ unmarked: true }), /expected a NIfTI header, found one without its mark/);
});

test('sform before qform before edges; what is singular is passed over', async () => {
  const quaternion = [0, 0, 1, 10, 20, 30];
  const sform = [0, 0, 3, -1, 2, 0, 0, -2, 0, 4, 0, -3];
  const pixdim = [-1, 2, 3, 4];
  const turned = [-2, 0, 0, 10, 0, -3, 0, 20, 0, 0, -4, 30, 0, 0, 0, 1];
  assert.deepEqual((await read({ sform, pixdim })).affine, [...sform, 0, 0, 0, 1]);
  assert.deepEqual(
    (await read({ quaternion, pixdim })).affine.map((value) => value + 0),
    turned,
  );
  const both = await read({ sform, quaternion, pixdim });
  assert.match(both.warnings.join(), /sform and qform differ by up to [\d.]+ mm; the sform is used/);
  const flat = await read({ sform: [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0], quaternion, pixdim });
  assert.deepEqual(
    flat.affine.map((value) => value + 0),
    turned,
  );
  assert.deepEqual(flat.warnings, ['the sform is singular and is not used']);
  const nothing = await read({ quaternion, pixdim: [1, 0, Number.NaN, 4] });
  assert.deepEqual(nothing.affine, [-1, 0, 0, 1, 0, 1, 0, -0.5, 0, 0, 4, -2, 0, 0, 0, 1]);
  assert.match(nothing.warnings.join('; '), /qform is singular.*voxel edges of 0 × NaN × 4 mm are impossible/);
});

test('agreeing sform and qform are no reason to warn', async () => {
  const same = await read({ quaternion: [0, 0, 0, 5, 6, 7], sform: [1, 0, 0, 5.0001, 0, 1, 0, 6, 0, 0, 1, 7] });
  assert.deepEqual(same.warnings, []);
});

test('metres and micrometres become millimetres', async () => {
  const sform = [2, 0, 0, 4, 0, 2, 0, 0, 0, 0, 2, 0];
  assert.deepEqual((await read({ sform, units: 3 })).affine.slice(0, 4), [0.002, 0, 0, 0.004]);
  assert.match((await read({ sform, units: 1 })).warnings.join(), /lengths in metres are converted/);
  assert.deepEqual((await read({ sform, units: 0 })).warnings, []);
});

test('a slope of zero or NaN means no scale; an intercept that is not finite is refused', async () => {
  for (const slope of [0, Number.NaN, Infinity]) {
    const volume = await read({ slope, intercept: 5 });
    assert.deepEqual([volume.slope, volume.intercept], [1, 0]);
  }
  await assert.rejects(read({ slope: 2, intercept: Number.NaN }), /expected a finite scl_inter, found NaN/);
});

test('a file cut anywhere is refused, plain and packed', async () => {
  for (const fields of [{}, { version: 2 as const }, { extents: [3, 2, 1, 2] }]) {
    const bytes = niftiFile(fields);
    const packed = gzipSync(bytes);
    for (const [whole, name] of [
      [bytes, 'cut.nii'],
      [packed, 'cut.nii.gz'],
    ] as const) {
      for (let length = 0; length < whole.length; length += whole.length - length > 40 ? 17 : 1) {
        const path = save(name, whole.subarray(0, length));
        const options = fields.extents ? { frame: 0 } : {};
        await assert.rejects(readVolume(path, options), { name: 'InputError' }, `${name} cut to ${length} bytes`);
      }
    }
    const path = save('last.nii', bytes.subarray(0, bytes.length - 1));
    await assert.rejects(readVolume(path, fields.extents ? { frame: 1 } : {}), (error: Error) => {
      assert.ok(error instanceof TruncatedImageError);
      assert.match(error.message, /last\.nii: expected 24 bytes of voxels, as its header says, found at most 23/);
      return true;
    });
  }
});

test('gzip streams behind each other are one', async () => {
  const bytes = niftiFile();
  const packed = Buffer.concat([gzipSync(bytes.subarray(0, 360)), gzipSync(bytes.subarray(360))]);
  assert.deepEqual([...(await readVolume(save('members.nii.gz', packed))).data], VALUES);
});

test('a damaged checksum is noticed, although every voxel is there', async () => {
  const packed = gzipSync(niftiFile());
  packed[packed.length - 6]! ^= 1;
  await assert.rejects(readVolume(save('sum.nii.gz', packed)), /found damage \(incorrect data check\)/);
});

test('a size that the file cannot hold takes no memory', async () => {
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(read({ extents: [32767, 32767, 32767] }), TruncatedImageError);
  await assert.rejects(read({ version: 2, extents: [2 ** 40, 2 ** 40, 2 ** 40] }), TruncatedImageError);
  await assert.rejects(
    readVolume(save('bomb.nii.gz', gzipSync(niftiFile({ extents: [3000, 3000, 3000] })))),
    TruncatedImageError,
  );
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 22);
  const zeros = gzipSync(niftiFile({ extents: [64, 64, 64], datatype: 2, voxels: new Uint8Array(64 ** 3) }));
  await assert.rejects(readVolume(save('zeros.nii.gz', zeros), { voxelLimit: 1000 }), {
    code: 'memory',
    message: /expected at most 1000 voxels, found 64 × 64 × 64/,
  });
});

test('extents of zero and below, and impossible numbers of axes, are refused', async () => {
  for (const extents of [
    [0, 2, 2],
    [3, -2, 2],
    [3, 2, 2, 0],
  ]) {
    await assert.rejects(read({ extents }), /expected extents of at least one voxel/);
  }
  await assert.rejects(read({ extents: [3, 2, 2, 1, 1, 1, 1, 1] }), /expected one to seven axes, found 8/);
});

test('an offset in the header is mended and told; one behind the end is refused', async () => {
  const low = await read({ voxelOffset: 0 });
  assert.deepEqual([...low.data], VALUES);
  assert.match(low.warnings.join(), /a voxel offset of 0 lies in the header; 352 is taken/);
  await assert.rejects(read({ voxelOffset: 1e9 }), /expected voxels from byte 1000000000 on, found 376 bytes/);
});

test('bytes behind the voxels are told', async () => {
  const { warnings } = await read({ extents: [3, 2, 1] });
  assert.match(warnings.join(), /12 bytes behind the voxels are ignored/);
});
