/**
 * Planes through a pair: an image has one, a volume three (axial, coronal, sagittal), as radiologists look at them.
 * Volumes are `[C, z, y, x]` in RAS, as they are in training.
 */
import { sizeOf, stridesOf, type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/geometry/resize.js';
import { sliceAxis, slicePlanes } from '../image/geometry/slice-planes.js';

/** A plane of a grid. */
export interface Plane {
  /** `axial 23`; empty for an image. */
  readonly name: string;
  /** The axis across the plane and the place on it, or null for an image. */
  readonly across: { readonly axis: number; readonly index: number } | null;
  /** Axes of the rows and of the columns. */
  readonly axes: readonly [number, number];
  /** Rows and columns run backwards along their axes. */
  readonly flipped: boolean;
}

/** The planes of a grid through a point. @param point index on each axis */
export function planesThrough(point: readonly number[]): Plane[] {
  if (point.length === 2) return [{ name: '', across: null, axes: [0, 1], flipped: false }];
  return slicePlanes.map((plane) => {
    const axis = sliceAxis(plane);
    const axes = [0, 1, 2].filter((other) => other !== axis) as [number, number];
    const index = point[axis]!;
    return { name: `${plane} ${index}`, across: { axis, index }, axes, flipped: true };
  });
}

/**
 * The values of `[C, ...S]` in a plane, `[C, rows, columns]`. A coarser or finer array is cut at the same share of its
 * axis.
 * @param grid the extents that the plane's index counts on
 */
export function inPlane(values: Tensor, plane: Plane, grid: readonly number[]): Tensor {
  const [channels, ...shape] = values.shape as [number, ...number[]];
  if (!plane.across) return values;
  const { axis, index } = plane.across;
  const at = Math.floor(((index + 0.5) * shape[axis]!) / grid[axis]!);
  const strides = stridesOf(shape);
  const [height, width] = plane.axes.map((along) => shape[along]!) as [number, number];
  const [down, right] = plane.axes.map((along) => strides[along]!) as [number, number];
  const result = tensor([channels, height, width]);
  const size = sizeOf(shape);
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * size + at * strides[axis]!;
    for (let row = 0; row < height; row++) {
      const y = plane.flipped ? height - 1 - row : row;
      for (let column = 0; column < width; column++) {
        const x = plane.flipped ? width - 1 - column : column;
        result.data[target++] = values.data[start + y * down + x * right]!;
      }
    }
  }
  return result;
}

/** The components of a field `[nd, ...S]` that lie in a plane, `[2, rows, columns]`, along its rows and columns. */
export function fieldInPlane(field: Tensor, plane: Plane): Tensor {
  if (!plane.across) return field;
  const size = sizeOf(field.shape.slice(1));
  const parts = plane.axes.map((axis) => field.data.subarray(axis * size, (axis + 1) * size));
  const both = new Float32Array(2 * size);
  for (const [row, part] of parts.entries()) both.set(part, row * size);
  const cut = inPlane(tensor([2, ...field.shape.slice(1)], both), plane, field.shape.slice(1));
  return plane.flipped
    ? tensor(
        cut.shape,
        cut.data.map((value) => -value),
      )
    : cut;
}

/**
 * The values `[C, rows, columns]` of a plane at pixels that are square in the patient.
 * @param spacing edges along [...S]
 */
export function squarePixels(cut: Tensor, plane: Plane, spacing: readonly number[] | undefined): Tensor {
  const edges = plane.axes.map((axis) => spacing?.[axis] ?? 1);
  const smallest = Math.min(...edges);
  const shape = edges.map((edge, axis) => Math.max(1, Math.round((cut.shape[axis + 1]! * edge) / smallest)));
  return shape.every((extent, axis) => extent === cut.shape[axis + 1]) ? cut : resizeLinear(cut, shape);
}
