/** Displacement fields of views as files. */
import { gzipSync } from 'node:zlib';
import { displacementFieldBytes, type Grid } from '../image/index.js';

/**
 * A field in mm as packed NIfTI.
 * @param field `[3, ...shape]`, in voxels
 * @param spacing edges of a voxel along [z, y, x] in mm
 */
export async function encodeField(
  field: Float32Array,
  shape: readonly number[],
  [z, y, x]: readonly number[],
): Promise<Uint8Array> {
  // The voxels of a view lie in RAS from 0 on, since a view is a place of its own.
  const affine = [x!, 0, 0, 0, 0, y!, 0, 0, 0, 0, z!, 0, 0, 0, 0, 1];
  return gzipSync(displacementFieldBytes(field, { shape: shape as unknown as Grid['shape'], affine }));
}
