/**
 * The affine part of a spatial transformation (paper: Self-Vector Regression): rotation, scale, shear and translation
 * about the middle of the image, `q = L (p - m) + m + t` with `L = rotation · scale · shear`.
 *
 * In 2D the release draws two angles that turn in opposite directions: the net rotation is `angle_x - angle_y`. In 3D
 * the rotation is `R_x(angle_x) · R_y(angle_y) · R_z(angle_z)`, where x, y, z are the axes 0, 1, 2 of the array.
 */
import type { Random } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import { wholeRegion } from './region.js';
import { displacementField, type SpatialPart } from './spatial.js';

/** The numbers that make one affine transformation. */
export interface AffineDraws {
  /** Rotation angles in radians, one per axis (two in 2D). */
  readonly angles: readonly number[];
  /** Scale per axis; 1 keeps the size, 2 shows the image at half its size. */
  readonly scales: readonly number[];
  /** Shear angles in radians: `shears[i][j]` moves axis i with axis j; the diagonal is not used. */
  readonly shears: readonly (readonly number[])[];
  /** Translation in pixels, one per axis. */
  readonly translation: readonly number[];
}

/**
 * The point that a rotation leaves in place: the middle of the grid, (S − 1)/2, or (`reference`) the release's, which
 * takes the positions from (S − 1)/2 and puts them back at floor(S/2), so even extents shift by half a pixel.
 */
export type AffineCentre = 'exact' | 'reference';

const ROTATION = (20 * Math.PI) / 180;
const SCALE = 0.5;
const SHEAR = Math.PI / 32;
const TRANSLATION = 0.2;

/**
 * Draws an affine transformation: angles in ±degree·20°, scales in 1 ± degree·0.5, shears in ±degree·π/32, translations
 * in ±degree·0.2·extent, all uniform.
 * @param dims number of spatial axes, 2 or 3
 * @param size extents of the image in pixels
 */
export function affineDraw(
  random: Random,
  options: { readonly degree: number },
  dims: number,
  size: readonly number[],
): AffineDraws {
  const { degree } = options;
  const perAxis = <Draw>(draw: (axis: number) => Draw): Draw[] => Array.from({ length: dims }, (_, axis) => draw(axis));
  const symmetric = (bound: number) => random.uniform(-degree * bound, degree * bound);
  return {
    angles: perAxis(() => symmetric(ROTATION)),
    scales: perAxis(() => 1 + symmetric(SCALE)),
    shears: perAxis((i) => perAxis((j) => (i === j ? 0 : symmetric(SHEAR)))),
    translation: perAxis((axis) => symmetric(TRANSLATION * size[axis]!)),
  };
}

/** The linear map L, `dims` rows of `dims` numbers: `q = L (p - m) + m + t`. */
export function affineMatrix(draws: AffineDraws): number[][] {
  const dims = draws.scales.length;
  const scale = draws.scales.map((value, i) => draws.scales.map((_, j) => (i === j ? value : 0)));
  const shear = draws.shears.map((row, i) => row.map((angle, j) => (i === j ? 1 : Math.tan(angle))));
  const rotation =
    dims === 2
      ? planeRotation(2, 0, 1, draws.angles[0]! - draws.angles[1]!)
      : multiply(
          multiply(planeRotation(3, 1, 2, draws.angles[0]!), planeRotation(3, 2, 0, draws.angles[1]!)),
          planeRotation(3, 0, 1, draws.angles[2]!),
        );
  return multiply(multiply(rotation, scale), shear);
}

/** The drawn transformation as a part. */
export function affinePart(draws: AffineDraws, centre: AffineCentre = 'exact'): SpatialPart {
  const matrix = affineMatrix(draws);
  return {
    kind: 'affine',
    move(positions, { shape, size }) {
      const dims = shape.length;
      const count = sizeOf(size);
      const middle = shape.map((extent) => (extent - 1) / 2);
      const rest = shape.map((extent, axis) => {
        const home = centre === 'exact' ? middle[axis]! : Math.floor(extent / 2);
        return home + draws.translation[axis]! - matrix[axis]!.reduce((sum, m, j) => sum + m * middle[j]!, 0);
      });
      const weights = Float64Array.from(matrix.flat());
      const own = new Float64Array(dims);
      for (let pixel = 0; pixel < count; pixel++) {
        for (let axis = 0; axis < dims; axis++) own[axis] = positions[axis * count + pixel]!;
        for (let axis = 0; axis < dims; axis++) {
          let sum = rest[axis]!;
          for (let j = 0; j < dims; j++) sum += weights[axis * dims + j]! * own[j]!;
          positions[axis * count + pixel] = sum;
        }
      }
    },
  };
}

/** The displacement field of an affine transformation alone. @returns `[nd, ...shape]` in pixels */
export function affineField(
  draws: AffineDraws,
  shape: readonly number[],
  centre: AffineCentre = 'exact',
): Float32Array {
  return displacementField([affinePart(draws, centre)], wholeRegion(shape));
}

/** Rotation from axis `a` towards axis `b`. */
function planeRotation(dims: number, a: number, b: number, angle: number): number[][] {
  const matrix = Array.from({ length: dims }, (_, i) => Array.from({ length: dims }, (_, j) => Number(i === j)));
  matrix[a]![a] = Math.cos(angle);
  matrix[b]![b] = Math.cos(angle);
  matrix[a]![b] = -Math.sin(angle);
  matrix[b]![a] = Math.sin(angle);
  return matrix;
}

function multiply(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)));
}
