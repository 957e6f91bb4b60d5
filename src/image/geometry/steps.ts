/** An affine from the steps that a header names, with plain answers for what is missing or impossible. */

import type { Affine } from '../volume.js';
import { fromColumns, isRegular, type Vector } from './affine.js';

/**
 * @param steps the step along x, y and z in mm (RAS), as many as the file has axes; undefined or not finite where
 * unknown
 * @param origin the place of the first voxel in mm (RAS)
 * @param signs of the axes of an unknown step, in RAS
 * @param warnings receives what had to be assumed
 * @returns a regular affine
 */
export function fromSteps(
  steps: readonly (readonly number[] | undefined)[],
  origin: readonly number[] | undefined,
  signs: readonly number[],
  warnings: string[],
): { affine: Affine; warnings: string[] } {
  const unit = (axis: number) => [0, 1, 2].map((row) => (row === axis ? signs[axis]! : 0)) as unknown as Vector;
  const known = steps.map((step) =>
    step && Math.hypot(...step) > 0 && step.every(Number.isFinite) ? step : undefined,
  );
  const missing = known.filter((step) => !step).length;
  if (missing > 0) warnings.push(`${missing} of ${steps.length} axes have no usable spacing; 1 mm is taken`);
  const columns = [0, 1, 2].map((axis) => (known[axis] ?? unit(axis)) as Vector);
  const finite = origin?.every(Number.isFinite);
  if (origin && !finite) warnings.push('the origin is not finite; 0, 0, 0 is taken');
  const place = (finite ? origin : [0, 0, 0]) as Vector;
  const affine = fromColumns(columns[0]!, columns[1]!, columns[2]!, place);
  if (isRegular(affine)) return { affine, warnings };
  warnings.push('the directions are singular; the axes of the space are taken with their spacing');
  const straight = columns.map((step, axis) => unit(axis).map((value) => value * Math.hypot(...step)));
  const [x, y, z] = straight as unknown as [Vector, Vector, Vector];
  const replaced = fromColumns(x, y, z, place);
  return { affine: isRegular(replaced) ? replaced : fromColumns(unit(0), unit(1), unit(2), place), warnings };
}
