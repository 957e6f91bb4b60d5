/** Reading label maps from files: whole class indices in one channel, or a mask for each class. */
import { InputError } from '../../core/errors.js';
import { readImage, readVolume } from '../../image/files.js';
import { type Image, toCanonical } from '../../image/index.js';
import { isVolumeName } from '../file-names.js';
import { setsFrom } from './label-sets.js';
import { checkPlace, type LabelFiles, type Labels, type LabelValues, type Place } from './labels.js';

/**
 * Reads the class indices of one image or volume; of a mask for each class the sets.
 * @param values the class of each stored value; without it the values are the classes
 * @throws InputError ('image') when a file cannot be read, ('data') when it has colours or values that are no class, or
 * masks of one image lie apart
 */
export async function readLabels(files: LabelFiles, values?: LabelValues): Promise<Labels> {
  if (typeof files === 'string') return readIndices(files, values);
  const masks: Labels[] = [];
  for (const path of files) {
    const mask = await readIndices(path);
    checkPlace(path, mask, masks[0] ?? mask);
    masks.push(mask);
  }
  return { ...masks[0]!, data: setsFrom(masks.map(({ data }) => data)), sets: true };
}

/** Reads the class indices that belong to an image or a volume. @throws InputError as `readLabels` and `checkPlace` do */
export async function readLabelsOn(path: string, image: Place): Promise<Labels> {
  const labels = await readLabels(path);
  checkPlace(path, labels, image);
  return labels;
}

async function readIndices(path: string, values?: LabelValues): Promise<Labels> {
  const labels = isVolumeName(path) ? await readVolumeLabels(path) : await readImageLabels(path);
  return values ? { ...labels, data: mapped(path, labels.data, values) } : labels;
}

async function readVolumeLabels(path: string): Promise<Labels> {
  const { data, slope, intercept, shape, affine } = toCanonical(await readVolume(path));
  const labels = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const value = data[index] * slope + intercept;
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

async function readImageLabels(path: string): Promise<Labels> {
  const read = await readImage(path);
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

function mapped(path: string, data: Uint8Array, values: LabelValues): Uint8Array {
  const classes = Array.from({ length: 256 }, (_, value) => values[value]);
  return data.map((value) => {
    const found = classes[value];
    if (found !== undefined) return found;
    const known = Object.keys(values).join(', ');
    throw new InputError('data', `${path}: expected the values ${known}, found ${value}`, 'Look at the mask.');
  });
}
