/** Which files a pretrained network takes: images or volumes; one that was trained on the slices of volumes both. */
import { InputError } from '../core/errors.js';
import type { SlicePlane } from '../image/index.js';
import { isImageName, isVolumeName } from './file-names.js';
import type { DataKind } from './options.js';

export type Kinds = readonly [DataKind, ...DataKind[]];

/** What the configuration of a pretraining says of the files. */
export interface TakerConfig {
  readonly data: { readonly slices?: SlicePlane | null };
  readonly views: { readonly crop: readonly number[] };
}

/** What is taken, that of the training first. */
export function kindsOf({ data, views }: TakerConfig): Kinds {
  return data.slices ? ['volumes', 'images'] : kindsOfAxes(views.crop.length);
}

/** What has so many axes. */
export function kindsOfAxes(axes: number): Kinds {
  return axes === 3 ? ['volumes'] : ['images'];
}

/**
 * Which of what a network takes a file is.
 * @param path a file, or of volumes a folder with a DICOM series
 * @throws InputError ('image') for a volume where only images are taken
 */
export function kindOfFile(path: string, kinds: Kinds): DataKind {
  if (kinds.length > 1) return isImageName(path) ? 'images' : 'volumes';
  if (kinds[0] === 'images' && isVolumeName(path)) throw volumeForImage(path);
  return kinds[0];
}

/** A volume where a network of two axes wants an image. */
export function volumeForImage(path: string): InputError {
  return new InputError(
    'image',
    `${path}: expected an image, found a volume`,
    'The network is of two axes: it takes images, such as slices that were written as PNG.',
  );
}
