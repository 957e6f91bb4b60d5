/**
 * The size at which the network sees an image. In training every image was resized to `margin × crop` before its views
 * were cut, so anatomy had a certain size in pixels; by default an image is therefore scaled, in its own proportions,
 * to fit into those extents. Where images were kept as they are (`data.fit: keep`), they are kept here, too.
 */

import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { resizeImage } from '../image/index.js';
import type { Config } from '../pretrain/config.js';
import { viewImageShape } from '../views/index.js';
import { changedWithin, planeOf } from './slices.js';

export interface SizeOptions {
  /** The extents `[...S]` that the image is resized to, in pixels. */
  readonly size?: readonly number[] | undefined;
  /** A factor for all extents of the image instead; 1 is its own size. */
  readonly scale?: number | undefined;
}

/** The extents of the images that the views were cut from, in pixels. */
export function trainedShape(config: Config): number[] {
  return viewImageShape(config.views);
}

/**
 * The extents at which an image of extents `shape` goes through the network. Of a volume that it sees slice by slice
 * the options are those of the slices, as [rows, columns], and all slices are seen.
 * @throws InputError ('config') when both options are given, or an extent or the factor is not positive
 */
export function workingShape(config: Config, shape: readonly number[], options: SizeOptions = {}): number[] {
  return changedWithin(shape, planeOf(config, shape), (seen) => scaled(config, seen, options));
}

function scaled(config: Config, shape: readonly number[], { size, scale }: SizeOptions): number[] {
  if (size !== undefined && scale !== undefined) {
    throw new InputError('config', 'expected a size or a scale, found both', 'Give one of them.');
  }
  if (size !== undefined) {
    if (size.length !== shape.length || size.some((extent) => !Number.isInteger(extent) || extent < 1)) {
      throw new InputError(
        'config',
        `size: expected ${shape.length} whole numbers of at least 1, found ${size.join(', ')}`,
        'Example: --size 384,320 for a height of 384 and a width of 320 pixels.',
      );
    }
    return [...size];
  }
  if (scale === undefined && config.data.fit === 'keep') return [...shape];
  const trained = trainedShape(config);
  const factor = scale ?? Math.min(...shape.map((extent, axis) => trained[axis]! / extent));
  if (!(factor > 0 && factor < Infinity)) {
    throw new InputError('config', `scale: expected a number above 0, found ${factor}`, 'Example: --scale 0.5');
  }
  return shape.map((extent) => Math.max(1, Math.round(extent * factor)));
}

/** An image `[C, ...S]` at these extents, resized as the images of the training were. */
export function workingImage({ data }: Config, image: Tensor, shape: readonly number[]): Tensor {
  return resizeImage(image, shape, data);
}
