/**
 * Planes of a grid as flat arrays hold them: an image has one, a volume three through every voxel. Whatever is drawn or
 * shown in a plane reads and writes the array where it lies, so images and volumes share one way.
 */
import { sizeOf, tensor } from '../../core/tensor.js';
import {
  cut as cutPlane,
  fieldInPlane,
  type Layout,
  layoutOf,
  type Plane,
  planesThrough,
} from '../../report/planes.js';

/** A plane of a grid. */
export interface Slice extends Layout {
  /** `axial`, `coronal` or `sagittal`; empty for an image. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The axis across the plane and the place on it; null for an image. */
  readonly across: Plane['across'];
  /** Axes of the rows and of the columns. */
  readonly axes: Plane['axes'];
  /** Rows and columns run backwards along their axes. */
  readonly flipped: boolean;
}

/**
 * The planes of a grid through a place, as radiologists look at them.
 * @param shape `[H, W]`, or `[z, y, x]` in RAS
 * @param place an index on each axis
 */
export function slicesThrough(shape: readonly number[], place: readonly number[]): Slice[] {
  return planesThrough(place).map((plane) => sliceOf(shape, plane));
}

function sliceOf(shape: readonly number[], { name, across, axes, flipped }: Plane): Slice {
  const layout = layoutOf(shape, { across, axes, flipped });
  return { name: name.split(' ')[0]!, shape, across, axes, flipped, ...layout };
}

/** The same plane at another place of its axis. */
export function sliceAt(slice: Slice, index: number): Slice {
  const { across, name, shape, axes, flipped } = slice;
  return across ? sliceOf(shape, { name, across: { ...across, index }, axes, flipped }) : slice;
}

/**
 * The place on the grid of a spot of a plane, between pixels too: centres of pixels are whole numbers there, and halves
 * here.
 */
export function pointAt({ shape, across, axes, flipped, width, height }: Slice, { x, y }: Spot): number[] {
  const point = shape.map(() => across?.index ?? 0);
  point[axes[0]] = (flipped ? height - y : y) - 0.5;
  point[axes[1]] = (flipped ? width - x : x) - 0.5;
  return point;
}

/** The pixel of the grid under a spot of a plane; outside of it the nearest one. */
export function pixelAt(slice: Slice, spot: Spot): number[] {
  return pointAt(slice, spot).map((at, axis) => Math.min(slice.shape[axis]! - 1, Math.max(0, Math.round(at))));
}

/** The spot of a plane over which, or under which, a place of the grid lies. */
export function spotOf({ axes, flipped, width, height }: Slice, place: readonly number[]): Spot {
  const [y, x] = axes.map((axis) => place[axis]! + 0.5) as [number, number];
  return flipped ? { x: width - x, y: height - y } : { x, y };
}

/** A place in a plane, in pixels from the corner of the first one. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The values of a plane, row after row. @param values `[C, ...S]`, of which one channel is taken */
export function cut<T extends Uint8Array | Uint16Array | Int16Array | Float32Array>(
  values: T,
  slice: Slice,
  channel = 0,
): T {
  return cutPlane(values, slice, channel * sizeOf(slice.shape));
}

/** The components of a field `[nd, ...S]` that lie in a plane, `[2, rows, columns]`, along its rows and columns. */
export function fieldIn(field: Float32Array, slice: Slice): Float32Array {
  return fieldInPlane(tensor([slice.shape.length, ...slice.shape], field), slice).data;
}
