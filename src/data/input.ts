/**
 * A file as the network takes it: an image, or a volume in RAS at the spacing and in the intensities of the training,
 * with the way of results back onto the file's own grid.
 */
import type { Tensor } from '../core/tensor.js';
import { type Grid, resampleData, resizedGrid, toCanonical, type Volume } from '../image/index.js';
import { unitVolume, type VolumeRecipe } from './recipe.js';

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
 * A volume as the network takes it.
 * @param stored as its file has it
 */
export function volumeInput(stored: Volume, recipe: VolumeRecipe): VolumeInput {
  const turned = toCanonical(stored);
  const { unit, grid } = unitVolume(turned, recipe);
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
