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

/** Where a plane lies in a flat array `[...S]`: its pixel (x, y) is value `start + y · down + x · right`. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly start: number;
  readonly right: number;
  readonly down: number;
}

export function layoutOf(shape: readonly number[], { across, axes, flipped }: Omit<Plane, 'name'>): Layout {
  const strides = stridesOf(shape);
  const [height, width] = axes.map((axis) => shape[axis]!) as [number, number];
  const [down, right] = axes.map((axis) => (flipped ? -strides[axis]! : strides[axis]!)) as [number, number];
  const first = across ? across.index * strides[across.axis]! : 0;
  return { width, height, start: flipped ? first - (height - 1) * down - (width - 1) * right : first, right, down };
}

/**
 * The layout of a plane in an array of other extents, coarser or finer: at the same share of its axis.
 * @param grid the extents that the plane's index counts on
 */
export function layoutOn(shape: readonly number[], plane: Plane, grid: readonly number[]): Layout {
  const { across } = plane;
  if (!across) return layoutOf(shape, plane);
  const index = Math.floor(((across.index + 0.5) * shape[across.axis]!) / grid[across.axis]!);
  return layoutOf(shape, { ...plane, across: { ...across, index } });
}

type Flat = Uint8Array | Uint16Array | Int16Array | Float32Array;

/** The values of a plane, row after row. @param offset of the array in which the plane lies, of several that follow */
export function cut<T extends Flat>(values: T, { width, height, start, right, down }: Layout, offset = 0): T {
  const found = new (values.constructor as new (length: number) => T)(width * height);
  let pixel = 0;
  for (let y = 0; y < height; y++) {
    let at = offset + start + y * down;
    for (let x = 0; x < width; x++, at += right) found[pixel++] = values[at]!;
  }
  return found;
}

/**
 * The values of `[C, ...S]` in a plane, `[C, rows, columns]`. A coarser or finer array is cut at the same share of its
 * axis.
 * @param grid the extents that the plane's index counts on
 */
export function inPlane(values: Tensor, plane: Plane, grid: readonly number[]): Tensor {
  if (!plane.across) return values;
  const [channels, ...shape] = values.shape;
  const layout = layoutOn(shape, plane, grid);
  const maps = Array.from({ length: channels! }, (_, channel) => cut(values.data, layout, channel * sizeOf(shape)));
  return tensor([channels!, layout.height, layout.width], together(maps));
}

/** The components of a field `[nd, ...S]` that lie in a plane, `[2, rows, columns]`, along its rows and columns. */
export function fieldInPlane({ shape: [, ...shape], data }: Tensor, plane: Omit<Plane, 'name'>): Tensor {
  const layout = layoutOf(shape, plane);
  const both = together(plane.axes.map((axis) => cut(data, layout, axis * sizeOf(shape))));
  return tensor([2, layout.height, layout.width], plane.flipped ? both.map((value) => -value) : both);
}

function together(maps: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(maps.length * (maps[0]?.length ?? 0));
  for (const [index, map] of maps.entries()) all.set(map, index * map.length);
  return all;
}

/**
 * The values `[C, rows, columns]` of a plane at pixels that are square in the patient.
 * @param spacing edges along [...S]
 */
export function squarePixels(values: Tensor, plane: Plane, spacing: readonly number[] | undefined): Tensor {
  const edges = plane.axes.map((axis) => spacing?.[axis] ?? 1);
  const smallest = Math.min(...edges);
  const shape = edges.map((edge, axis) => Math.max(1, Math.round((values.shape[axis + 1]! * edge) / smallest)));
  return shape.every((extent, axis) => extent === values.shape[axis + 1]) ? values : resizeLinear(values, shape);
}
