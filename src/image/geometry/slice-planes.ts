/**
 * The planes of a volume as radiologists look at them. A volume in RAS is turned into a stack of slices whose rows run
 * from anterior (axial) or superior (coronal, sagittal) and whose columns run from the patient's right (axial, coronal)
 * or from anterior (sagittal).
 */
import type { Turn } from './orientation.js';

export const slicePlanes = ['axial', 'coronal', 'sagittal'] as const;
export type SlicePlane = (typeof slicePlanes)[number];

/** The axis [z, y, x] that a plane's slices follow one another along. */
export function sliceAxis(plane: SlicePlane): 0 | 1 | 2 {
  return slicePlanes.indexOf(plane) as 0 | 1 | 2;
}

/** The turn from [z, y, x] in RAS to [slice, row, column]. */
export function turnToSlices(plane: SlicePlane): Turn {
  const axis = sliceAxis(plane);
  const [rows, columns] = [0, 1, 2].filter((other) => other !== axis) as [number, number];
  return { axes: [axis, rows, columns], flips: [false, true, true] };
}
