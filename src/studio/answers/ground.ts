/** What labels are drawn on: the pixels of an image, or the voxels of a volume turned to RAS. */
import { InputError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import { checkPlace, type Labels, labelsOfVolume, type Place } from '../../data/labelled/labels.js';
import { canonicalGrid, type Grid, readVolumeBytes, toCanonical } from '../../image/index.js';
import { UNPAINTED } from '../drawing/map.js';

/** The most pixels or voxels of a mask that is taken. */
export const MOST_PIXELS = 2 ** 26;

/** Where the labels of a case lie. */
export interface Ground extends Place {
  /** Of a volume: the grid of its file. */
  readonly file: Grid | null;
}

export function groundOfImage({ shape }: { readonly shape: readonly number[] }): Ground {
  return { shape, file: null };
}

export function groundOfVolume({ shape, affine }: Grid): Ground {
  const grid = canonicalGrid({ shape, affine });
  return { shape: grid.shape, grid, file: { shape, affine } };
}

/**
 * Checks what was drawn on a case.
 * @param data a class index for every pixel, or 255
 * @returns whether anything was painted
 * @throws InputError ('shape') for another number of pixels, ('data') for an index that is no class
 */
export function checkDrawn(id: string, data: Uint8Array, { shape }: Ground, classes: number): boolean {
  if (data.length !== sizeOf(shape)) {
    throw new InputError('shape', `${id}: expected ${shape.join(' × ')} pixels, found ${data.length}`);
  }
  const strange = data.find((value) => value !== UNPAINTED && value >= classes);
  if (strange !== undefined) {
    throw new InputError('data', `${id}: expected classes below ${classes}, found ${strange}`);
  }
  return data.some((value) => value !== UNPAINTED);
}

/**
 * A mask in a file of its own as labels of a case.
 * @param labels of an image; of a volume the bytes of NIfTI, NRRD or MetaImage
 * @throws InputError for a file that is no mask, or one of other extents or another grid
 */
export async function maskOnto(id: string, mask: Labels | Uint8Array, ground: Ground): Promise<Uint8Array> {
  const name = `the mask of ${id}`;
  const labels =
    mask instanceof Uint8Array
      ? labelsOfVolume(name, toCanonical(await readVolumeBytes(mask, name, { voxelLimit: MOST_PIXELS })))
      : mask;
  checkPlace(name, labels, ground);
  return labels.data;
}
