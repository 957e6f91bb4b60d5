/**
 * A volume file as the network takes it, and the way of results back onto the file's own grid: in RAS, at the spacing and in
 * the intensities of the training.
 */
import type { Tensor } from '../core/tensor.js';
import { type Intensity, readAnyVolume, unitVolume } from '../data/index.js';
import { type Grid, resampleData, resizedGrid, toCanonical, type Volume } from '../image/index.js';

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

/** How the training saw volumes. */
export interface VolumeSettings {
  readonly channels?: 1 | 3;
  /** Edges of a voxel along [z, y, x] in mm; `null` keeps those of the file. */
  readonly spacing: readonly [number, number, number] | null;
  readonly intensity: Intensity;
  /** Whether volumes are averaged where their voxels become larger; not where it is absent. */
  readonly antialias?: boolean;
}

/**
 * @param path a volume file, or a folder with a DICOM series
 * @throws InputError ('image') as `readVolume` does
 * @example const { image } = await readVolumeInput('scan.nii.gz', network.model.config);
 */
export async function readVolumeInput(path: string, { data }: { readonly data: VolumeSettings }): Promise<VolumeInput> {
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
