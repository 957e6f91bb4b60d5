/**
 * 4 × 4 matrices that place voxels in the patient. Millimetres; right, anterior, superior (RAS) unless a name says LPS.
 */
import type { Affine } from '../volume.js';

export type Vector = readonly [number, number, number];

/** The matrix whose columns are the steps along x, y and z and the place of the first voxel. */
export function fromColumns(x: Vector, y: Vector, z: Vector, origin: Vector): number[] {
  return [0, 1, 2].flatMap((row) => [x[row]!, y[row]!, z[row]!, origin[row]!]).concat(0, 0, 0, 1);
}

/** Column 0, 1 or 2: the step along x, y or z; column 3: the place of the first voxel. */
export function column(affine: Affine, index: number): [number, number, number] {
  return [affine[index]!, affine[4 + index]!, affine[8 + index]!];
}

/** The place of a point (x, y, z), in voxels. */
export function apply(affine: Affine, [x, y, z]: Vector): [number, number, number] {
  const row = (start: number) =>
    affine[start]! * x + affine[start + 1]! * y + affine[start + 2]! * z + affine[start + 3]!;
  return [row(0), row(4), row(8)];
}

/** first ∘ second: the second is applied first. */
export function multiply(first: Affine, second: Affine): number[] {
  return Array.from({ length: 16 }, (_, index) => {
    const row = index - (index % 4);
    let sum = 0;
    for (let inner = 0; inner < 4; inner++) sum += first[row + inner]! * second[4 * inner + (index % 4)]!;
    return sum;
  });
}

/** The volume of one voxel in mm³, negative where the axes are left-handed. */
export function determinant(affine: Affine): number {
  const [a, b, c] = [column(affine, 0), column(affine, 1), column(affine, 2)];
  return dot(a, cross(b, c));
}

/**
 * Whether the matrix is finite and no axis lies in the plane of the others (volume below 1e-6 of the edges' product).
 */
export function isRegular(affine: Affine): boolean {
  if (affine.length !== 16 || !affine.every(Number.isFinite)) return false;
  const edges = [0, 1, 2].map((index) => Math.hypot(...column(affine, index)));
  const product = edges[0]! * edges[1]! * edges[2]!;
  return edges.every((edge) => edge > 0) && Math.abs(determinant(affine)) > 1e-6 * product && Number.isFinite(product);
}

/** The inverse of a regular matrix. */
export function invert(affine: Affine): number[] {
  const [a, b, c] = [column(affine, 0), column(affine, 1), column(affine, 2)];
  const scale = 1 / determinant(affine);
  const rows = [cross(b, c), cross(c, a), cross(a, b)].map((row) => row.map((value) => value * scale));
  const origin = column(affine, 3);
  return rows.flatMap((row) => [...row, -dot(row as unknown as Vector, origin)]).concat(0, 0, 0, 1);
}

function cross(a: Vector, b: Vector): [number, number, number] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
