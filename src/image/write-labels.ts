/** Writing maps of labels, under Node: NIfTI or NRRD, as the name says. */
import { gzipSync } from 'node:zlib';
import { invariant } from '../core/errors.js';
import { writeFileAtomic } from '../system/files.js';
import { sizeOf } from './formats/nifti/encode.js';
import { writeLabels as writeNifti } from './formats/nifti/write.js';
import { nrrdLabels } from './formats/nrrd/encode.js';
import type { Grid } from './geometry/orientation.js';

/**
 * Writes a map of labels.
 * @param path ends in `.nii`, `.nii.gz` or `.nrrd`
 * @param labels [z, y, x], 0 for the background
 * @throws InputError ('image') for another name; ('file') when it cannot be written
 * @example writeLabels('mask.nrrd', labels, await readVolume('scan.nii.gz'));
 */
export function writeLabels(path: string, labels: Uint8Array | Uint16Array, grid: Grid): void {
  if (!/\.nrrd$/i.test(path)) {
    writeNifti(path, labels, grid);
    return;
  }
  const size = sizeOf(grid);
  invariant(labels.length === size, `${labels.length} values do not fill ${size} voxels`);
  const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
  writeFileAtomic(path, nrrdLabels(grid, gzipSync(bytes), labels.BYTES_PER_ELEMENT as 1 | 2));
}
