import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from '../../../core/errors.js';
import { encodeFlatBlocks, encodeLossless, encodeRle } from './fixtures/codes.js';
import { imageElements, placeElements, texture } from './fixtures/images.js';
import { encodeWasm } from './fixtures/wasm-codes.js';
import { writeDicom } from './fixtures/writer.js';
import { readDicomImage } from './read-image.js';
import { readDicomSeries } from './read-series.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-dicom-damage-'));
after(() => rmSync(folder, { recursive: true }));

const ROWS = 24;
const COLUMNS = 16;

test('a hundred damaged files end in an InputError or in a result of the right size', async () => {
  const files = await wholeFiles();
  const random = numbers(11);
  let read = 0;
  for (let index = 0; index < 100; index++) {
    const bytes = damaged(files[index % files.length]!, random);
    const path = join(folder, 'damaged.dcm');
    writeFileSync(path, bytes);
    try {
      if (index % 3 === 2) {
        const { data, shape } = await readDicomSeries(path);
        assert.equal(data.length, shape[0] * shape[1] * shape[2]);
      } else {
        const { data, shape, channels } = await readDicomImage(path);
        assert.equal(data.length, shape[0]! * shape[1]! * channels);
      }
      read++;
    } catch (error) {
      assert.ok(error instanceof InputError, `case ${index}: ${(error as Error).stack}`);
    }
  }
  assert.ok(read > 5 && read < 95, `${read} of 100 read`);
  assert.ok(process.memoryUsage().rss < 2 ** 30);
});

/** One file of each coding. */
async function wholeFiles(): Promise<Buffer[]> {
  const words = Uint16Array.from(texture(ROWS * COLUMNS, 4096));
  const extent = { rows: ROWS, columns: COLUMNS };
  const high = Uint8Array.from(words, (value) => value >> 8);
  const blocks = Array.from({ length: 6 }, (_, index) => 600 * index);
  const codes = {
    '1.2.840.10008.1.2.5': encodeRle([high, Uint8Array.from(words)]),
    '1.2.840.10008.1.2.4.51': encodeFlatBlocks(blocks, ROWS, COLUMNS),
    '1.2.840.10008.1.2.4.70': encodeLossless(words, { ...extent, precision: 12, predictor: 1 }),
    '1.2.840.10008.1.2.4.80': await encodeWasm('jpeg-ls', words, { ...extent, bits: 12 }),
    '1.2.840.10008.1.2.4.90': await encodeWasm('jpeg-2000', words, { ...extent, bits: 12 }),
    '1.2.840.10008.1.2.4.201': await encodeWasm('htj2k', words, { ...extent, bits: 12 }),
  };
  const more = placeElements({ position: [0, 0, 0], instance: 1 });
  const plain = Uint8Array.from(Buffer.from(words.buffer));
  return [
    ...['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99'].map((syntax) =>
      writeDicom(imageElements({ ...extent, pixels: plain, stored: 12, more }), { syntax }),
    ),
    ...Object.entries(codes).map(([syntax, code]) =>
      writeDicom(imageElements({ ...extent, pixels: { fragments: [code] }, stored: 12, more }), { syntax }),
    ),
  ];
}

/** Cuts a file, flips bits, or overwrites some bytes of its header or its code. */
function damaged(whole: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(whole);
  const kind = random();
  if (kind < 0.25) return bytes.subarray(0, Math.floor(random() * bytes.length));
  for (let left = 1 + Math.floor(random() * 6); left > 0; left--) {
    const at = 132 + Math.floor(random() * (bytes.length - 132));
    if (kind < 0.6) bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
    else bytes[at] = kind < 0.8 ? 0xff : Math.floor(random() * 256);
  }
  return bytes;
}

/** Numbers from 0 to 1 that depend on the seed alone. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
