/**
 * Where the voxels of a NIfTI file lie in the patient. A file can say it three ways: a full matrix (sform), a rotation
 * (qform), or the edges of a voxel alone. The first that is set and regular counts, in that order, as in the NIfTI
 * standard and in nibabel; what contradicts it is told.
 */
import { apply, column, isRegular, type Vector } from '../../geometry/affine.js';
import type { Affine } from '../../volume.js';
import type { NiftiHeader } from './header.js';

/** Metres, millimetres and micrometres, by the code of `xyzt_units`; an unset unit means millimetres. */
const MILLIMETRES: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };

/** The affine in mm (RAS), always regular, and what had to be assumed. */
export function niftiAffine(header: NiftiHeader): { affine: Affine; warnings: string[] } {
  const warnings: string[] = [];
  const sform = header.sformCode > 0 ? [...header.sform, 0, 0, 0, 1] : undefined;
  const qform = header.qformCode > 0 ? qformMatrix(header) : undefined;
  if (sform && !isRegular(sform)) warnings.push('the sform is singular and is not used');
  if (qform && !isRegular(qform)) warnings.push('the qform is singular and is not used');
  const usableSform = sform && isRegular(sform) ? sform : undefined;
  const usableQform = qform && isRegular(qform) ? qform : undefined;
  if (usableSform && usableQform) warnings.push(...disagreement(usableSform, usableQform, extentsOf(header)));
  const affine = usableSform ?? usableQform ?? unoriented(header, warnings);
  const scale = MILLIMETRES[header.units & 7] ?? 1;
  if (scale === 1) return { affine, warnings };
  warnings.push(`lengths in ${scale === 1000 ? 'metres' : 'micrometres'} are converted to millimetres`);
  return { affine: affine.map((value, index) => (index < 12 ? value * scale : value)), warnings };
}

function extentsOf({ extents }: NiftiHeader): Vector {
  return [extents[0]!, extents[1] ?? 1, extents[2] ?? 1];
}

/**
 * Method 2 of the standard: a unit quaternion, the edges, the handedness in `pixdim[0]`, the place of the first voxel.
 */
function qformMatrix({ quaternion, pixdim }: NiftiHeader): number[] {
  let [b, c, d] = quaternion as unknown as Vector;
  let a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const length = Math.hypot(a, b, c, d);
  [a, b, c, d] = [a / length, b / length, c / length, d / length];
  const rows = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const edges = [pixdim[1]!, pixdim[2]!, pixdim[3]! * (pixdim[0]! < 0 ? -1 : 1)];
  return rows
    .flatMap((row, index) => [...row.map((value, axis) => value * edges[axis]!), quaternion[3 + index]!])
    .concat(0, 0, 0, 1);
}

/**
 * The largest distance between the two places of a corner, told where it is more than half of the shortest edge. Near
 * half a turn a stored quaternion is exact to 4e-4 only; that is no contradiction.
 */
function disagreement(sform: Affine, qform: Affine, extents: Vector): string[] {
  let most = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel = extents.map((extent, axis) => ((corner >> axis) & 1) * (extent - 1)) as unknown as Vector;
    const [one, other] = [apply(sform, voxel), apply(qform, voxel)];
    most = Math.max(most, Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]));
  }
  const edge = Math.min(...[0, 1, 2].map((axis) => Math.hypot(...column(sform, axis))));
  const last = apply(sform, extents.map((extent) => extent - 1) as unknown as Vector);
  const first = apply(sform, [0, 0, 0]);
  const diagonal = Math.hypot(last[0] - first[0], last[1] - first[1], last[2] - first[2]);
  return most > edge / 2 + 1e-3 * diagonal
    ? [`sform and qform differ by up to ${most.toPrecision(3)} mm; the sform is used`]
    : [];
}

/** Edges alone. As in nibabel the volume is centred, and the first axis runs to the left, as Analyze files do. */
function unoriented(header: NiftiHeader, warnings: string[]): Affine {
  const { pixdim, originator } = header;
  const extents = extentsOf(header);
  const edges = [1, 2, 3].map((index) => Math.abs(pixdim[index]!));
  const usable = edges.map((edge) => (edge > 0 && edge < 1e6 ? edge : 1)) as unknown as Vector;
  if (edges.some((edge, axis) => edge !== usable[axis])) {
    warnings.push(`voxel edges of ${edges.join(' × ')} mm are impossible; 1 mm is taken where needed`);
  }
  warnings.push('the file names no orientation: its axes are taken as left, anterior, superior');
  const set = originator.some((voxel) => voxel !== 0);
  const inside = originator.every((voxel, axis) => voxel > -extents[axis]! && voxel < 2 * extents[axis]!);
  const centre = extents.map((extent, axis) => (set && inside ? originator[axis]! - 1 : (extent - 1) / 2));
  const [x, y, z] = usable;
  return [-x, 0, 0, x * centre[0]!, 0, y, 0, -y * centre[1]!, 0, 0, z, -z * centre[2]!, 0, 0, 0, 1];
}
