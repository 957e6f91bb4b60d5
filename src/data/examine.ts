/** Says of what a file holds whether it is fit by itself, and what makes its content. */
import {
  contentOf,
  type Image,
  imageWarnings,
  orientationName,
  type SlicePlane,
  sliceAxis,
  spacingOf,
  type Volume,
} from '../image/index.js';
import type { Decoded } from './decoded.js';
import type { DataKind } from './options.js';
import type { FileReport } from './report.js';

/** The smallest extent of an image that is of use where nothing else is set, in pixels; smaller ones are icons. */
export const MINIMUM_SIZE = 32;
/** The same for whole volumes, in voxels: stacks of few slices are common. */
export const MINIMUM_VOXELS = 8;

/** What is asked of a file. */
export interface Demands {
  readonly kind: DataKind;
  /** The smallest extent along each axis; `null` for 32 pixels, or 8 voxels of whole volumes. */
  readonly minimumSize: number | null;
  /** Volumes that are used slice by slice: the number of slices does not matter. */
  readonly slices: SlicePlane | null;
}

/** The report of a file that could be read. */
export function examineDecoded(file: string, decoded: Decoded, demands: Demands): FileReport {
  return sizeReport(
    decoded.kind === 'images' ? imageReport(file, decoded.image) : volumeReport(file, decoded),
    demands,
  );
}

/** The bytes of which a hash tells contents apart; each piece is to be used before the next is asked for. */
export function contentBytes(decoded: Decoded): Iterable<Uint8Array> {
  return decoded.kind === 'images' ? imageBytes(decoded.image) : volumeBytes(decoded.volume);
}

/** The least extent that each axis must have. */
export function smallestExtent({ kind, minimumSize, slices }: Demands): number {
  return minimumSize ?? (kind === 'images' || slices ? MINIMUM_SIZE : MINIMUM_VOXELS);
}

/** Too small comes before what else is wrong. */
function sizeReport(report: FileReport, demands: Demands): FileReport {
  const least = smallestExtent(demands);
  const { slices } = demands;
  const shape = report.shape!;
  const judged = slices ? shape.filter((_, axis) => axis !== sliceAxis(slices)) : shape;
  if (Math.min(...judged) >= least) return report;
  const what = demands.kind === 'images' ? 'pixels' : 'voxels';
  const where = slices ? `both axes of ${slices} slices` : 'each axis';
  const reason = `expected at least ${least} ${what} along ${where}, found ${judged.join(' × ')}`;
  return { ...report, state: 'too small', reason };
}

function imageReport(file: string, image: Image): FileReport {
  const { shape, channels, bitDepth, data } = image;
  const decoded = { file, shape, channels, bitDepth };
  const [low, high] = range(data);
  if (low === high) return { ...decoded, state: 'constant', reason: `every value is ${low}` };
  if (bitDepth === 32 && !(low >= 0 && high <= 1)) {
    const reason = `expected floating-point values from 0 to 1, found ${low} to ${high}`;
    return { ...decoded, state: 'unreadable', reason };
  }
  const doubt = isFewValued(data) ? [`at most ${FEW_VALUES} different values: a mask, or an image?`] : [];
  return { ...decoded, state: 'ok', reason: '', warnings: [...doubt, ...imageWarnings(image)] };
}

/** As many different values, at most, make one ask whether an image is a mask. */
const FEW_VALUES = 8;

function isFewValued(data: Float32Array): boolean {
  const seen = new Set<number>();
  for (const value of data) {
    seen.add(value);
    if (seen.size > FEW_VALUES) return false;
  }
  return true;
}

function volumeReport(file: string, { volume, stored }: Extract<Decoded, { kind: 'volumes' }>): FileReport {
  const decoded: FileReport = {
    file,
    state: 'ok',
    reason: '',
    shape: volume.shape,
    channels: 1,
    spacing: spacingOf(volume),
    orientation: orientationName(stored.affine),
    type: volume.data.constructor.name.replace('Array', '').toLowerCase(),
    warnings: volume.warnings,
  };
  const content = contentOf(volume);
  if (content === 'empty') return { ...decoded, state: 'constant', reason: 'no value is finite' };
  if (content === 'constant') return { ...decoded, state: 'constant', reason: 'all values are equal' };
  if (content === 'labels') {
    return { ...decoded, state: 'mask', reason: 'at most 32 different whole numbers: a map of labels, not an image' };
  }
  return decoded;
}

/** The smallest and the largest value; NaN where a value is not a number. */
function range(data: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (Number.isNaN(value)) return [value, value];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function* imageBytes({ shape, channels, bitDepth, data }: Image): Iterable<Uint8Array> {
  yield new TextEncoder().encode(`${channels},${shape},${bitDepth};`);
  yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Of the real values in RAS, so that a copy in another format, orientation or type counts. */
function* volumeBytes({ shape, data, slope, intercept }: Volume): Iterable<Uint8Array> {
  yield new TextEncoder().encode(`volume,${shape};`);
  const piece = new Float32Array(2 ** 16);
  for (let start = 0; start < data.length; start += piece.length) {
    const count = Math.min(piece.length, data.length - start);
    for (let index = 0; index < count; index++) piece[index] = data[start + index]! * slope + intercept;
    yield new Uint8Array(piece.buffer, 0, 4 * count).slice();
  }
}
