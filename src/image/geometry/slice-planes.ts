/**
 * The planes of a volume as radiologists look at them. A volume in RAS is turned into a stack of slices whose rows run
 * from anterior (axial) or superior (coronal, sagittal) and whose columns run from the patient's right (axial, coronal)
 * or from anterior (sagittal).
 */
import { sizeOf, stridesOf } from '../../core/tensor.js';
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

/** Extents of a volume [z, y, x] from those of its slices, rows and columns, and the extent across them. */
export function acrossSlices(plane: SlicePlane, within: readonly number[], across: number): number[] {
  return within.toSpliced(sliceAxis(plane), 0, across);
}

/** One slice of a volume in RAS. @param data [...components, z, y, x]; @returns [...components, rows, columns] */
export function sliceOf<T extends StoredArray>(data: T, shape: readonly number[], plane: SlicePlane, index: number): T {
  const [size, strides] = [sizeOf(shape), stridesOf(shape)];
  const [height, width] = axesWithin(plane).map((axis) => shape[axis]!) as [number, number];
  const [down, along] = axesWithin(plane).map((axis) => strides[axis]!) as [number, number];
  const slice = new (data.constructor as new (length: number) => T)((data.length / size) * height * width);
  let target = 0;
  for (let first = index * strides[sliceAxis(plane)]!; first < data.length; first += size) {
    for (let row = height - 1; row >= 0; row--) {
      for (let column = width - 1; column >= 0; column--) slice[target++] = data[first + row * down + column * along]!;
    }
  }
  return slice;
}
