/** Label maps from the bytes of their files: gray PNG of class numbers, or a volume that is turned to RAS. */
import { InputError } from '../../core/errors.js';
import { isVolumeName } from '../../data/file-names.js';
import { type Labels, labelsOfImage, labelsOfVolume } from '../../data/labelled/labels.js';
import { decodePng, isPng } from '../../image/decode-png.js';
import { readVolumeBytes, toCanonical } from '../../image/index.js';

/** @throws InputError ('image') for anything but a gray PNG of class numbers */
export function pngMask(bytes: Uint8Array, name: string): Labels {
  if (isPng(bytes)) return labelsOfImage(name, decodePng(bytes, name));
  throw new InputError('image', `${name}: expected a mask as a gray PNG, found something else`);
}

/** The map of a file of this name. @throws InputError ('image') where it is damaged, ('data') for values of no class */
export async function maskOf(bytes: Uint8Array, name: string): Promise<Labels> {
  if (!isVolumeName(name)) return pngMask(bytes, name);
  return labelsOfVolume(name, toCanonical(await readVolumeBytes(bytes, name)));
}
