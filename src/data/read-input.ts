/** Reading a file as the network takes it (`input.ts`). */
import type { Tensor } from '../core/tensor.js';
import { tellWarnings } from './decoded.js';
import { type CaseInput, type VolumeInput, volumeInput } from './input.js';
import type { CaseRecipe } from './labelled/recipe.js';
import { readAnyImage, readAnyVolume } from './read.js';
import { unitImage, type VolumeRecipe } from './recipe.js';
import type { OnWarnings } from './warnings.js';

/**
 * An image file of any format that is read: the wanted number of channels, stored values divided by the largest that
 * their bit depth holds, DICOM through the window that it names.
 * @param onWarnings told what the reader had to assume, such as that the image is turned
 * @returns `[C, H, W]` in [0, 1]
 * @throws InputError ('image') when it cannot be read or has another number of channels
 */
export async function readInput(path: string, channels: 1 | 3, onWarnings?: OnWarnings): Promise<Tensor> {
  const image = await readAnyImage(path);
  tellWarnings(path, image, onWarnings);
  return unitImage(image, channels);
}

/**
 * @param path a volume file, or a folder with a DICOM series
 * @throws InputError ('image') as `readVolume` does
 * @example const { image } = await readVolumeInput('scan.nii.gz', network.model.config);
 */
export async function readVolumeInput(
  path: string,
  { data }: { readonly data: VolumeRecipe },
  onWarnings?: OnWarnings,
): Promise<VolumeInput> {
  const stored = await readAnyVolume(path);
  tellWarnings(path, stored, onWarnings);
  return volumeInput(stored, data);
}

/**
 * Reads an image, or a volume where the network has three axes.
 * @throws InputError ('image') when the file cannot be read
 */
export async function readCaseInput(path: string, recipe: CaseRecipe, onWarnings?: OnWarnings): Promise<CaseInput> {
  if (recipe.window.length === 3) return readVolumeInput(path, { data: recipe }, onWarnings);
  return readInput(path, recipe.channels, onWarnings);
}
