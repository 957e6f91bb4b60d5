/** Label files of registrations: class indices on the grid of their image or volume. */
import { InputError } from '../../core/errors.js';
import { readAnyVolume } from '../../data/index.js';
import { type Grid, sameGrid, toCanonical } from '../../image/index.js';
import { type Labels, readLabels } from '../data/index.js';

/**
 * Class indices of a volume, turned to RAS.
 * @param grid of the volume they belong to, in RAS
 * @throws InputError ('image') when the file cannot be read, ('data') when it lies on another grid or holds other values
 */
export async function readLabelVolume(path: string, grid: Grid): Promise<Labels> {
  const { shape, affine, data, slope, intercept } = toCanonical(await readAnyVolume(path));
  if (!sameGrid({ shape, affine }, grid)) {
    throw new InputError(
      'data',
      `${path}: expected labels on the grid of their volume, ${grid.shape.join(' × ')} voxels in RAS, found ${shape.join(' × ')} or another place`,
      'Resample the labels to the grid of the volume, to the nearest voxel.',
    );
  }
  const values = Uint8Array.from({ length: data.length }, (_, index) => {
    const value = data[index]! * slope + intercept;
    if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
    throw new InputError(
      'data',
      `${path}: expected class indices from 0 to 255, found ${value}`,
      'Store labels as whole numbers: 0 for the background, 1, 2, … for the classes.',
    );
  });
  return { shape, data: values };
}

/**
 * Class indices of an image.
 * @param shape extents of the image they belong to
 * @throws InputError ('image') when the file cannot be read, ('data') when it has other extents or holds other values
 */
export async function readLabelImage(path: string, shape: readonly number[]): Promise<Labels> {
  const labels = await readLabels(path);
  if (labels.shape.join() === shape.join()) return labels;
  throw new InputError(
    'data',
    `${path}: expected the extents of its image, ${shape.join(' × ')}, found ${labels.shape.join(' × ')}`,
    'Bring the label to the size of the image, without interpolation.',
  );
}
