/** A window for volumes where neither a pretraining nor a setting names one. */

import { gridWithSpacing, toCanonical, type Volume } from '../../image/index.js';
import { DIVISOR } from '../../nn/index.js';
import type { LabelledCase } from './labelled.js';

/** So many volumes are looked at. */
const LOOKED_AT = 5;

/**
 * Along each axis the median extent of some volumes, rounded up to what the network takes.
 * @param spacing edges of a voxel along [z, y, x] in mm; `null` for those of each file
 * @param longest the most voxels along an axis
 * @param read a volume by the name that its case has
 * @returns `[z, y, x]` in RAS
 */
export async function usualWindow(
  cases: readonly LabelledCase[],
  spacing: readonly [number, number, number] | null,
  longest: number,
  read: (image: string) => Promise<Volume>,
): Promise<number[]> {
  const step = Math.max(1, Math.floor(cases.length / LOOKED_AT));
  const shapes: (readonly number[])[] = [];
  for (const { image } of cases.filter((_, index) => index % step === 0).slice(0, LOOKED_AT)) {
    const volume = toCanonical(await read(image));
    shapes.push(spacing ? gridWithSpacing(volume, spacing).shape : volume.shape);
  }
  return [0, 1, 2].map((axis) => {
    const extents = shapes.map((shape) => shape[axis]!).sort((a, b) => a - b);
    const median = extents[Math.floor(extents.length / 2)]!;
    return Math.min(longest, Math.ceil(median / DIVISOR) * DIVISOR);
  });
}
