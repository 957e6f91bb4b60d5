/**
 * A folder of phantoms: `images/*` and `labels/*` and `splits.json`. Radiographs are PNG files (8 bit, one channel),
 * volumes are `.nii.gz`.
 */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { writeLabels, writePng, writeVolume } from '../image/files.js';
import { writeFileAtomic } from '../system/files.js';
import { grayChest, subjectName } from './subject.js';
import { thoraxPhantom } from './thorax.js';

export interface WriteOptions {
  /** `[H, W]` in pixels for radiographs, `[z, y, x]` in voxels for volumes. */
  readonly size?: readonly number[];
  readonly seed?: number | string;
  /** The share of the subjects, 0 … 1, that goes to `val`; with two subjects or more both parts have at least one. */
  readonly validationShare?: number;
}

/** What `splits.json` holds: names without folder and extension. */
export interface Splits {
  readonly train: readonly string[];
  readonly val: readonly string[];
}

/**
 * Writes `count` subjects. Labels hold the class index (see `chestClasses` and `thoraxClasses`), so they look black in
 * a viewer of pictures.
 * `splits.json` is written last: where it exists the folder is complete.
 * @throws InputError when the folder cannot be written or `count` is not a positive whole number.
 */
export async function writePhantoms(
  folder: string,
  count: number,
  { size = [192, 192], seed = 0, validationShare = 0.2 }: WriteOptions = {},
): Promise<Splits> {
  if (!Number.isInteger(count) || count < 1) {
    throw new InputError('config', `the number of phantoms must be a whole number of at least 1, found ${count}`);
  }
  const names: string[] = [];
  for (let subject = 0; subject < count; subject++) {
    const name = subjectName(subject);
    const write = size.length === 3 ? writeThorax : writeChest;
    await write(folder, name, { size, seed, subject });
    names.push(name);
  }
  const wanted = Math.round(count * validationShare);
  const held = count > 1 ? Math.min(count - 1, Math.max(1, wanted)) : 0;
  const splits: Splits = { train: names.slice(0, count - held), val: names.slice(count - held) };
  writeFileAtomic(join(folder, 'splits.json'), `${JSON.stringify(splits, null, 2)}\n`);
  return splits;
}

interface Subject {
  readonly size: readonly number[];
  readonly seed: number | string;
  readonly subject: number;
}

async function writeChest(folder: string, name: string, { size, seed, subject }: Subject): Promise<void> {
  const [height, width] = size as [number, number];
  const { gray, labels } = grayChest({ size: [height, width], seed, subject });
  for (const [part, pixels] of [
    ['images', gray],
    ['labels', labels],
  ] as const) {
    await writePng(join(folder, part, `${name}.png`), { width, height, channels: 1, data: pixels });
  }
}

async function writeThorax(folder: string, name: string, { size, seed, subject }: Subject): Promise<void> {
  const { data, labels, ...grid } = thoraxPhantom({ size: size as [number, number, number], seed, subject });
  writeVolume(join(folder, 'images', `${name}.nii.gz`), { ...grid, data, slope: 1, intercept: 0 });
  writeLabels(join(folder, 'labels', `${name}.nii.gz`), labels, grid);
}
