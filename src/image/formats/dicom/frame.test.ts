import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { InputError } from '../../../core/errors.js';
import { TruncatedImageError } from '../../read.js';
import { encodeFlatBlocks, encodeLossless, encodeRle } from './fixtures/codes.js';
import { type ImageOptions, imageElements, texture } from './fixtures/images.js';
import { encodeWasm } from './fixtures/wasm-codes.js';
import { type WriteOptions, writeDicom } from './fixtures/writer.js';
import { frameDecoder } from './frame.js';
import { nodeDecoders } from './node-decoders.js';
import { isDicom, parseDicom } from './parse.js';

const ROWS = 24;
const COLUMNS = 17;
const SIZE = ROWS * COLUMNS;

async function decode(options: ImageOptions, write: WriteOptions = {}, frame = 0) {
  const bytes = writeDicom(imageElements(options), write);
  assert.ok(isDicom(bytes));
  return frameDecoder(parseDicom(bytes, 'test.dcm'), nodeDecoders)(frame);
}

function coded(syntax: string, fragments: readonly Uint8Array[], options: Partial<ImageOptions> = {}) {
  return decode({ rows: ROWS, columns: COLUMNS, pixels: { fragments }, ...options }, { syntax });
}

const PLAIN = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99'];
for (const syntax of PLAIN) {
  test(`uncompressed values are exact in ${syntax}, with and without file meta information`, async () => {
    for (const [signed, low] of [
      [false, 0],
      [true, -3000],
    ] as const) {
      const values = texture(SIZE, 6000).map((value) => value + low);
      const pixels = Buffer.from((signed ? Int16Array : Uint16Array).from(values).buffer);
      if (syntax.endsWith('.2.2')) pixels.swap16();
      for (const bare of syntax.endsWith('99') ? [false] : [false, true]) {
        const frame = await decode({ rows: ROWS, columns: COLUMNS, pixels, signed }, { syntax, bare });
        assert.deepEqual([...frame.values], values);
      }
    }
  });
}

test('bits that are not stored are put right: sign, overlays, understated bits', async () => {
  const read = async (stored: number, signed: boolean, words: number[]) => {
    const pixels = Uint8Array.from(Buffer.from(Uint16Array.from(words).buffer));
    return decode({ rows: 1, columns: words.length, pixels, stored, signed });
  };
  assert.deepEqual([...(await read(12, true, [0x0fff, 0x07ff, 0x0800])).values], [-1, 2047, -2048]);
  assert.deepEqual([...(await read(12, true, [0xffff, 0x07ff, 0xf800])).values], [-1, 2047, -2048]);
  const overlay = await read(12, false, [0x1fff, 0x0001]);
  assert.deepEqual([[...overlay.values], overlay.bits], [[4095, 1], 12]);
  assert.match(overlay.warning!, /above the 12/);
  const understated = await read(12, true, [0x0fff, 0xf800]);
  assert.deepEqual([[...understated.values], understated.bits], [[4095, -2048], 16]);
});

test('a high bit above the stored bits shifts the values down', async () => {
  const pixels = Uint8Array.from(Buffer.from(Uint16Array.of(0xfff0, 0x0010).buffer));
  const more = { '00280102': ['US', [15]] } as const;
  assert.deepEqual([...(await decode({ rows: 1, columns: 2, pixels, stored: 12, more })).values], [4095, 1]);
});

test('one bit per pixel runs on from frame to frame', async () => {
  const more = { '00280008': ['IS', '3'] } as const;
  const options = { rows: 1, columns: 5, pixels: Uint8Array.of(0b10101011, 0b01100110), allocated: 1, more };
  const bits = [1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1];
  for (const frame of [0, 1, 2]) {
    assert.deepEqual([...(await decode(options, {}, frame)).values], bits.slice(5 * frame, 5 * frame + 5));
  }
});

test('big-endian words swap pairs of 8-bit pixels', async () => {
  const options = { rows: 1, columns: 3, pixels: Uint8Array.of(2, 1, 4, 3), allocated: 8 };
  const more = { '7fe00010': ['OW', options.pixels] } as const;
  const syntax = '1.2.840.10008.1.2.2';
  assert.deepEqual([...(await decode({ ...options, more }, { syntax })).values], [1, 2, 3]);
  assert.deepEqual([...(await decode(options, { syntax })).values], [2, 1, 4]);
});

test('colour by plane and by pixel come out the same', async () => {
  const pixels = Uint8Array.from(texture(SIZE * 3, 256));
  const planes = Uint8Array.from(pixels, (_, at) => pixels[(at % SIZE) * 3 + Math.floor(at / SIZE)]!);
  const common = { rows: ROWS, columns: COLUMNS, samples: 3, allocated: 8 };
  assert.deepEqual([...(await decode({ ...common, pixels })).values], [...pixels]);
  const more = { '00280006': ['US', [1]] } as const;
  assert.deepEqual([...(await decode({ ...common, pixels: planes, more })).values], [...pixels]);
});

test('RLE: 16 bits, colour, and several frames', async () => {
  const values = texture(SIZE, 60000);
  const planes = [values.map((value) => value >> 8), values.map((value) => value & 255)];
  const rle = encodeRle(planes.map((plane) => Uint8Array.from(plane)));
  assert.deepEqual([...(await coded('1.2.840.10008.1.2.5', [rle])).values], values);
  const more = { '00280008': ['IS', '2'] } as const;
  const two = { rows: ROWS, columns: COLUMNS, pixels: { fragments: [rle, rle] }, more };
  assert.deepEqual([...(await decode(two, { syntax: '1.2.840.10008.1.2.5' }, 1)).values], values);
});

for (const predictor of [1, 2, 3, 4, 5, 6, 7]) {
  test(`lossless JPEG with predictor ${predictor}`, async () => {
    for (const precision of [8, 12, 16]) {
      for (const restartRows of [0, 5]) {
        const values = texture(SIZE, 2 ** precision);
        const jpeg = encodeLossless(values, { rows: ROWS, columns: COLUMNS, precision, predictor, restartRows });
        const options = { allocated: precision === 8 ? 8 : 16, stored: precision };
        assert.deepEqual([...(await coded('1.2.840.10008.1.2.4.57', [jpeg], options)).values], values);
      }
    }
  });
}

test('lossless JPEG in colour, and in two fragments', async () => {
  const values = texture(SIZE * 3, 256);
  const options = { rows: ROWS, columns: COLUMNS, components: 3, precision: 8, predictor: 1 };
  const jpeg = encodeLossless(values, options);
  const parts = [jpeg.subarray(0, 500), jpeg.subarray(500)];
  const frame = await coded('1.2.840.10008.1.2.4.70', parts, { samples: 3, allocated: 8 });
  assert.deepEqual([...frame.values], values);
});

test('12-bit JPEG: flat blocks keep their values', async () => {
  const blocks = [0, 4095, 2048, 100, 3000, 17];
  const jpeg = encodeFlatBlocks(blocks, 16, 20);
  const frame = await coded('1.2.840.10008.1.2.4.51', [jpeg], { rows: 16, columns: 20, stored: 12 });
  const expected = Array.from({ length: 320 }, (_, at) => blocks[Math.floor(at / 160) * 3 + Math.floor((at % 20) / 8)]);
  assert.deepEqual([...frame.values], expected);
});

test('8-bit JPEG: gray, and RGB without a marker that says so', async () => {
  const gray = await sharp(Buffer.alloc(SIZE, 90), { raw: { width: COLUMNS, height: ROWS, channels: 1 } })
    .toColourspace('b-w')
    .jpeg({ quality: 100 })
    .toBuffer();
  const frame = await coded('1.2.840.10008.1.2.4.50', [gray], { allocated: 8 });
  assert.ok(frame.values.every((value) => Math.abs(value - 90) <= 1));
  const red = Buffer.from(Array.from({ length: SIZE }, () => [250, 10, 20]).flat());
  const jpeg = await sharp(red, { raw: { width: COLUMNS, height: ROWS, channels: 3 } })
    .jpeg({ quality: 100 })
    .toBuffer();
  const jfif = [0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
  const begins = jpeg.readUInt16BE(2) === 0xffe0 ? 4 + jpeg.readUInt16BE(4) : 2;
  const bare = Buffer.concat([jpeg.subarray(0, 2), jpeg.subarray(begins)]);
  const marked = Buffer.concat([jpeg.subarray(0, 2), Buffer.from(jfif), jpeg.subarray(begins)]);
  const first = async (stream: Buffer, photometric: string) => {
    const { values } = await coded('1.2.840.10008.1.2.4.50', [stream], { allocated: 8, samples: 3, photometric });
    return [...values.subarray(0, 3)].map((value) => Math.round(value / 10));
  };
  assert.deepEqual(await first(marked, 'RGB'), [25, 1, 2]);
  assert.deepEqual(await first(bare, 'YBR_FULL_422'), [25, 1, 2]);
  // Without a marker the header is believed: these are the stored Y, Cb and Cr.
  assert.deepEqual(await first(bare, 'RGB'), [8, 9, 25]);
});

for (const [syntax, kind] of [
  ['1.2.840.10008.1.2.4.80', 'jpeg-ls'],
  ['1.2.840.10008.1.2.4.90', 'jpeg-2000'],
  ['1.2.840.10008.1.2.4.201', 'htj2k'],
] as const) {
  test(`${kind} is exact: 8 and 12 bits, colour`, async () => {
    const bytes = Uint8Array.from(texture(SIZE, 256));
    const one = await encodeWasm(kind, bytes, { rows: ROWS, columns: COLUMNS, bits: 8 });
    assert.deepEqual([...(await coded(syntax, [one], { allocated: 8 })).values], [...bytes]);
    const words = Uint16Array.from(texture(SIZE, 4096));
    const two = await encodeWasm(kind, words, { rows: ROWS, columns: COLUMNS, bits: 12 });
    assert.deepEqual([...(await coded(syntax, [two], { stored: 12 })).values], [...words]);
    const colours = Uint8Array.from(texture(SIZE * 3, 256));
    const three = await encodeWasm(kind, colours, { rows: ROWS, columns: COLUMNS, components: 3, bits: 8 });
    assert.deepEqual([...(await coded(syntax, [three], { samples: 3, allocated: 8 })).values], [...colours]);
  });

  test(`${kind} that is cut anywhere is refused`, async () => {
    const words = Uint16Array.from(texture(SIZE, 4096));
    const code = await encodeWasm(kind, words, { rows: ROWS, columns: COLUMNS, bits: 12 });
    for (const share of [0.02, 0.2, 0.5, 0.9, 0.99]) {
      const part = code.subarray(0, Math.floor(code.length * share));
      await assert.rejects(coded(syntax, [part], { stored: 12 }), InputError, `${kind} at ${share}`);
    }
    assert.deepEqual([...(await coded(syntax, [code], { stored: 12 })).values], [...words]);
  });
}

test('cut pixels of every own decoder are refused', async () => {
  const values = texture(SIZE, 4096);
  const jpeg = encodeLossless(values, { rows: ROWS, columns: COLUMNS, precision: 12, predictor: 1 });
  const flat = encodeFlatBlocks(
    Array.from({ length: 9 }, (_, index) => index * 400),
    24,
    17,
  );
  const rle = encodeRle([0, 1].map(() => Uint8Array.from(values, (value) => value & 255)));
  for (const share of [0.5, 0.9]) {
    const cut = (bytes: Buffer) => [bytes.subarray(0, Math.floor(bytes.length * share))];
    await assert.rejects(coded('1.2.840.10008.1.2.4.70', cut(jpeg), { stored: 12 }), InputError);
    await assert.rejects(coded('1.2.840.10008.1.2.4.51', cut(flat), { stored: 12 }), InputError);
    await assert.rejects(coded('1.2.840.10008.1.2.5', cut(rle)), TruncatedImageError);
  }
});

test('what the header states must fit the code and the file', async () => {
  const pixels = Buffer.alloc(SIZE * 2);
  const wrong = (options: Partial<ImageOptions>, message: RegExp) =>
    assert.rejects(decode({ rows: ROWS, columns: COLUMNS, pixels, ...options }), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  await wrong({ rows: 60000, columns: 60000 }, /at most 268435456 pixels/);
  await wrong({ rows: ROWS + 1 }, /expected 850 bytes of pixels, found 816/);
  await wrong({ photometric: 'YBR_PARTIAL_420', samples: 3 }, /PhotometricInterpretation to be one of/);
  await wrong({ allocated: 12 }, /BitsAllocated to be 1, 8, 16, 32, found 12/);
  await wrong({ stored: 17 }, /BitsStored to be from 1 to 16, found 17/);
  await wrong({ more: { '00280008': ['IS', '7'] } }, /5712 bytes of pixels, found 816/);
  await wrong({ samples: 4 }, /SamplesPerPixel to be 1 or 3, found 4/);
  const jpeg = encodeLossless(texture(SIZE, 256), { rows: ROWS, columns: COLUMNS, precision: 8, predictor: 1 });
  await assert.rejects(
    coded('1.2.840.10008.1.2.4.70', [jpeg], { rows: 20000, columns: 10000, allocated: 8 }),
    /expected a frame of at most|expected a coded frame of 10000 × 20000/,
  );
});

test('a transfer syntax that is not supported is named', async () => {
  for (const [syntax, name] of [
    ['1.2.840.10008.1.2.4.102', /video/],
    ['1.2.840.10008.1.2.4.94', /JPIP/],
    ['1.2.840.10008.1.2.4.110', /JPEG XL/],
    ['1.2.3', /found 1\.2\.3/],
  ] as const) {
    await assert.rejects(coded(syntax, [Buffer.alloc(8)]), name);
  }
});

test('frames in several fragments are found by the offset table, or by where a code begins', async () => {
  const pictures = [0, 50].map((add) => texture(SIZE, 200).map((value) => value + add));
  const jpegs = pictures.map((values) => {
    const jpeg = encodeLossless(values, { rows: ROWS, columns: COLUMNS, precision: 8, predictor: 1 });
    return jpeg.length % 2 ? Buffer.concat([jpeg, Buffer.alloc(1)]) : jpeg;
  });
  const fragments = jpegs.flatMap((jpeg) => [jpeg.subarray(0, 100), jpeg.subarray(100)]);
  const offset = 16 + jpegs[0]!.length;
  for (const table of [[], [0, offset]]) {
    const pixels = { fragments, table };
    const options = { rows: ROWS, columns: COLUMNS, allocated: 8, pixels, more: { '00280008': ['IS', '2'] } as const };
    for (const frame of [0, 1]) {
      const { values } = await decode(options, { syntax: '1.2.840.10008.1.2.4.70' }, frame);
      assert.deepEqual([...values], pictures[frame]);
    }
  }
});

test('any values of any extent come back from RLE and from lossless JPEG', async () => {
  const picture = fc
    .record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) })
    .chain((extent) =>
      fc.record({
        extent: fc.constant(extent),
        predictor: fc.integer({ min: 1, max: 7 }),
        values: fc.array(fc.integer({ min: 0, max: 65535 }), {
          minLength: extent.rows * extent.columns,
          maxLength: extent.rows * extent.columns,
        }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(picture, async ({ extent, predictor, values }) => {
      const jpeg = encodeLossless(values, { ...extent, precision: 16, predictor });
      assert.deepEqual([...(await coded('1.2.840.10008.1.2.4.57', [jpeg], extent)).values], values);
      const rle = encodeRle([8, 0].map((shift) => Uint8Array.from(values, (value) => value >> shift)));
      assert.deepEqual([...(await coded('1.2.840.10008.1.2.5', [rle], extent)).values], values);
    }),
    { numRuns: 60, seed: 7 },
  );
});
