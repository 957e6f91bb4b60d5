/**
 * Distances between the surfaces of two masks. The surface of a mask is the set of its own voxels with a face neighbour
 * outside of the mask or of the image, at their centres: the definition of MedPy, MONAI and Metrics Reloaded.
 */
import { invariant } from '../core/errors.js';
import { stridesOf } from '../core/tensor.js';
import { squaredDistances } from './distance-transform.js';
import { quantile } from './quantile.js';

/** A distance that exceeds the tolerance by no more than this part of it does so by rounding alone. */
const ROUNDING = 1e-9;

/** The distance of every surface voxel of one mask to the nearest surface voxel of the other, in mm. */
export interface SurfaceDistances {
  readonly fromPrediction: Float64Array;
  readonly fromReference: Float64Array;
}

/**
 * Measures both directions.
 * @param prediction row-major over `shape`, not 0 inside of the mask; at least one voxel is
 * @param reference the same
 * @param shape `[H, W]` or `[D, H, W]`
 * @param spacing along the same axes, in mm
 */
export function surfaceDistances(
  prediction: Uint8Array,
  reference: Uint8Array,
  shape: readonly number[],
  spacing: readonly number[],
): SurfaceDistances {
  const surfaces = [surfaceOf(prediction, shape), surfaceOf(reference, shape)] as const;
  return {
    fromPrediction: distancesAt(surfaces[0], squaredDistances(surfaces[1], shape, spacing)),
    fromReference: distancesAt(surfaces[1], squaredDistances(surfaces[0], shape, spacing)),
  };
}

/** The larger of the 95th percentiles of the two directions, in mm (HD95). */
export function hausdorff95({ fromPrediction, fromReference }: SurfaceDistances): number {
  return Math.max(quantile(fromPrediction.slice().sort(), 0.95), quantile(fromReference.slice().sort(), 0.95));
}

/** The mean of all distances of both directions, in mm (ASSD). */
export function averageSurfaceDistance({ fromPrediction, fromReference }: SurfaceDistances): number {
  return (sum(fromPrediction) + sum(fromReference)) / (fromPrediction.length + fromReference.length);
}

/** The share of both surfaces that lies within `tolerance` mm of the other surface, 0 … 1 (NSD). */
export function normalisedSurfaceDistance(distances: SurfaceDistances, tolerance: number): number {
  const { fromPrediction, fromReference } = distances;
  const limit = tolerance * (1 + ROUNDING);
  const within = (values: Float64Array) => values.reduce((count, value) => count + (value <= limit ? 1 : 0), 0);
  return (within(fromPrediction) + within(fromReference)) / (fromPrediction.length + fromReference.length);
}

/** The surface voxels of a mask, as a mask. */
function surfaceOf(mask: Uint8Array, shape: readonly number[]): Uint8Array {
  const surface = new Uint8Array(mask.length);
  const strides = stridesOf(shape);
  shape.forEach((extent, axis) => {
    const stride = strides[axis]!;
    for (let row = 0, at = 0; row < mask.length; row += stride, at = at + 1 === extent ? 0 : at + 1) {
      const edge = at === 0 || at === extent - 1;
      for (let index = row; index < row + stride; index++) {
        if (mask[index] && (edge || !mask[index - stride] || !mask[index + stride])) surface[index] = 1;
      }
    }
  });
  return surface;
}

function distancesAt(surface: Uint8Array, squared: Float64Array): Float64Array {
  let count = 0;
  for (let index = 0; index < surface.length; index++) count += surface[index]!;
  invariant(count > 0, 'a mask without voxels has no surface to measure from');
  const distances = new Float64Array(count);
  let next = 0;
  for (let index = 0; index < surface.length; index++) {
    if (surface[index]) distances[next++] = Math.sqrt(squared[index]!);
  }
  return distances;
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
