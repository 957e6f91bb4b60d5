/**
 * How a file becomes what a network sees, in pretraining, fine-tuning and use alike: values in [0, 1], volumes in RAS
 * at the wanted spacing, and then either resized to fixed extents or kept as they are and padded to at least those.
 * Images and volumes differ only in their axes; a volume used slice by slice is a stack of images.
 */
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import {
  type Grid,
  gridWithSpacing,
  type Image,
  padZeros,
  resampleAligned,
  resizeImage,
  type SlicePlane,
  sameGrid,
  spacingOf,
  toChannels,
  toUnitRange,
  toUnitVolume,
  turnData,
  turnToSlices,
  type Volume,
} from '../image/index.js';
import type { Decoded } from './decoded.js';
import { type Intensity, intensityRule } from './intensity.js';
import type { DataKind, Fit } from './options.js';

export { type Fit, fits } from './options.js';

/** How files become records. */
export interface Recipe extends FitRecipe {
  readonly kind: DataKind;
  readonly channels: 1 | 3;
  /** The extents [...S] that views are cut from. */
  readonly shape: readonly number[];
  /** Volumes: edges of a voxel along [z, y, x] in mm; `null` keeps those of each file. */
  readonly spacing: readonly [number, number, number] | null;
  /** Volumes: which values become 0 and 1. */
  readonly intensity: Intensity;
  /** Volumes: taken as stacks of these slices, S then has two axes; `null` for whole volumes. */
  readonly slices: SlicePlane | null;
}

/** What is stored of one file. */
export interface FileRecord {
  /** [C, ...R] in [0, 1]; R is S or larger, of stacks with the slices first. */
  readonly data: Tensor;
  /** Extents before they were fitted, as many as S. */
  readonly extents: readonly number[];
  /** Volumes: edges of a voxel before it was fitted, along [z, y, x] in RAS, in mm. */
  readonly spacing?: readonly [number, number, number];
}

/** The record of one file. @throws InputError where its channels or values do not allow one. */
export function makeRecord(decoded: Decoded, recipe: Recipe): FileRecord {
  const { shape, fit, channels, slices, antialias } = recipe;
  if (decoded.kind === 'images') {
    const unit = unitImage(decoded.image, channels);
    return { data: fitted(unit, shape, { fit, antialias }), extents: decoded.image.shape };
  }
  const { unit, grid } = unitVolume(decoded.volume, {
    spacing: recipe.spacing,
    intensity: recipe.intensity,
    antialias,
  });
  const spacing = recipe.spacing ?? spacingOf(grid);
  const stack = slices ? stackOf(unit, slices) : unit;
  const [depth, ...plane] = stack.shape.slice(1) as [number, ...number[]];
  const gray = fitted(stack, slices ? [depth, ...shape] : shape, { fit, antialias });
  return { data: repeated(gray, channels), extents: slices ? plane : [depth, ...plane], spacing };
}

/**
 * The values of an image file in [0, 1], `[C, H, W]`.
 * @throws InputError ('image') where channels or values do not allow it
 */
export function unitImage(image: Image, channels: 1 | 3): Tensor {
  return toUnitRange(toChannels(image, channels));
}

/** How a volume becomes values on a grid. */
export interface VolumeRecipe extends Pick<Recipe, 'spacing' | 'intensity'> {
  /** 1 where it is absent. */
  readonly channels?: 1 | 3;
  /** Whether volumes are averaged where their voxels become larger; not where it is absent. */
  readonly antialias?: boolean;
}

/**
 * A volume in RAS as the network sees it before it is fitted: in [0, 1], at the wanted spacing. The intensities come
 * first, so that values that are no numbers do not spread.
 * @returns [C, z, y, x] and the grid that it lies on
 */
export function unitVolume(
  volume: Volume,
  { spacing, intensity, channels = 1, antialias = false }: VolumeRecipe,
): { readonly unit: Tensor; readonly grid: Grid } {
  const { data } = toUnitVolume(volume, intensityRule(intensity, volume));
  const grid = spacing ? gridWithSpacing(volume, spacing) : volume;
  if (sameGrid(volume, grid)) return { unit: repeated(data, channels), grid: volume };
  const resampled = resampleAligned(data, volume, grid, { antialias });
  return { unit: repeated(resampled, channels), grid };
}

/** How extents become those that are wanted. */
export interface FitRecipe {
  readonly fit: Fit;
  /** Whether images and volumes are averaged where they become smaller. */
  readonly antialias: boolean;
}

/**
 * An image of any extents brought to those that are wanted: resized to them, or padded with zeros on all sides to at
 * least them.
 * @param image `[C, ...S]`
 * @param extents 0 where an axis keeps its own
 */
export function fitted(image: Tensor, extents: readonly number[], { fit, antialias }: FitRecipe): Tensor {
  const wanted = fittedExtents(image.shape.slice(1), extents, fit);
  return fit === 'resize' ? resizeImage(image, wanted, { antialias }) : padZeros(image, wanted);
}

/** The extents after `fitted`. @param extents 0 where an axis keeps its own */
export function fittedExtents(own: readonly number[], extents: readonly number[], fit: Fit): number[] {
  return extents.map((extent, axis) => (fit === 'resize' && extent > 0 ? extent : Math.max(extent, own[axis]!)));
}

/** [1, z, y, x] to [1, slice, row, column], without the slices of one value at both ends. */
function stackOf({ shape, data }: Tensor, plane: SlicePlane): Tensor {
  const turn = turnToSlices(plane);
  const turned = turnData(data, shape.slice(1) as [number, number, number], turn);
  const [count, ...extents] = turn.axes.map((axis) => shape[axis + 1]!) as [number, number, number];
  const size = sizeOf(extents);
  const blank = (index: number) => {
    const slice = turned.subarray(index * size, (index + 1) * size);
    return slice.every((value) => value === slice[0]);
  };
  let [first, last] = [0, count - 1];
  while (first < last && blank(first)) first++;
  while (last > first && blank(last)) last--;
  return tensor([1, last - first + 1, ...extents], turned.slice(first * size, (last + 1) * size));
}

function repeated(gray: Tensor, channels: number): Tensor {
  if (channels === 1) return gray;
  const { shape, data } = gray;
  const result = tensor([channels, ...shape.slice(1)]);
  for (let channel = 0; channel < channels; channel++) result.data.set(data, channel * data.length);
  return result;
}
