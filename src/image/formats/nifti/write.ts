/** Writing NIfTI-1 files, packed with gzip where the name ends in `.gz`. */
import { gzipSync } from 'node:zlib';
import { InputError, invariant } from '../../../core/errors.js';
import { writeFileAtomic } from '../../../system/files.js';
import type { Grid } from '../../geometry/orientation.js';
import type { StoredArray, Volume } from '../../volume.js';
import { encodeNifti, fieldInMillimetres, type NiftiContent, RGB24, sizeOf, typeOf } from './encode.js';

/**
 * Writes a volume with its stored values, scale and place.
 * @param path ends in `.nii` or `.nii.gz`
 * @throws InputError ('image') for another name, or more than 32767 voxels along an axis; ('file') when it cannot be
 * written
 * @example writeVolume('inside.nii.gz', toCanonical(await readVolume('scan.nrrd')));
 */
export function writeVolume(path: string, volume: Pick<Volume, 'data' | 'slope' | 'intercept'> & Grid): void {
  const { data, slope, intercept } = volume;
  write(path, volume, data, { datatype: typeOf(data), slope, intercept });
}

/**
 * Writes a map of labels.
 * @param labels [z, y, x], 0 for the background
 */
export function writeLabels(path: string, labels: Uint8Array | Uint16Array, grid: Grid): void {
  write(path, grid, labels, { datatype: typeOf(labels), intent: 'label' });
}

/**
 * Writes a colour volume, such as three principal components of features.
 * @param planes [3, z, y, x], red, green and blue in [0, 1]; what lies outside is clipped
 */
export function writeColours(path: string, planes: Float32Array, grid: Grid): void {
  const size = sizeOf(grid);
  invariant(planes.length === 3 * size, `${planes.length} values are no three planes of ${size} voxels`);
  const pixels = new Uint8Array(3 * size);
  for (let plane = 0; plane < 3; plane++) {
    for (let index = 0; index < size; index++) {
      const value = planes[plane * size + index]!;
      pixels[3 * index + plane] = Math.round(255 * Math.min(Math.max(value, 0), 1));
    }
  }
  write(path, grid, pixels, { datatype: RGB24 });
}

/**
 * Writes several values for each voxel, such as features, as a vector image.
 * @param planes [C, z, y, x], any values
 */
export function writeVectors(path: string, planes: Float32Array, grid: Grid): void {
  write(path, grid, planes, { datatype: typeOf(planes), intent: 'vector', components: planes.length / sizeOf(grid) });
}

/**
 * Writes a displacement field for ITK and ANTs: a point p of the grid is taken from p + d(p) of the moving image.
 * @param field [3, z, y, x], displacements along z, y and x in voxels, as `warp` takes them
 * @param grid of the fixed image, and of the file
 * @param moving the grid on which p + d lies; that of the fixed image where both share one
 */
export function writeDisplacementField(path: string, field: Float32Array, grid: Grid, moving: Grid = grid): void {
  writeVectors(path, fieldInMillimetres(field, grid, moving), grid);
}

function write(path: string, grid: Grid, data: StoredArray, content: NiftiContent): void {
  if (!/\.nii(\.gz)?$/i.test(path)) {
    throw new InputError('image', `${path}: expected a name that ends in .nii or .nii.gz`, 'Choose such a name.');
  }
  const bytes = encodeNifti(path, grid, data, content);
  writeFileAtomic(path, /\.gz$/i.test(path) ? gzipSync(bytes) : bytes);
}
