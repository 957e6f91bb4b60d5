/**
 * Label maps as files: of images gray PNG of class numbers, of volumes NIfTI or NRRD on the voxels of the volume's own
 * file. In memory labels of volumes lie in RAS.
 */
import { isPageVolume } from '../../../../browser/file-kinds';
import type { Labels } from '../../../../data/labelled/labels';
import { encodePng } from '../../../../image/encode-png';
import { labelBytes } from '../../../../image/formats/nifti/encode';
import { nrrdLabels } from '../../../../image/formats/nrrd/encode';
import { fromCanonical } from '../../../../image/index';
import type { Ground } from '../../../answers/ground';
import { maskOf } from '../../../answers/mask';
import { VOLUME_MASKS, type VolumeMask } from '../../../shared/protocol';
import { files } from './opfs';

/** The name of a map's file. @param image the path of what it lies on */
export function maskName(id: string, image: string, format: VolumeMask = 'nifti'): string {
  return id + (isPageVolume(image) ? VOLUME_MASKS[format] : '.png');
}

/** Null where there is no such file. */
export async function readMask(path: string): Promise<Labels | null> {
  const bytes = await files.read(path);
  if (!bytes) return null;
  return maskOf(bytes, path);
}

/** @param data a byte for every pixel of the ground; of a volume in RAS */
export async function writeMask(path: string, data: Uint8Array, ground: Ground): Promise<void> {
  await files.write(path, await maskBytes(data, ground));
}

export async function maskBytes(
  data: Uint8Array,
  { shape, file }: Ground,
  format: VolumeMask = 'nifti',
): Promise<Uint8Array> {
  if (!file) {
    const [height, width] = shape as [number, number];
    return encodePng({ height, width, data });
  }
  const labels = fromCanonical(data, file);
  return format === 'nrrd' ? nrrdLabels(file, await gzip(labels)) : gzip(labelBytes(labels, file));
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
