/** What a network that was trained on the slices of volumes sees of a volume: each of its slices, at every level. */
import { acrossSlices, type SlicePlane, sliceAxis, withinSlices } from '../image/index.js';
import type { Config } from '../pretrain/config.js';

/** The plane of the slices that a network sees a volume by; `null` for what it sees as it is. @param shape `[...S]` */
export function planeOf({ data }: Config, shape: readonly number[]): SlicePlane | null {
  return shape.length === 3 ? data.slices : null;
}

/** The extents that the network sees at once. */
export function withinOf(shape: readonly number[], plane: SlicePlane | null): readonly number[] {
  return plane ? withinSlices(plane, shape) : shape;
}

/** Extents with those within slices changed, as those of an image are, and their number kept. */
export function changedWithin(
  shape: readonly number[],
  plane: SlicePlane | null,
  change: (seen: readonly number[]) => readonly number[],
): number[] {
  const seen = change(withinOf(shape, plane));
  return plane ? acrossSlices(plane, seen, shape[sliceAxis(plane)]!) : [...seen];
}

/** How many elements of a decoder level cover extents, which may be a fraction; across slices as many as these. */
export function elementsOf(level: number, shape: readonly number[], plane: SlicePlane | null): number[] {
  return changedWithin(shape, plane, (seen) => seen.map((extent) => extent / 2 ** (4 - level)));
}
