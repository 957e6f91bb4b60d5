/** Volume files as the network takes them. */
import { type VolumeInput, type VolumeSettings, volumeInputOf } from '../data/case-input.js';
import { readAnyVolume } from '../data/index.js';

export { onFileGrid, type VolumeInput, type VolumeSettings } from '../data/case-input.js';

/**
 * @param path a volume file, or a folder with a DICOM series
 * @throws InputError ('image') as `readVolume` does
 * @example const { image } = await readVolumeInput('scan.nii.gz', network.model.config);
 */
export async function readVolumeInput(path: string, { data }: { readonly data: VolumeSettings }): Promise<VolumeInput> {
  return volumeInputOf(await readAnyVolume(path), data);
}
