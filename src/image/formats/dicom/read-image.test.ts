import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toUnitRange } from '../../image.js';
import type { DicomImageOptions } from './decode-image.js';
import { type ImageOptions, imageElements } from './fixtures/images.js';
import { type Elements, writeDicom } from './fixtures/writer.js';
import { isDicom } from './parse.js';
import { readDicomImage } from './read-image.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-dicom-image-'));
after(() => rmSync(folder, { recursive: true }));

function words(values: readonly number[]): Uint8Array {
  return Uint8Array.from(Buffer.from(Uint16Array.from(values).buffer));
}

function read(options: Partial<ImageOptions> & { pixels: Uint8Array }, image: DicomImageOptions = {}) {
  const samples = options.samples ?? 1;
  const columns = options.pixels.length / ((options.allocated ?? 16) / 8) / samples;
  const path = join(folder, 'image.dcm');
  writeFileSync(path, writeDicom(imageElements({ rows: 1, columns, ...options })));
  return readDicomImage(path, image);
}

test('gray values keep their bits: 12 stored bits reach 4095', async () => {
  const image = await read({ pixels: words([0, 17, 4095]), stored: 12 });
  assert.deepEqual([image.shape, image.channels, image.bitDepth, image.maximum], [[1, 3], 1, 16, 4095]);
  assert.deepEqual([...image.data], [0, 17, 4095]);
  assert.equal(toUnitRange(image).data[2], 1);
});

test('signed values are moved up by half of their range', async () => {
  const image = await read({ pixels: words([-32768, -1, 0, 32767]), signed: true });
  assert.deepEqual([[...image.data], image.maximum], [[0, 32767, 32768, 65535], 65535]);
  const few = await read({ pixels: words([0x800, 0xfff, 0x7ff]), signed: true, stored: 12 });
  assert.deepEqual([[...few.data], few.maximum], [[0, 2047, 4095], 4095]);
});

test('MONOCHROME1 is inverted', async () => {
  const image = await read({ pixels: Uint8Array.of(0, 10, 255, 3), allocated: 8, photometric: 'MONOCHROME1' });
  assert.deepEqual([[...image.data], image.bitDepth], [[255, 245, 0, 252], 8]);
  const signed = await read({ pixels: words([-2048, 2047]), signed: true, stored: 12, photometric: 'MONOCHROME1' });
  assert.deepEqual([...signed.data], [4095, 0]);
});

const rescale: Elements = { '00281052': ['DS', '-1024'], '00281053': ['DS', '2'] };
test('a window takes real values to [0, 1]', async () => {
  const pixels = words([0, 512, 1024]); // -1024, 0, 1024 after the rescale
  const image = await read({ pixels, more: rescale }, { window: { center: 0.5, width: 2049 } });
  assert.deepEqual([[...image.data], image.bitDepth, image.maximum], [[0, 0.5, 1], 32, 1]);
  const file = {
    ...rescale,
    '00281050': ['DS', '0\\40'],
    '00281051': ['DS', '1024\\400'],
    '00281056': ['CS', 'LINEAR_EXACT'],
  } as const;
  assert.deepEqual([...(await read({ pixels, more: file }, { window: 'file' })).data], [0, 0.5, 1]);
  const inverted = { pixels, more: rescale, photometric: 'MONOCHROME1' };
  assert.deepEqual([...(await read(inverted, { window: { center: 0.5, width: 2049 } })).data], [1, 0.5, 0]);
  await assert.rejects(
    read({ pixels }, { window: 'file' }),
    /a window with a center and a width above 0, found a file that names none/,
  );
  await assert.rejects(read({ pixels }, { window: { center: 0, width: 0 } }), /found 0 and 0/);
});

test('padding far from the other values takes the darkest of them; padding that is dark already stays', async () => {
  const more = { '00280120': ['SS', [-2000]] } as const;
  const image = await read({ pixels: words([-2000, 0, 500, 1000]), signed: true, more });
  assert.deepEqual([...image.data], [32768, 32768, 33268, 33768]);
  const dark = await read({ pixels: words([-2000, -1990, 500, 1000]), signed: true, more });
  assert.equal(dark.data[0], 30768);
  const inverted = await read({ pixels: words([-2000, 0, 1000]), signed: true, more, photometric: 'MONOCHROME1' });
  assert.equal(inverted.data[0], inverted.data[2]);
});

test('colour: RGB by plane, YCbCr, a palette', async () => {
  const rgb = await read({ pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), samples: 3, allocated: 8 });
  assert.deepEqual([rgb.channels, [...rgb.data]], [3, [1, 4, 2, 5, 3, 6]]);
  const pixels = Uint8Array.of(76, 85, 255, 150, 44, 21);
  const ybr = await read({ pixels, samples: 3, allocated: 8, photometric: 'YBR_FULL' });
  assert.deepEqual(
    [...ybr.data].map((value) => Math.round(value / 8)),
    [32, 0, 0, 32, 0, 0],
  );
  const half = {
    pixels: Uint8Array.of(76, 76, 85, 255),
    samples: 3,
    allocated: 8,
    columns: 2,
    photometric: 'YBR_FULL_422',
  };
  assert.deepEqual(
    [...(await read(half)).data].map((value) => Math.round(value / 8)),
    [32, 32, 0, 0, 0, 0],
  );
  const table = (values: number[]) => ['OW', words(values)] as const;
  const descriptor = ['US', [3, 10, 16]] as const;
  const more: Elements = {
    '00281101': descriptor,
    '00281102': descriptor,
    '00281103': descriptor,
    '00281201': table([1, 2, 65535]),
    '00281202': table([4, 5, 6]),
    '00281203': table([7, 8, 9]),
  };
  const palette = await read({
    pixels: Uint8Array.of(0, 10, 11, 200),
    allocated: 8,
    photometric: 'PALETTE COLOR',
    more,
  });
  assert.deepEqual([palette.bitDepth, [...palette.data]], [16, [1, 1, 2, 65535, 4, 4, 5, 6, 7, 7, 8, 9]]);
  await assert.rejects(
    read({ pixels: Uint8Array.of(0, 1), allocated: 8, photometric: 'PALETTE COLOR' }),
    /a palette of three plain tables, found none/,
  );
});

test('a frame is chosen; one that is not there is refused', async () => {
  const more = { '00280008': ['IS', '3'] } as const;
  const options = { pixels: words([1, 2, 3]), columns: 1, more };
  const image = await read(options, { frame: 2 });
  assert.deepEqual((await read(options)).warnings, ['the file holds 3 frames: the first was read']);
  assert.deepEqual([[...image.data], image.frames], [[3], 3]);
  await assert.rejects(read(options, { frame: 3 }), /a frame from 0 to 2, found 3/);
});

test('32-bit and floating-point values have no scale of their own', async () => {
  const floats = Uint8Array.from(Buffer.from(Float32Array.of(0.5, 7).buffer));
  const elements = {
    ...imageElements({ rows: 1, columns: 2, pixels: floats, allocated: 32 }),
    '7fe00008': ['OF', floats],
  } as Elements;
  const { '7fe00010': _, ...rest } = elements;
  const path = join(folder, 'float.dcm');
  writeFileSync(path, writeDicom(rest));
  const image = await readDicomImage(path);
  assert.deepEqual([[...image.data], image.bitDepth, image.maximum], [[0.5, 7], 32, 1]);
  assert.throws(() => toUnitRange(image), /expected values from 0 to 1, found 7/);
});

test('integers that 32-bit floating point cannot hold are told', async () => {
  const pixels = Uint8Array.from(Buffer.from(Uint32Array.of(1, 2 ** 24 + 1).buffer));
  assert.deepEqual((await read({ pixels, allocated: 32 })).warnings, ['values were rounded to 32-bit floating point']);
});

test('other files are refused: missing, a folder, no DICOM, no pixels', async () => {
  await assert.rejects(readDicomImage(join(folder, 'none.dcm')), { code: 'image', message: /found no such file/ });
  await assert.rejects(readDicomImage(folder), /found a folder/);
  const save = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  await assert.rejects(
    readDicomImage(save('text.dcm', Buffer.from('patient, age\n1, 60\n'))),
    /found bytes without a DICOM header/,
  );
  await assert.rejects(readDicomImage(save('empty.dcm', Buffer.alloc(0))), /found an empty file/);
  const plan = save('plan.dcm', writeDicom({ '00080060': ['CS', 'RTPLAN'] }));
  await assert.rejects(readDicomImage(plan), /expected an image, found an object without pixels \(modality RTPLAN\)/);
  assert.equal(isDicom(Buffer.from('\x89PNG\r\n\x1a\n plain bytes')), false);
});

test('padding of lossy pixels is not exact: it stays, and that is said', async () => {
  const more = { '00280120': ['SS', [-2000]], '00282110': ['CS', '01'] } as const;
  const pixels = words([-2971, -2000, -1993, 0, 1000]);
  const lossy = await read({ pixels, signed: true, more });
  assert.deepEqual([...lossy.data], [29797, 30768, 30775, 32768, 33768]);
  assert.deepEqual(lossy.warnings, ['padding is not exact after lossy compression and stays as it is']);
  const exact = await read({ pixels, signed: true, more: { ...more, '00282110': ['CS', '00'] } });
  assert.equal(exact.data[1], exact.data[0]);
  assert.deepEqual(exact.warnings, []);
});

test('32 bits in big-endian order are refused: writers put the halves in either order', async () => {
  const pixels = new Uint8Array(16);
  const elements = (vr: string) => ({
    ...imageElements({ rows: 1, columns: 4, pixels, allocated: 32 }),
    '7fe00010': [vr, pixels] as const,
  });
  const path = join(folder, 'big.dcm');
  for (const vr of ['OW', 'OB']) {
    writeFileSync(path, writeDicom(elements(vr), { syntax: '1.2.840.10008.1.2.2' }));
    await assert.rejects(readDicomImage(path), {
      code: 'image',
      message: /big\.dcm: expected pixels of up to 16 bits in big-endian order, found .*\n.*dcmconv/,
    });
  }
  writeFileSync(path, writeDicom(elements('OW')));
  assert.deepEqual((await readDicomImage(path)).shape, [1, 4]);
});

const lossyFile = '../shared/data/formats/dicom/693_J2KI.dcm';
test('a lossy JPEG 2000 keeps all its values', {
  skip: existsSync(lossyFile) ? false : 'the shared data is absent',
}, async () => {
  const { data, warnings } = await readDicomImage(lossyFile);
  // 494 pixels have the padding's value, as others have values around it: none takes another one.
  assert.equal(data.filter((value) => value - 2 ** 13 === -2000).length, 494);
  assert.match(warnings.join(), /padding is not exact/);
});
