/**
 * An image with classes over it: one plane, or of a volume the axial, coronal and sagittal planes through a
 * point, in the proportions of the patient.
 */
import { sizeOf, stridesOf, type Tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/geometry/resize.js';
import type { Picture } from './canvas.js';
import { type ClassMap, classesInPlane, labelOverlay } from './overlay.js';
import { cellSide, displayRange, photo } from './photo.js';
import { inPlane, type Plane, planesThrough } from './planes.js';

export interface LabelPlanesOptions {
  /** The longer side of each picture, in pixels. */
  readonly side?: number;
  /** Edges of a pixel of the labels along each axis, in any unit; equal ones by default. */
  readonly spacing?: readonly number[];
}

/**
 * @param image `[C, ...S]` in [0, 1]; volumes in RAS
 * @param layers each over the same image, of any resolution; null for the image alone
 * @param point an index on each axis of `grid`
 * @param grid the extents that the point counts on
 * @returns each plane's name and a picture for each layer; of an image one plane, without a name
 */
export function labelPlanes(
  image: Tensor,
  layers: readonly (ClassMap | null)[],
  point: readonly number[],
  grid: readonly number[],
  { side = cellSide(image.shape.slice(1), 320), spacing = grid.map(() => 1) }: LabelPlanesOptions = {},
): [name: string, cells: Picture[]][] {
  const range = displayRange([image]);
  return planesThrough(point).map((plane) => {
    const ground = photo(inProportion(inPlane(image, plane, grid), plane, grid, spacing), { side, range });
    const over = (labels: ClassMap | null) =>
      labels ? labelOverlay(ground, classesInPlane(labels, plane, grid)) : ground;
    return [plane.name, layers.map(over)];
  });
}

/**
 * The place whose planes show most of the classes: on each axis the index with the most pixels of any; the middle
 * without any.
 */
export function labelFocus({ shape, data, ignore = 255 }: ClassMap): number[] {
  const strides = stridesOf(shape);
  return shape.map((extent, axis) => {
    const counts = new Uint32Array(extent);
    for (let index = 0; index < data.length; index++) {
      const label = data[index];
      if (label !== 0 && label !== ignore) counts[Math.floor(index / strides[axis]!) % extent]!++;
    }
    const most = counts.reduce((best, count, index) => (count > counts[best]! ? index : best), 0);
    return counts[most]! > 0 ? most : Math.floor(extent / 2);
  });
}

/** A plane whose pixels are squares in the patient. */
function inProportion(
  image: Tensor,
  { axes, across }: Plane,
  grid: readonly number[],
  spacing: readonly number[],
): Tensor {
  if (!across) return image;
  const edges = axes.map((axis) => grid[axis]! * spacing[axis]!);
  const [height, width] = image.shape.slice(1) as [number, number];
  const scale = Math.sqrt((height * width) / sizeOf(edges));
  const wanted = edges.map((edge) => Math.max(1, Math.round(edge * scale)));
  const same = Math.abs(wanted[0]! / wanted[1]! / (height / width) - 1) < 0.02;
  return same ? image : resizeLinear(image, wanted);
}
