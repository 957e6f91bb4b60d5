/** Reading volumes from folders, under Node (`volume-file.ts`). */
import type { VolumeReadOptions } from './formats/voxel-layout.js';
import { nodeFiles } from './node-files.js';
import type { Volume } from './volume.js';
import { readVolumeFrom } from './volume-file.js';

/**
 * Reads one volume with its stored values, their scale and their place.
 * @param path a file: `.nii`, `.hdr` or `.img`, `.nrrd`, `.nhdr`, `.mha`, `.mhd`, `.mgh`; `.gz` behind the first three
 * @param options `frame` chooses, from 0, among the volumes of a series, the planes of a colour or the components of a
 *   vector; a file that holds several is refused without it. `voxelLimit` bounds the size, 2³⁰ voxels by default
 * @returns shape [z, y, x]; a 2D file has one slice. Values that are not finite are counted in `warnings`
 * @throws InputError ('image') when the file is missing, of no known format, damaged, not supported or ambiguous;
 *   ('memory') when it is larger than the limit
 * @throws TruncatedImageError when the file holds fewer bytes than its header says
 * @example
 * const volume = await readVolume('scan.nii.gz');
 * volume.shape; // [z, y, x]
 * spacingOf(volume); // mm, in the same order
 */
export function readVolume(path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  return readVolumeFrom(nodeFiles, path, options);
}
