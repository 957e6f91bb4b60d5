/**
 * Real files against the facts of an independent reader. Each is read right, or refused for the reason given here; a
 * file that is neither is wrong, and so is one that is refused without being listed.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../core/errors.js';
import { allClose } from '../../../testing/all-close.js';
import { spacingOf } from '../../volume.js';
import { formatOf } from './format.js';
import { frameDecoder } from './frame.js';
import { listDicomSeries } from './list-series.js';
import { nodeDecoders } from './node-decoders.js';
import { parseDicom } from './parse.js';
import { readDicomImage } from './read-image.js';
import { readDicomSeries } from './read-series.js';
import { slicesOf } from './slices.js';

const tolerance = { absolute: 1e-5 };
const FORMATS = '../shared/data/formats';
const skip = existsSync(`${FORMATS}/expected.json`) ? false : 'the shared data is absent';

/** Files that are refused, and why. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'rtplan.dcm': /an object without pixels/,
  'ExplVR_BigEndNoMeta.dcm': /an object without pixels/,
  'MR_truncated.dcm': /expected 8192 bytes of pixels, found 8130/,
  'no_meta.dcm': /bytes without a DICOM header/, // its first tag lost a byte
};

/** Files with the pixels of another one. */
const TWINS: Readonly<Record<string, string>> = { 'liver_rle.dcm': 'liver.dcm', 'liver_deflate.dcm': 'liver.dcm' };

interface Facts {
  readonly rows?: number;
  readonly cols?: number;
  readonly frames?: number;
  readonly photometric?: string;
  readonly bits_allocated?: number;
  readonly bits_stored?: number;
  readonly pixel_representation?: number;
  readonly RescaleSlope?: number | null;
  readonly RescaleIntercept?: number | null;
  readonly PixelSpacing?: readonly number[] | null;
  readonly ImagePositionPatient?: readonly number[] | null;
  readonly ImageOrientationPatient?: readonly number[] | null;
  readonly array_shape?: readonly number[];
  readonly md5_little_endian?: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly samples?: readonly (readonly [readonly number[], number])[];
  readonly order: readonly string[];
  readonly shape_zyx: readonly number[];
  readonly spacing_xyz: readonly number[];
  readonly ipp_first: readonly number[];
}

test('every file is read right or refused for a known reason', { skip }, async (t) => {
  const expected = JSON.parse(readFileSync(`${FORMATS}/expected.json`, 'utf8')) as Record<string, Facts>;
  const paths = Object.keys(expected).filter((path) => path.startsWith('dicom/'));
  const wrong: string[] = [];
  const refused: string[] = [];
  for (const path of paths) {
    const name = basename(path);
    try {
      await checkFile(`${FORMATS}/${path}`, expected[path]!, expected[`dicom/${TWINS[name]}`]?.md5_little_endian);
      if (REFUSED[name]) wrong.push(`${name}: expected to be refused`);
    } catch (error) {
      const known = error instanceof InputError && REFUSED[name]?.test(error.message);
      (known ? refused : wrong).push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  t.diagnostic(
    `${paths.length} files: ${paths.length - refused.length - wrong.length} read right, ${refused.length} refused, ${wrong.length} wrong`,
  );
  for (const reason of refused) t.diagnostic(reason);
  assert.deepEqual(wrong, []);
});

async function checkFile(path: string, facts: Facts, twin?: string): Promise<void> {
  const bytes = readFileSync(path);
  const file = parseDicom(bytes, path);
  const format = formatOf(file);
  const stated = {
    rows: format.rows,
    cols: format.columns,
    frames: format.frames,
    photometric: format.photometric,
    bits_allocated: format.allocated,
    ...(format.float ? {} : { bits_stored: format.stored, pixel_representation: Number(format.signed) }),
  };
  for (const [name, value] of Object.entries(stated)) {
    if (facts.rows) assert.equal(value, facts[name as keyof Facts], name);
  }
  const [slice] = slicesOf(file, bytes.length);
  if (facts.ImagePositionPatient) allClose(slice!.position!, facts.ImagePositionPatient, tolerance);
  if (facts.ImageOrientationPatient)
    allClose([...slice!.row!, ...slice!.column!], facts.ImageOrientationPatient, tolerance);
  if (facts.PixelSpacing) allClose(slice!.spacing!, facts.PixelSpacing, tolerance);
  if (facts.RescaleSlope)
    allClose(
      [slice!.rescale.slope, slice!.rescale.intercept],
      [facts.RescaleSlope, facts.RescaleIntercept!],
      tolerance,
    );
  await checkValues(file, facts, twin);
  const image = await readDicomImage(path);
  assert.deepEqual(image.shape, [format.rows, format.columns]);
}

async function checkValues(file: ReturnType<typeof parseDicom>, facts: Facts, twin?: string): Promise<void> {
  const { frames, samples, rows, columns, coding, photometric, stored } = formatOf(file);
  const decode = frameDecoder(file, nodeDecoders);
  const hash = createHash('md5');
  const all: number[][] = [];
  for (let frame = 0; frame < frames; frame++) {
    const { values } = await decode(frame);
    // The independent reader did not extend the sign of 15 stored bits.
    const unsigned = stored === 15 ? values.map((value) => value & 0x7fff) : values;
    hash.update(new Uint8Array(unsigned.buffer, unsigned.byteOffset, unsigned.byteLength));
    all.push([...unsigned]);
  }
  if (facts.array_shape) {
    const whole = [...(frames > 1 ? [frames] : []), rows, columns, ...(samples > 1 ? [samples] : [])];
    assert.deepEqual(whole, facts.array_shape);
  }
  const digest = twin ?? facts.md5_little_endian;
  if (!digest) return;
  if (coding !== 'jpeg-dct') assert.equal(hash.digest('hex'), digest);
  else if (!photometric.startsWith('YBR')) {
    // Lossy JPEG: another cosine transform may round the other way.
    for (const [index, value] of facts.samples!)
      allClose([all[0]![index[0]! * columns + index[1]!]!], [value], { absolute: 1 });
    allClose(
      [all[0]!.reduce((a, b) => Math.max(a, b)), all[0]!.reduce((a, b) => a + b) / all[0]!.length],
      [facts.max, facts.mean],
      { absolute: 0.5 },
    );
  }
}

for (const folder of ['dicom_series_brain', 'dicom_series_hippocampus']) {
  test(`${folder} is read right`, { skip }, async () => {
    const facts = (JSON.parse(readFileSync(`${FORMATS}/expected.json`, 'utf8')) as Record<string, Facts>)[
      `${folder}/`
    ]!;
    const { series } = await listDicomSeries(`${FORMATS}/${folder}`);
    assert.equal(series.length, 1);
    assert.deepEqual(
      series[0]!.slices.map(({ file }) => basename(file.path)),
      facts.order,
    );
    const volume = await readDicomSeries(series[0]!);
    assert.deepEqual(volume.shape, facts.shape_zyx);
    allClose(spacingOf(volume).reverse(), facts.spacing_xyz, tolerance);
    allClose(
      [3, 7, 11].map((at) => volume.affine[at]!),
      facts.ipp_first.map((value, axis) => (axis < 2 ? -value : value)),
      tolerance,
    );
    const real = Array.from(volume.data, (value) => value * volume.slope + volume.intercept);
    const sum = real.reduce((a, b) => a + b);
    allClose(
      [real.reduce((a, b) => Math.min(a, b)), real.reduce((a, b) => Math.max(a, b))],
      [facts.min, facts.max],
      tolerance,
    );
    allClose([sum / real.length], [facts.mean], tolerance);
    const [, height, width] = volume.shape;
    for (const [[z, y, x], value] of facts.samples!)
      allClose([real[(z! * height + y!) * width + x!]!], [value], tolerance);
  });
}
