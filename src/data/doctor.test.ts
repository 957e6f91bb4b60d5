import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { writeVolume } from '../image/files.js';
import { imageElements, texture } from '../image/formats/dicom/fixtures/images.js';
import { encodeWasm } from '../image/formats/dicom/fixtures/wasm-codes.js';
import { writeDicom } from '../image/formats/dicom/fixtures/writer.js';
import { discover } from './discover.js';
import { examine } from './doctor.js';
import { formatDoctorReport } from './doctor-text.js';
import { examineFile } from './examine-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-doctor-'));
after(() => rmSync(folder, { recursive: true }));

function gray(width: number, height: number, factor: number) {
  const data = Uint8Array.from({ length: width * height }, (_, index) => (index * factor) % 251);
  return sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
}

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function collection(): Promise<string[]> {
  const png = await gray(40, 32, 7).png().toBuffer();
  const jpeg = await gray(40, 32, 11).jpeg().toBuffer();
  return [
    save('a.png', png),
    save('b.jpg', jpeg),
    save('copy.tif', await gray(40, 32, 7).tiff({ compression: 'lzw' }).toBuffer()),
    save('cut.jpg', jpeg.subarray(0, jpeg.length >> 1)),
    save('cut.png', png.subarray(0, png.length >> 1)),
    save('flat.png', await gray(40, 32, 0).png().toBuffer()),
    join(folder, 'missing.png'),
    save('one.png', await gray(1, 1, 1).png().toBuffer()),
    save('small.png', await gray(40, 15, 3).png().toBuffer()),
    save('text.png', Buffer.from('not an image\n')),
  ];
}

test('each kind of unfit file is told apart, and the rest is used', async () => {
  const files = await collection();
  const progress: number[] = [];
  const report = await examine(files, { minimumSize: 16, onProgress: (done, total) => progress.push(done / total) });
  assert.deepEqual(
    report.files.map(({ file, state }) => [basename(file), state]),
    [
      ['a.png', 'ok'],
      ['b.jpg', 'ok'],
      ['copy.tif', 'duplicate'],
      ['cut.jpg', 'truncated'],
      ['cut.png', 'truncated'],
      ['flat.png', 'constant'],
      ['missing.png', 'unreadable'],
      ['one.png', 'too small'],
      ['small.png', 'too small'],
      ['text.png', 'unreadable'],
    ],
  );
  assert.deepEqual(report.usable, files.slice(0, 2));
  assert.equal(report.files[2]!.reason, `same content as ${files[0]}`);
  assert.match(report.files[8]!.reason, /at least 16 pixels along each axis, found 15 × 40/);
  const counts = { ok: 2, unreadable: 2, truncated: 2, 'too small': 2, constant: 1, mask: 0, duplicate: 1 };
  assert.deepEqual(report.counts, counts);
  assert.deepEqual([progress.length, progress.at(-1)], [10, 1]);
  assert.deepEqual(await examine(files, { minimumSize: 16, parallel: 1 }), report);
});

test('the text fits 80 columns and says what is used', async () => {
  const long = join(folder, `${'very-long-name-'.repeat(8)}.png`);
  writeFileSync(long, readFileSync(new URL(import.meta.url)));
  const report = await examine([...(await collection()), long], { minimumSize: 16 });
  const text = formatDoctorReport(report);
  const wide = text.split('\n').filter((line) => line.length > 80);
  assert.deepEqual(wide, []);
  assert.match(text, /^11 image files examined\n {7}2 {2}ok\n/);
  assert.match(text, /\n {2}duplicate {3}.*copy\.tif\n {14}same content as/);
  assert.match(text, /Used: 2 images, 32 × 40 pixels \(height × width\), gray 8-bit\.\n$/);
  assert.match(formatDoctorReport(report, { most: 2 }), /… and 7 more/);
});

test('nothing usable is said', async () => {
  const report = await examine([join(folder, 'gone.png')]);
  assert.match(
    formatDoctorReport(report),
    /1 image file examined[\s\S]*Used: 0 images\.\nNothing is left to train on\.\n$/,
  );
});

const shared = '../shared/data/cxr_pretrain';
test('the chest X-rays are fit', { skip: existsSync(shared) ? false : 'the shared data is absent' }, async () => {
  const files = discover(shared).train.slice(0, 12);
  assert.equal((await examine(files, { minimumSize: 64 })).counts.ok, files.length);
});

test('a codec that cannot be loaded is no fault of a file: it is told, and looked for again', async () => {
  const [rows, columns] = [32, 48];
  const coded = await encodeWasm('jpeg-ls', Uint16Array.from(texture(rows * columns, 4096)), {
    rows,
    columns,
    bits: 12,
  });
  const elements = imageElements({ rows, columns, stored: 12, pixels: { fragments: [coded] } });
  const path = save('coded.dcm', writeDicom(elements, { syntax: '1.2.840.10008.1.2.4.80' }));
  const require = createRequire(import.meta.url);
  const name = '@cornerstonejs/codec-charls/decodewasmjs';
  const whole = require(name);
  const loaded = require.cache[require.resolve(name)]!;
  const look = () => examineFile(path, { kind: 'images', minimumSize: 16, slices: null });
  loaded.exports = () => Promise.reject(new Error('no such file'));
  await assert.rejects(look(), { code: 'engine', message: /decodewasmjs: expected a codec .* \(no such file\)\n/ });
  loaded.exports = whole;
  assert.equal((await look()).report.state, 'ok');
});

test('volumes of different spacing are told with the median, between the middle two of an even number', async () => {
  const files = [1, 2, 3, 4].map((z, index) => {
    const file = join(folder, `spaced-${index}.nii.gz`);
    const data = Float32Array.from({ length: 512 }, (_, at) => ((at * (index + 3)) % 251) / 8);
    writeVolume(file, {
      shape: [8, 8, 8],
      data,
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, z, 0, 0, 0, 0, 1],
      slope: 1,
      intercept: 0,
    });
    return file;
  });
  const text = formatDoctorReport(await examine(files, { kind: 'volumes' })).replaceAll(/\s+/g, ' ');
  assert.match(text, /data\.spacing=\[2\.5, 1, 1\] would make them equal/);
});
