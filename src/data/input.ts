/**
 * A file as the network takes it: an image, or a volume in RAS at the spacing and in the intensities of the training, with
 * the way of results back onto the file's own grid.
 */
import type { Tensor } from '../core/tensor.js';
import { type Grid, resampleData, resizedGrid, toCanonical, type Volume } from '../image/index.js';
import { readAnyImage, readAnyVolume } from './read.js';
import { unitImage, unitVolume, type VolumeRecipe } from './recipe.js';

export interface VolumeInput {
  /** [C, z, y, x] in [0, 1], in RAS. */
  readonly image: Tensor;
  /** The grid of `image`. */
  readonly grid: Grid;
  /** The grid of the file. */
  readonly file: Grid;
  /** The volume as stored, turned to RAS. */
  readonly stored: Volume;
}

/** An image `[C, H, W]` in [0, 1], or a volume with its grids. */
export type CaseInput = Tensor | VolumeInput;

/**
 * An image file of any format that is read: the wanted number of channels, stored values divided by the largest that their
 * bit depth holds, DICOM through the window that it names.
 * @returns `[C, H, W]` in [0, 1]
 * @throws InputError ('image') when it cannot be read or has another number of channels
 */
export async function readInput(path: string, channels: 1 | 3): Promise<Tensor> {
  return unitImage(await readAnyImage(path), channels);
}

/**
 * @param path a volume file, or a folder with a DICOM series
 * @throws InputError ('image') as `readVolume` does
 * @example const { image } = await readVolumeInput('scan.nii.gz', network.model.config);
 */
export async function readVolumeInput(path: string, { data }: { readonly data: VolumeRecipe }): Promise<VolumeInput> {
  const stored = await readAnyVolume(path);
  const turned = toCanonical(stored);
  const { unit, grid } = unitVolume(turned, data);
  return { image: unit, grid, file: { shape: stored.shape, affine: stored.affine }, stored: turned };
}

/**
 * Values on the grid of a volume's voxels, on the grid of its file: [C, z, y, x] with the shape of the file.
 * @param values [C, z, y, x] over the same box as the volume, at any resolution
 */
export function onFileGrid({ data, shape }: Tensor, { grid, file }: VolumeInput): Float32Array {
  const own = resizedGrid(grid, shape.slice(1) as unknown as Grid['shape']);
  return resampleData(data, own, file, 'linear');
}
