/**
 * A label map: one integer label for each pixel or voxel, with the grid it lies on. Two and three axes are one type, so
 * that every metric below has one code path.
 */
import { InputError } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';
import type { StoredArray } from '../image/volume.js';

export interface LabelMap {
  /** Row-major labels, one for each element of `shape`. */
  readonly data: StoredArray;
  /** `[H, W]` or `[D, H, W]`. */
  readonly shape: readonly number[];
  /** Distance of neighbouring centres along the same axes, in mm; all 1 where the size of a pixel is not known. */
  readonly spacing: readonly number[];
  /** Labels are sets of classes that may overlap (`label-sets.ts`). */
  readonly sets?: boolean;
}

/** Relative difference of two spacings that counts as the same: file formats store them in single precision. */
const SPACING_TOLERANCE = 1e-4;

/**
 * Checks that a prediction and its reference can be compared.
 * @param id the name of the case, for messages
 * @throws InputError ('shape') where a map does not fill its shape, has neither two nor three axes, has a spacing that
 * is not positive, or where the two lie on different grids.
 */
export function checkSameGrid(id: string, prediction: LabelMap, reference: LabelMap): void {
  checkGrid(`${id}, prediction`, prediction);
  checkGrid(`${id}, reference`, reference);
  const sameShape =
    prediction.shape.length === reference.shape.length && everyAxis(prediction, reference, isSameExtent);
  if (!sameShape || !everyAxis(prediction, reference, isSameSpacing)) {
    throw new InputError(
      'shape',
      `${id}: expected the prediction on the grid of its reference, ${gridText(reference)}, found ${gridText(prediction)}`,
      'Resample the prediction to the grid of the reference before comparing them.',
    );
  }
}

/**
 * The length of the diagonal of the whole image, edge to edge, in the unit of the spacing. No distance between two
 * surfaces can be as large.
 */
export function diagonalOf({ shape, spacing }: Pick<LabelMap, 'shape' | 'spacing'>): number {
  return Math.hypot(...shape.map((extent, axis) => extent * spacing[axis]!));
}

function checkGrid(what: string, map: LabelMap): void {
  const { data, shape, spacing } = map;
  if (shape.length !== 2 && shape.length !== 3) {
    throw new InputError(
      'shape',
      `${what}: expected 2 or 3 axes, found the shape [${shape.join(', ')}]`,
      'Pass one image or volume at a time, without axes for the batch or the channels.',
    );
  }
  if (data.length !== sizeOf(shape)) {
    throw new InputError(
      'shape',
      `${what}: expected ${sizeOf(shape)} labels for the shape [${shape.join(', ')}], found ${data.length}`,
      'Pass one label for each pixel, not one channel for each class.',
    );
  }
  if (spacing.length !== shape.length || !spacing.every((step) => step > 0 && Number.isFinite(step))) {
    throw new InputError(
      'shape',
      `${what}: expected ${shape.length} positive spacings, found [${spacing.join(', ')}]`,
      'Give the spacing of each axis in mm, or 1 for each axis where it is not known.',
    );
  }
}

function everyAxis(a: LabelMap, b: LabelMap, test: (a: LabelMap, b: LabelMap, axis: number) => boolean): boolean {
  return a.shape.every((_, axis) => test(a, b, axis));
}

const isSameExtent = (a: LabelMap, b: LabelMap, axis: number) => a.shape[axis] === b.shape[axis];

const isSameSpacing = (a: LabelMap, b: LabelMap, axis: number) =>
  Math.abs(a.spacing[axis]! - b.spacing[axis]!) <= SPACING_TOLERANCE * b.spacing[axis]!;

const gridText = ({ shape, spacing }: LabelMap) => `[${shape.join(', ')}] at a spacing of [${spacing.join(', ')}]`;
