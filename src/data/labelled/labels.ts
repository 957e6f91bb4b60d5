/**
 * Label maps: whole class indices on the pixels of an image or the voxels of a volume, held against their image,
 * resized without mixing. Volumes are turned to RAS, as their images are.
 */
import { InputError } from '../../core/errors.js';
import { sizeOf, stridesOf } from '../../core/tensor.js';
import { type Grid, type Image, sameGrid, spacingOf, type Volume } from '../../image/index.js';

/** Where labels lie: the extents, and of a volume in RAS the grid. */
export interface Place {
  readonly shape: readonly number[];
  readonly grid?: Grid;
}

/** Class indices `[...S]`, or sets of classes (`label-sets.ts`). */
export interface Labels extends Place {
  readonly data: Uint8Array;
  readonly sets?: boolean;
}

/** The file of class indices, or a mask for each class from 1 on, where classes may overlap. */
export type LabelFiles = string | readonly string[];

/** The class of each stored value, for masks that do not store class indices. */
export type LabelValues = Readonly<Record<string, number>>;

/** The file that an error names. */
export function firstFile(files: LabelFiles): string {
  return typeof files === 'string' ? files : files[0]!;
}

/** The class indices of a volume in RAS. @throws InputError ('data') for values that are no class */
export function labelsOfVolume(path: string, { data, slope, intercept, shape, affine }: Volume): Labels {
  const labels = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const value = data[index]! * slope + intercept;
    const whole = Math.round(value);
    if (!(Math.abs(value - whole) < 1e-3 && whole >= 0 && whole <= 255)) {
      throw new InputError(
        'data',
        `${path}: expected class indices, whole numbers from 0 to 255, found ${value}`,
        'Store 0 for the background and 1, 2, … for the classes; resample labels without interpolation.',
      );
    }
    labels[index] = whole;
  }
  return { shape, data: labels, grid: { shape, affine } };
}

/** The class indices of an image. @throws InputError ('data') for colours, or values that are no class */
export function labelsOfImage(path: string, read: Image): Labels {
  if (read.lossy || read.transparent) {
    const found = read.lossy ? 'a JPEG, which changes values' : 'transparent pixels, under which any value may lie';
    throw new InputError('data', `${path}: expected class indices, found ${found}`, 'Store labels as gray PNG.');
  }
  const { shape, bitDepth } = read;
  const { channels, data } = grayOf(read);
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

/** Masks are at times stored in colour with three equal channels. */
function grayOf({ channels, data }: Image): Pick<Image, 'channels' | 'data'> {
  if (channels !== 3) return { channels, data };
  const size = data.length / 3;
  for (let index = 0; index < size; index++) {
    if (data[index] !== data[size + index] || data[index] !== data[2 * size + index]) return { channels, data };
  }
  return { channels: 1, data: data.subarray(0, size) };
}

/** Class indices from masks that store other values. @throws InputError ('data') for a value that is not known */
export function mappedLabels(path: string, data: Uint8Array, values: LabelValues): Uint8Array {
  const classes = Array.from({ length: 256 }, (_, value) => values[value]);
  return data.map((value) => {
    const found = classes[value];
    if (found !== undefined) return found;
    const known = Object.keys(values).join(', ');
    throw new InputError('data', `${path}: expected the values ${known}, found ${value}`, 'Look at the mask.');
  });
}

/**
 * Checks that labels lie where their image does.
 * @throws InputError ('data') naming the file and both extents or grids
 */
export function checkPlace(path: string, { shape, grid }: Place, image: Place): void {
  if (shape.join() !== image.shape.join()) {
    throw new InputError(
      'data',
      `${path}: expected the extents of its image, ${image.shape.join(' × ')}, found ${shape.join(' × ')}`,
      'Bring the label to the size of the image, without interpolation.',
    );
  }
  if (grid && image.grid && !sameGrid(grid, image.grid)) {
    throw new InputError(
      'data',
      `${path}: expected the grid of its image, ${gridText(image.grid)}, found ${gridText(grid)}`,
      'Labels lie voxel for voxel on their image; resample them to its grid without interpolation, or mend the header.',
    );
  }
}

/**
 * Checks that labels lie where their image does and name known classes.
 * @throws InputError ('data') as `checkPlace` does, and naming the first index that is no class and how often it occurs
 */
export function checkLabels(
  files: LabelFiles,
  labels: Labels,
  image: Place,
  classes: readonly string[],
  ignore: number,
): void {
  const path = firstFile(files);
  checkPlace(path, labels, image);
  if (labels.sets) return;
  const { data } = labels;
  const strange = data.find((value) => value >= classes.length && value !== ignore);
  if (strange === undefined) return;
  const times = data.reduce((sum, value) => sum + (value === strange ? 1 : 0), 0);
  throw new InputError(
    'data',
    `${path}: expected classes from 0 to ${classes.length - 1} (${classes.join(', ')}) or ${ignore} for none, found ${strange} in ${times} pixels`,
    'Mend the label, name the class in dataset.json, or set data.ignore to this value.',
  );
}

function gridText({ shape, affine }: Grid): string {
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4)));
  const corner = [affine[3]!, affine[7]!, affine[11]!];
  return `${shape.join(' × ')} voxels of ${rounded(spacingOf({ affine })).join(' × ')} mm from (${rounded(corner).join(', ')}) mm`;
}

/** The nearest index for every pixel of a grid over the same image; sample points lie at pixel centres. */
export function resizeLabels({ shape, data, ...rest }: Labels, extents: readonly number[]): Labels {
  const sets = rest.sets ? { sets: true } : {};
  if (shape.join() === extents.join()) return { shape, data: data.slice(), ...sets };
  const strides = stridesOf(shape);
  let places: number[] = [0];
  extents.forEach((extent, axis) => {
    const along = Array.from({ length: extent }, (_, index) => {
      const nearest = Math.floor(((index + 0.5) * shape[axis]!) / extent);
      return Math.min(shape[axis]! - 1, nearest) * strides[axis]!;
    });
    places = places.flatMap((place) => along.map((offset) => place + offset));
  });
  const resized = Uint8Array.from({ length: sizeOf(extents) }, (_, index) => data[places[index]!]!);
  return { shape: [...extents], data: resized, ...sets };
}
