/**
 * The random spatial transformation between two views (paper: Self-Vector Regression): a list of parts, each of which
 * moves the positions at which the image is sampled. Where the parts end up, minus the pixel itself, is the
 * displacement field: the label of self-vector regression. A further part (B-spline, local scaling, a diffeomorphic
 * flow) is one new file.
 */
import { sizeOf } from '../core/tensor.js';
import { forEachRow, type Region } from './region.js';

/** One drawn part of a transformation. */
export interface SpatialPart {
  readonly kind: string;
  /**
   * Moves the source positions of a region's pixels, in place.
   * @param positions `[nd, ...region.size]` in pixels of the whole grid
   */
  move(positions: Float64Array, region: Region): void;
}

/** The parts of a transformation in the order in which they move the positions. */
export type SpatialTransform = readonly SpatialPart[];

/**
 * The displacement field of a transformation on a region.
 * @returns `[nd, ...region.size]` in pixels; the region's own start does not change the values
 */
export function displacementField(transform: SpatialTransform, region: Region): Float32Array {
  const own = pixelPositions(region);
  const moved = own.slice();
  for (const part of transform) part.move(moved, region);
  const field = new Float32Array(own.length);
  for (let i = 0; i < field.length; i++) field[i] = moved[i]! - own[i]!;
  return field;
}

/** The pixels' own positions on the whole grid, `[nd, ...size]`. */
function pixelPositions({ start, size }: Region): Float64Array {
  const count = sizeOf(size);
  const row = size.at(-1)!;
  const last = size.length - 1;
  const positions = new Float64Array(size.length * count);
  let pixel = 0;
  forEachRow(size, (index) => {
    for (let axis = 0; axis < last; axis++) {
      const first = axis * count + pixel;
      positions.fill(start[axis]! + index[axis]!, first, first + row);
    }
    for (let column = 0; column < row; column++) positions[last * count + pixel + column] = start[last]! + column;
    pixel += row;
  });
  return positions;
}
