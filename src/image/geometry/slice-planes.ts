/**
 * The planes of a volume as radiologists look at them. A volume in RAS is turned into a stack of slices whose rows run
 * from anterior (axial) or superior (coronal, sagittal) and whose columns run from the patient's right (axial, coronal)
 * or from anterior (sagittal).
 */
import { sizeOf, stridesOf, type Tensor, tensor } from '../../core/tensor.js';
import type { StoredArray } from '../volume.js';
import type { Turn } from './orientation.js';

export const slicePlanes = ['axial', 'coronal', 'sagittal'] as const;
export type SlicePlane = (typeof slicePlanes)[number];

/** The axis [z, y, x] that a plane's slices follow one another along. */
export function sliceAxis(plane: SlicePlane): 0 | 1 | 2 {
  return slicePlanes.indexOf(plane) as 0 | 1 | 2;
}

/** The turn from [z, y, x] in RAS to [slice, row, column]. */
export function turnToSlices(plane: SlicePlane): Turn {
  return { axes: [sliceAxis(plane), ...axesWithin(plane)], flips: [false, true, true] };
}

/** The axes [z, y, x] of a slice's rows and columns. */
export function axesWithin(plane: SlicePlane): readonly [rows: number, columns: number] {
  return [0, 1, 2].filter((axis) => axis !== sliceAxis(plane)) as unknown as readonly [number, number];
}

/** Of extents or strides [z, y, x] those of a slice's rows and columns. */
export function withinSlices(plane: SlicePlane, whole: readonly number[]): [rows: number, columns: number] {
  const [rows, columns] = axesWithin(plane);
  return [whole[rows]!, whole[columns]!];
}

/** Extents of a volume [z, y, x] from those of its slices, rows and columns, and the extent across them. */
export function acrossSlices(plane: SlicePlane, within: readonly number[], across: number): number[] {
  return within.toSpliced(sliceAxis(plane), 0, across);
}

/** One slice of a volume in RAS. @param data [...components, z, y, x]; @returns [...components, rows, columns] */
export function sliceOf<T extends StoredArray>(data: T, shape: readonly number[], plane: SlicePlane, index: number): T {
  const count = data.length / shape[sliceAxis(plane)]!;
  const slice = new (data.constructor as new (length: number) => T)(count);
  eachVoxel(data.length, shape, plane, index, (voxel, pixel) => {
    slice[pixel] = data[voxel]!;
  });
  return slice;
}

/** Puts a slice where `sliceOf` takes it from. @param into [...components, z, y, x] */
export function putSlice<T extends StoredArray>(
  into: T,
  shape: readonly number[],
  plane: SlicePlane,
  index: number,
  slice: T,
): void {
  eachVoxel(into.length, shape, plane, index, (voxel, pixel) => {
    into[voxel] = slice[pixel]!;
  });
}

/** The voxels of a slice in the order of its pixels, for each component. */
function eachVoxel(
  length: number,
  shape: readonly number[],
  plane: SlicePlane,
  index: number,
  visit: (voxel: number, pixel: number) => void,
): void {
  const [size, strides] = [sizeOf(shape), stridesOf(shape)];
  const [height, width] = withinSlices(plane, shape);
  const [down, along] = withinSlices(plane, strides);
  let pixel = 0;
  for (let first = index * strides[sliceAxis(plane)]!; first < length; first += size) {
    for (let row = height - 1; row >= 0; row--) {
      for (let column = width - 1; column >= 0; column--) visit(first + row * down + column * along, pixel++);
    }
  }
}

/**
 * What is found in each slice of a volume, put together as the volume lies.
 * @param volume `[C, z, y, x]` in RAS
 * @param look gives maps `[F, rows, columns]` of a slice `[C, rows, columns]`, of whatever extents
 * @returns of each of its maps `[F, z, y, x]` with all slices of the volume
 */
export async function bySlices(
  { shape: [channels, ...extents], data }: Tensor,
  plane: SlicePlane,
  look: (slice: Tensor) => Promise<readonly Tensor[]>,
): Promise<Tensor[]> {
  const within = withinSlices(plane, extents);
  const count = extents[sliceAxis(plane)]!;
  const found: Tensor[] = [];
  for (let index = 0; index < count; index++) {
    const maps = await look(tensor([channels!, ...within], sliceOf(data, extents, plane, index)));
    if (index === 0) {
      for (const { shape } of maps) {
        found.push(tensor([shape[0]!, ...acrossSlices(plane, shape.slice(1), count)]));
      }
    }
    for (const [at, whole] of found.entries()) {
      putSlice(whole.data, whole.shape.slice(1), plane, index, maps[at]!.data);
    }
  }
  return found;
}
