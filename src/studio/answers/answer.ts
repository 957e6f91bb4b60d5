/** What a network says of images: a description and arrays, whoever asks, on the server or in the page. */
import { InputError } from '../../core/errors.js';
import type { Network } from '../../use/index.js';
import type { FrameArray } from '../shared/frame.js';

export interface Answer<Facts> {
  readonly facts: Facts;
  readonly arrays: Readonly<Record<string, FrameArray>>;
}

/** @throws InputError ('config') for a network of volumes */
export function requirePlane({ model }: Network): void {
  if (model.backbone.dims === 2) return;
  throw new InputError(
    'config',
    `${model.source}: expected a network of images, found one of volumes, which this room does not show yet`,
    'cover match and cover register take volumes; the pictures of the run show them in planes.',
  );
}
