/**
 * Volumes slice by slice: a network of two axes sees windows that are one voxel thick, as radiologists look at them
 * (`image/geometry/slice-planes.ts`). All else is done with the volume as it lies.
 */
import { axesWithin, bySlices, type SlicePlane } from '../../image/index.js';
import type { Predict } from '../task.js';

/** What gives probabilities of a window `[C, ...S]` of the recipe, by a network that may see it as a slice. */
export function seenBy(predict: Predict, plane: SlicePlane | null): Predict {
  if (!plane) return predict;
  return async (window) => (await bySlices(window, plane, async (slice) => [await predict(slice)]))[0]!;
}

/** The axes of a window along which a network may see it mirrored. @param axes those of the network */
export function flipsWithin(axes: readonly number[], plane: SlicePlane | null): readonly number[] {
  return plane ? axes.map((axis) => axesWithin(plane)[axis]!) : axes;
}
