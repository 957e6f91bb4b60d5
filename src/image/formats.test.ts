/**
 * Real files of every format against facts that independent readers measured. A file is read right, or refused with a
 * reason, or wrong; the last must not occur.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../core/errors.js';
import { orientationName } from './geometry/orientation.js';
import { readVolume } from './read-volume.js';
import { spacingOf, type Volume } from './volume.js';

const folder = '../shared/data/formats';
const skip = existsSync(folder) ? false : 'the shared data is absent';

interface Facts {
  readonly format: string;
  readonly shape?: readonly number[];
  readonly spacing?: readonly number[];
  readonly stored_dtype?: string;
  readonly affine?: readonly (readonly number[])[];
  readonly orientation?: string;
  readonly scl_slope?: number;
  readonly scl_inter?: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly samples?: readonly (readonly [readonly number[], number])[];
}

/**
 * One voxel of eight bytes and a line break behind it: the reference took the last eight bytes, pynrrd's own test knows
 * the value.
 */
const CORRECTED: Readonly<Record<string, Partial<Facts>>> = {
  'nrrd/test_simple4d_raw.nrrd': {
    min: 0.76903426,
    max: 0.76903426,
    mean: 0.76903426,
    samples: [[[0, 0, 0, 0], 0.76903426]],
  },
};

test('every real file is read right or refused with a reason', { skip }, async (context) => {
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Facts>;
  const right: string[] = [];
  const refused: string[] = [];
  const wrong: string[] = [];
  for (const [name, measured] of Object.entries(expected)) {
    const facts = { ...measured, ...CORRECTED[name] };
    if (facts.format.startsWith('DICOM')) continue;
    try {
      const frames = await readFrames(join(folder, name), facts);
      const problems = compare(frames, facts);
      (problems.length ? wrong : right).push([name, ...problems].join(': '));
    } catch (error) {
      if (!(error instanceof InputError)) wrong.push(`${name}: ${error}`);
      else refused.push(error.message.replace(`${folder}/`, '').split('\n')[0]!);
    }
  }
  context.diagnostic(`${right.length} read right, ${refused.length} refused with a reason, ${wrong.length} wrong`);
  for (const line of refused) context.diagnostic(`refused: ${line}`);
  assert.deepEqual(wrong, []);
  assert.deepEqual(refused.map((line) => line.split(':')[0]).sort(), [
    'metaimage/2D_2x2_square_object_at_(1,3).raw',
    'metaimage/fixed.raw',
    'metaimage/mask_fixed.raw',
    'nifti/not-nifti.nii',
    'nrrd/BallBinary30x30x30.raw',
  ]);
  assert.equal(right.length, 41);
});

/** All volumes of a file; a series must be refused as long as none is chosen. */
async function readFrames(path: string, { shape }: Facts): Promise<Volume[]> {
  const count = shape?.slice(3).reduce((product, extent) => product * extent, 1) ?? 1;
  if (count === 1) return [await readVolume(path)];
  await assert.rejects(readVolume(path), new RegExp(`found ${count} volumes of`));
  const frames: Volume[] = [];
  for (let frame = 0; frame < count; frame++) frames.push(await readVolume(path, { frame }));
  return frames;
}

function compare(frames: readonly Volume[], facts: Facts): string[] {
  const problems: string[] = [];
  const check = (what: string, found: readonly number[], wanted: readonly number[] | undefined, tolerance: number) => {
    const close = wanted?.every(
      (value, index) => Math.abs(found[index]! - value) <= tolerance * Math.max(1, Math.abs(value)),
    );
    if (wanted && !close) problems.push(`${what} ${found} instead of ${wanted}`);
  };
  const volume = frames[0]!;
  const [z, y, x] = volume.shape;
  check('shape', [x, y, z], facts.shape?.slice(0, 3), 0);
  if (facts.format !== 'MGH') check('spacing', spacingOf(volume).reverse(), facts.spacing?.slice(0, 3), 1e-5);
  check('affine', volume.affine, facts.affine?.flat(), 1e-5);
  if (facts.orientation) check('orientation', codes(orientationName(volume.affine)), codes(facts.orientation), 0);
  if (facts.stored_dtype && typeName(volume) !== facts.stored_dtype) problems.push(`type ${typeName(volume)}`);
  check('slope', [volume.slope], facts.scl_slope === undefined ? undefined : [facts.scl_slope], 1e-12);
  check('intercept', [volume.intercept], facts.scl_inter === undefined ? undefined : [facts.scl_inter], 1e-12);
  if (facts.min !== undefined) {
    const { minimum, maximum, mean, deviation } = statistics(frames);
    check('minimum', [minimum], [facts.min], 1e-9);
    check('maximum', [maximum], [facts.max!], 1e-9);
    check('mean', [mean], [facts.mean!], 1e-6);
    check('deviation', [deviation], [facts.std!], 1e-6);
  }
  for (const [index, value] of facts.samples ?? [])
    check(`sample ${index}`, [sample(frames, index, facts)], [value], 1e-9);
  return problems;
}

function statistics(frames: readonly Volume[]) {
  let [minimum, maximum, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0];
  for (const { data, slope, intercept } of frames) {
    for (const stored of data) {
      const value = stored * slope + intercept;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
      sum += value;
      squares += value * value;
      count++;
    }
  }
  const mean = sum / count;
  return { minimum, maximum, mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

/** Indices are in the order x, y, z, time, … */
function sample(frames: readonly Volume[], index: readonly number[], { shape }: Facts): number {
  let frame = 0;
  for (let axis = index.length - 1; axis >= 3; axis--) frame = frame * shape![axis]! + index[axis]!;
  const volume = frames[frame]!;
  const [, height, width] = volume.shape;
  const [x, y, z = 0] = index as [number, number, number?];
  return volume.data[(z * height + y) * width + x]! * volume.slope + volume.intercept;
}

function typeName({ data }: Volume): string {
  return data.constructor.name.replace('Array', '').toLowerCase();
}

function codes(name: string): number[] {
  return [...name].map((letter) => letter.charCodeAt(0));
}
