/** Label images: whole class indices on the pixels of an image, checked when they are read, resized without mixing. */
import { InputError } from '../../core/errors.js';
import { sizeOf, stridesOf } from '../../core/tensor.js';
import { readImage } from '../../image/index.js';

/** Class indices `[...S]`. */
export interface Labels {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads the class indices of one image.
 * @throws InputError ('image') when the file cannot be read, ('data') when it has colours or values above 255
 */
export async function readLabels(path: string): Promise<Labels> {
  const { shape, channels, data, bitDepth } = await readImage(path);
  if (channels !== 1 || bitDepth === 32) {
    throw new InputError(
      'data',
      `${path}: expected class indices in one channel of whole numbers, found ${channels} channels of ${bitDepth} bits`,
      'Store labels as gray PNG: 0 for the background, 1, 2, … for the classes.',
    );
  }
  const above = data.find((value) => value > 255);
  if (above !== undefined)
    throw new InputError('data', `${path}: expected class indices up to 255, found ${above}`, 'Use 0, 1, 2, ….');
  return { shape, data: Uint8Array.from(data) };
}

/**
 * Checks that labels fit their image and name known classes.
 * @throws InputError ('data') naming the file, the first index that is no class and how often it occurs
 */
export function checkLabels(
  path: string,
  { shape, data }: Labels,
  image: readonly number[],
  classes: readonly string[],
  ignore: number,
): void {
  if (shape.join() !== image.join()) {
    throw new InputError(
      'data',
      `${path}: expected the extents of its image, ${image.join(' × ')}, found ${shape.join(' × ')}`,
      'Bring the label to the size of the image, without interpolation.',
    );
  }
  const strange = data.find((value) => value >= classes.length && value !== ignore);
  if (strange === undefined) return;
  const times = data.reduce((sum, value) => sum + (value === strange ? 1 : 0), 0);
  throw new InputError(
    'data',
    `${path}: expected classes from 0 to ${classes.length - 1} (${classes.join(', ')}) or ${ignore} for none, found ${strange} in ${times} pixels`,
    'Mend the label, name the class in dataset.json, or set data.ignore to this value.',
  );
}

/**
 * Names for classes that the dataset does not name: as many as the largest index asks for.
 * @throws InputError ('data') for masks of 0 and 255, of which nothing says what they mean
 */
export function namesFromLabels(all: readonly Labels[], ignore: number): string[] {
  const present = new Set(all.flatMap(({ data }) => [...new Set(data)]));
  const largest = Math.max(0, ...[...present].filter((value) => value !== ignore));
  if (largest > 0 && !(largest === 255 && present.size === 2)) {
    return Array.from({ length: largest + 1 }, (_, index) => (index === 0 ? 'background' : `class ${index}`));
  }
  throw new InputError(
    'data',
    `expected labels with classes 0, 1, …, found the values ${[...present].sort((a, b) => a - b).join(', ')}`,
    'Store class indices (a mask as 0 and 1). 255 stands for pixels that belong to no class.',
  );
}

/** The nearest index for every pixel of a grid over the same image; sample points lie at pixel centres. */
export function resizeLabels({ shape, data }: Labels, extents: readonly number[]): Labels {
  if (shape.join() === extents.join()) return { shape, data: data.slice() };
  const strides = stridesOf(shape);
  let places: number[] = [0];
  extents.forEach((extent, axis) => {
    const along = Array.from({ length: extent }, (_, index) => {
      const nearest = Math.floor(((index + 0.5) * shape[axis]) / extent);
      return Math.min(shape[axis] - 1, nearest) * strides[axis];
    });
    places = places.flatMap((place) => along.map((offset) => place + offset));
  });
  return { shape: [...extents], data: Uint8Array.from({ length: sizeOf(extents) }, (_, index) => data[places[index]]) };
}
