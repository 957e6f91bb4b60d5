/** A page reads files as Node does: the same values, or with the browser's own decoders nearly so. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'fflate';
import sharp, { type Sharp } from 'sharp';
import { readAnyImage, readAnyVolume } from '../../data/read.js';
import { readImage, readVolume, writeVolume } from '../../image/files.js';
import { encodeLossless, encodeRle } from '../../image/formats/dicom/fixtures/codes.js';
import { imageElements, placeElements, texture } from '../../image/formats/dicom/fixtures/images.js';
import { encodeWasm } from '../../image/formats/dicom/fixtures/wasm-codes.js';
import { writeDicom } from '../../image/formats/dicom/fixtures/writer.js';
import { chestPhantom } from '../../phantom/index.js';
import { missingChromium } from './launch.js';
import { openTestPage, type TestPage } from './page.js';
import type { ReadPage, ReadValues } from './read-page.js';

const skip = missingChromium() ?? false;
const folder = mkdtempSync(join(tmpdir(), 'cover-page-reading-'));
const size = [64, 96] as const;
let opened: TestPage | undefined;
before(async () => {
  if (!skip) opened = await openTestPage('read', { folders: { '/files/': folder } });
});
after(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (name: string | readonly string[], kind: 'images' | 'volumes') =>
  opened!.page.evaluate(
    ([address, what]) => (globalThis as unknown as { readonly reading: ReadPage }).reading.read(address, what),
    [typeof name === 'string' ? `files/${name}` : name.map((one) => `files/${one}`), kind] as const,
  );

function valuesOf(found: ReadValues | string): Float32Array {
  assert.ok(typeof found !== 'string', String(found));
  const bytes = Buffer.from(found.values, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** A picture with the tones of a radiograph, gray or tinted. */
function picture(channels: 1 | 3, wide = false): Sharp {
  const { data } = chestPhantom({ size, seed: 0, subject: 1 }).image;
  const largest = wide ? 65535 : 255;
  const values = Array.from({ length: data.length * channels }, (_, index) =>
    Math.round(data[Math.floor(index / channels)]! * largest * (1 - 0.2 * (index % channels))),
  );
  const pixels = wide ? Uint16Array.from(values) : Uint8Array.from(values);
  const image = sharp(pixels, { raw: { width: size[1], height: size[0], channels } });
  return image.toColourspace(channels === 1 ? (wide ? 'grey16' : 'b-w') : 'srgb');
}

/** Files, and how far apart their values may be. */
const images: Readonly<Record<string, readonly [make: () => Sharp, allowed: number]>> = {
  'gray.png': [() => picture(1).png(), 0],
  'gray16.png': [() => picture(1, true).png(), 0],
  'colour.png': [() => picture(3).png(), 0],
  'gray.jpg': [() => picture(1).jpeg({ quality: 90 }), 1],
  'colour.jpg': [() => picture(3).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }), 2],
  'subsampled.jpg': [() => picture(3).jpeg({ quality: 90 }), 2],
  'gray.tif': [() => picture(1).tiff({ compression: 'lzw' }), 0],
  'gray16.tif': [() => picture(1, true).tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }), 0],
  'colour.tif': [() => picture(3).tiff({ compression: 'packbits' }), 0],
  'colour.webp': [() => picture(3).webp({ lossless: true }), 0],
};

for (const [name, [make, allowed]] of Object.entries(images)) {
  test(`${name} is read as under Node`, { skip }, async (t) => {
    await make().toFile(join(folder, name));
    const there = await readImage(join(folder, name));
    const found = await read(name, 'images');
    const values = valuesOf(found);
    const { shape, channels } = found as ReadValues;
    assert.deepEqual([shape, channels], [there.shape, there.channels]);
    const apart = values.reduce((most, value, index) => Math.max(most, Math.abs(value - there.data[index]!)), 0);
    t.diagnostic(`largest difference: ${apart} of ${there.maximum}`);
    assert.ok(apart <= allowed, `values differ by ${apart} of ${there.maximum}`);
  });
}

test('volumes are read as under Node, to the bit', { skip }, async () => {
  const shape = [4, 6, 8] as const;
  const data = Int16Array.from({ length: 4 * 6 * 8 }, (_, index) => index * 7 - 500);
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] as const;
  writeVolume(join(folder, 'volume.nii'), { data, slope: 1, intercept: 0, shape, affine });
  writeVolume(join(folder, 'volume.nii.gz'), { data, slope: 1, intercept: 0, shape, affine });
  const values = Buffer.from(data.buffer);
  const nrrd = ['NRRD0004', 'type: short', 'dimension: 3', 'space: left-posterior-superior', 'sizes: 8 6 4'];
  nrrd.push('space directions: (1,0,0) (0,1,0) (0,0,2)', 'endian: little', 'space origin: (0,0,0)');
  const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
  const packed = gzipSync(values);
  writeFileSync(join(folder, 'volume.nrrd'), Buffer.concat([text([...nrrd, 'encoding: raw', '']), values]));
  writeFileSync(join(folder, 'packed.nrrd'), Buffer.concat([text([...nrrd, 'encoding: gzip', '']), packed]));
  const meta = ['ObjectType = Image', 'NDims = 3', 'DimSize = 8 6 4', 'ElementType = MET_SHORT'];
  meta.push('ElementSpacing = 1 1 2', 'BinaryDataByteOrderMSB = False', 'ElementDataFile = LOCAL');
  writeFileSync(join(folder, 'volume.mha'), Buffer.concat([text(meta), values]));
  const mgh = Buffer.alloc(284);
  for (const [index, value] of [1, 8, 6, 4, 1, 4].entries()) mgh.writeInt32BE(value, 4 * index);
  const swapped = Buffer.from(values).swap16();
  writeFileSync(join(folder, 'volume.mgh'), Buffer.concat([mgh, swapped]));
  for (const name of ['volume.nii', 'volume.nii.gz', 'volume.nrrd', 'packed.nrrd', 'volume.mha', 'volume.mgh']) {
    const there = await readVolume(join(folder, name));
    const found = await read(name, 'volumes');
    assert.deepEqual([...valuesOf(found)], [...data], name);
    assert.deepEqual([...there.data], [...data], name);
    assert.deepEqual((found as ReadValues).shape, there.shape, name);
  }
});

test('DICOM is read as under Node, to the bit where the browser does not decode it', { skip }, async (t) => {
  const [rows, columns] = [32, 48];
  const values = texture(rows * columns, 4096);
  const pixels = new Uint8Array(Uint16Array.from(values).buffer);
  const gray = { rows, columns, stored: 12, pixels };
  const window = { '00281050': ['DS', '2000'], '00281051': ['DS', '1500'] } as const;
  const rle = encodeRle([8, 0].map((shift) => Uint8Array.from(values, (value) => value >> shift)));
  const lossless = encodeLossless(values, { rows, columns, precision: 12, predictor: 1 });
  const coded = (...fragments: readonly Uint8Array[]) => imageElements({ ...gray, pixels: { fragments } });
  const files = {
    'plain.dcm': writeDicom(imageElements(gray)),
    'windowed.dcm': writeDicom(imageElements({ ...gray, more: window })),
    'dark.dcm': writeDicom(imageElements({ ...gray, photometric: 'MONOCHROME1' })),
    'big.dcm': writeDicom(imageElements(gray), { syntax: '1.2.840.10008.1.2.2' }),
    'deflated.dcm': writeDicom(imageElements(gray), { syntax: '1.2.840.10008.1.2.1.99' }),
    'rle.dcm': writeDicom(coded(rle), { syntax: '1.2.840.10008.1.2.5' }),
    'lossless.dcm': writeDicom(coded(lossless), { syntax: '1.2.840.10008.1.2.4.70' }),
    // A preamble that is the head of a TIFF file.
    'both.dcm': Buffer.concat([Uint8Array.of(0x49, 0x49, 42, 0), writeDicom(imageElements(gray)).subarray(4)]),
  };
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(folder, name), bytes);
    const there = await readAnyImage(join(folder, name));
    const found = await read(name, 'images');
    assert.deepEqual([...valuesOf(found)], [...there.data], name);
    assert.deepEqual((found as ReadValues).shape, [rows, columns]);
  }
  const jpeg = await picture(1).jpeg({ quality: 90 }).toBuffer();
  const extent = { rows: size[0], columns: size[1], allocated: 8, pixels: { fragments: [jpeg] } };
  writeFileSync(join(folder, 'jpeg.dcm'), writeDicom(imageElements(extent), { syntax: '1.2.840.10008.1.2.4.50' }));
  const there = await readAnyImage(join(folder, 'jpeg.dcm'));
  const found = valuesOf(await read('jpeg.dcm', 'images'));
  const apart = found.reduce((most, value, index) => Math.max(most, Math.abs(value - there.data[index]!)), 0);
  t.diagnostic(`JPEG: largest difference ${apart} of 255`);
  assert.ok(found.length === there.data.length && apart <= 2, `values differ by ${apart}`);
});

/** The transfer syntax of each codec. */
const SYNTAXES = {
  'jpeg-ls': '1.2.840.10008.1.2.4.80',
  'jpeg-2000': '1.2.840.10008.1.2.4.90',
  htj2k: '1.2.840.10008.1.2.4.201',
} as const;

test('DICOM in JPEG-LS and JPEG 2000 is read as under Node, to the bit', { skip }, async () => {
  const [rows, columns] = [32, 48];
  const values = Uint16Array.from(texture(rows * columns, 4096));
  for (const kind of ['jpeg-ls', 'jpeg-2000', 'htj2k'] as const) {
    const coded = await encodeWasm(kind, values, { rows, columns, bits: 12 });
    const elements = imageElements({ rows, columns, stored: 12, pixels: { fragments: [coded] } });
    writeFileSync(join(folder, `${kind}.dcm`), writeDicom(elements, { syntax: SYNTAXES[kind] }));
    const there = await readAnyImage(join(folder, `${kind}.dcm`));
    assert.deepEqual([...there.data], [...values], kind);
    // Without its codec a file is not called damaged, and the next call looks for the codec again.
    await opened!.page.route('**/*.wasm', (route) => route.abort());
    const alone = /^InputError: http\S+\.wasm: expected a codec of DICOM, found that it cannot be loaded/;
    assert.match(String(await read(`${kind}.dcm`, 'images')), alone);
    await opened!.page.unroute('**/*.wasm');
    assert.deepEqual([...valuesOf(await read(`${kind}.dcm`, 'images'))], [...values], kind);
    const damaged = Uint8Array.from(coded, (byte, at) => (at > 120 && at < coded.length - 2 ? 0xff : byte));
    const bad = imageElements({ rows, columns, stored: 12, pixels: { fragments: [damaged] } });
    writeFileSync(join(folder, 'bad.dcm'), writeDicom(bad, { syntax: SYNTAXES[kind] }));
    const path = join(folder, 'bad.dcm');
    // A codec may make something of damaged code: then both make the same.
    const known = await readAnyImage(path).then(
      ({ data }) => [...data],
      (error: Error) => `${error.name}: ${error.message.replace(path, 'files/bad.dcm')}`,
    );
    const found = await read('bad.dcm', 'images');
    assert.deepEqual(typeof found === 'string' ? found : [...valuesOf(found)], known, kind);
  }
});

test('a DICOM series is the volume that Node reads: order, place and values', { skip }, async () => {
  const [rows, columns, slices] = [8, 12, 5];
  mkdirSync(join(folder, 'series'));
  const names: string[] = [];
  for (let index = 0; index < slices; index++) {
    const values = Int16Array.from(texture(rows * columns, 2000), (value) => value - 1000 + 37 * index);
    const image = { rows, columns, signed: true, stored: 16 };
    const place = placeElements({ position: [-20, 13.7, 100 - 2.5 * index], spacing: [0.7, 0.8], instance: index });
    const more = { ...place, '00281052': ['DS', '-1024'], '00281053': ['DS', '1'], '00080060': ['CS', 'CT'] } as const;
    const packed = index % 2 === 1;
    const pixels = packed
      ? { fragments: [await encodeWasm('jpeg-ls', values, { rows, columns, bits: 16 })] }
      : new Uint8Array(values.buffer);
    const name = `series/IM${(index * 3) % slices}.dcm`;
    const options = packed ? { syntax: SYNTAXES['jpeg-ls'] } : {};
    writeFileSync(join(folder, name), writeDicom(imageElements({ ...image, pixels, more }), options));
    names.push(name);
  }
  const there = await readAnyVolume(join(folder, 'series'));
  const found = await read(names, 'volumes');
  assert.deepEqual([...valuesOf(found)], [...there.data]);
  const { shape, affine } = found as ReadValues;
  assert.deepEqual([shape, affine], [there.shape, there.affine]);
  assert.deepEqual(shape, [slices, rows, columns]);
  writeFileSync(join(folder, 'note.txt'), 'no image');
  assert.match(String(await read(['note.txt'], 'volumes')), /expected a DICOM series, found none .*no DICOM file/);
});

test('what a page does not read is refused by name', { skip }, async () => {
  await picture(1).gif().toFile(join(folder, 'a.gif'));
  assert.match(
    String(await read('a.gif', 'images')),
    /InputError: files\/a\.gif: expected a PNG, JPEG, TIFF, WebP or DICOM image/,
  );
  await picture(1).tiff({ compression: 'jpeg' }).toFile(join(folder, 'a.tiff'));
  assert.match(String(await read('a.tiff', 'images')), /files\/a\.tiff: expected TIFF without .* found JPEG\n.*PNG/);
  await picture(3).toColourspace('cmyk').jpeg().toFile(join(folder, 'inks.jpg'));
  assert.match(String(await read('inks.jpg', 'images')), /files\/inks\.jpg: expected JPEG in gray .* four components/);
  const whole = await picture(1).jpeg().toBuffer();
  writeFileSync(join(folder, 'cut.jpg'), whole.subarray(0, whole.length - 40));
  assert.match(String(await read('cut.jpg', 'images')), /files\/cut\.jpg: expected a complete image/);
});
