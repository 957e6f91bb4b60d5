/**
 * The geometry of a stack of slices (PS3.3, section C.7.6.2.1.1): their order along the normal, the step between them
 * and the affine that takes voxels to millimetres. DICOM counts to the left, posterior and superior (LPS); the affine
 * counts to the right, anterior and superior (RAS), so its first two rows change their sign.
 */
import { counted } from '../../../core/counted.js';
import type { Affine } from '../../volume.js';
import { cross, dot, type Slice, type Vector } from './slices.js';

/** A slice whose place is known. */
export type PlacedSlice = Slice & Required<Pick<Slice, 'position' | 'row' | 'column' | 'spacing'>>;

/** Slices in order, with what is unusual about them. */
export interface Stack {
  /** Along the normal, lowest first: the order of the volume's z axis. */
  readonly slices: readonly PlacedSlice[];
  /** Slices that lie at the place of the one before them, by index. */
  readonly repeated: readonly number[];
  readonly affine: Affine;
  /** Gaps, uneven steps and shear, a sentence each. */
  readonly warnings: readonly string[];
}

export function isPlaced(slice: Slice): slice is PlacedSlice {
  return Boolean(slice.position && slice.row && slice.column && slice.spacing);
}

/** Whether two slices belong to one grid: the same extents, directions and in-plane spacing. */
export function sameGrid(a: PlacedSlice, b: PlacedSlice): boolean {
  const near = (one: readonly number[], other: readonly number[], tolerance: number) =>
    one.every((value, index) => Math.abs(value - other[index]!) <= tolerance);
  return near(a.row, b.row, 1e-3) && near(a.column, b.column, 1e-3) && near(a.spacing, b.spacing, 1e-3 * a.spacing[0]);
}

/** A distance below this is none, in millimetres. */
const SAME_PLACE = 1e-3;

/**
 * Puts slices of one grid in order.
 * @example stackOf(slices).affine // (x, y, z, 1) in voxels to RAS millimetres
 */
export function stackOf(unordered: readonly PlacedSlice[]): Stack {
  const { row, column, spacing } = unordered[0]!;
  const normal = cross(row, column);
  const height = (slice: PlacedSlice) => dot(slice.position, normal);
  const slices = [...unordered].sort((a, b) => height(a) - height(b) || a.instance - b.instance);
  const heights = slices.map(height);
  const steps = heights.slice(1).map((value, index) => value - heights[index]!);
  const real = steps.filter((step) => step > SAME_PLACE).sort((a, b) => a - b);
  const median = real[real.length >> 1];
  const limit = median === undefined ? SAME_PLACE : Math.max(SAME_PLACE, 0.05 * median);
  const repeated = steps.flatMap((step, index) => (step <= limit ? [index + 1] : []));

  const warnings: string[] = [];
  const first = slices[0]!;
  let step: Vector;
  if (median === undefined) {
    const thickness = first.thickness ?? 1;
    if (!first.thickness) warnings.push('a single slice without a thickness: 1 mm was assumed');
    step = scaled(normal, thickness);
  } else {
    const last = slices.at(-1)!;
    const way = difference(last.position, first.position);
    step = scaled(way, median / dot(way, normal));
    warnings.push(...unevenness(heights, median, limit));
    warnings.push(...shear(way, normal));
    warnings.push(...shifts(slices, first, step, normal, median));
  }
  return { slices, repeated, affine: affineOf(first.position, row, column, spacing, step), warnings };
}

/** Gaps, or steps that differ by more than a twentieth. */
function unevenness(heights: readonly number[], median: number, limit: number): string[] {
  const steps = heights.slice(1).map((value, index) => ({ index, step: value - heights[index]! }));
  const gaps = steps.filter(({ step }) => step > 1.5 * median);
  const text = (value: number) => String(Number(value.toFixed(3)));
  if (gaps.length > 0) {
    const missing = gaps.reduce((sum, { step }) => sum + Math.round(step / median) - 1, 0);
    const where = gaps.slice(0, 3).map(({ index, step }) => `${text(step)} mm behind slice ${index}`);
    return [
      `${counted(gaps.length, 'gap')} between slices (${where.join(', ')}; the usual step is ${text(median)} mm): about ${missing} missing, so slices behind a gap lie closer than they should`,
    ];
  }
  const uneven = steps.filter(({ step }) => step > limit && Math.abs(step - median) > 0.05 * median);
  if (uneven.length === 0) return [];
  const values = uneven.map(({ step }) => step);
  return [
    `steps between slices from ${text(Math.min(...values, median))} to ${text(Math.max(...values, median))} mm: the median of ${text(median)} mm was taken`,
  ];
}

/** A gantry tilt: the way from slice to slice is not along the normal. */
function shear(way: Vector, normal: Vector): string[] {
  const angle = (Math.acos(Math.min(1, dot(way, normal) / Math.hypot(...way))) * 180) / Math.PI;
  return angle > 0.5
    ? [
        `the stack is sheared by ${angle.toFixed(1)}° (gantry tilt): the affine holds the shear, resample before axes are taken as right-angled`,
      ]
    : [];
}

/** Slices that leave the line through the first and the last one by more than half a step within their plane. */
function shifts(
  slices: readonly PlacedSlice[],
  first: PlacedSlice,
  step: Vector,
  normal: Vector,
  median: number,
): string[] {
  const off = slices.filter(({ position }) => {
    const way = difference(position, first.position);
    const along = dot(way, normal) / median;
    return Math.hypot(...difference(way, scaled(step, along))) > 0.5 * median;
  });
  return off.length === 0
    ? []
    : [
        `${off.length} slices are shifted within their plane against the others: the affine leaves them where they are not`,
      ];
}

function affineOf(
  origin: Vector,
  row: Vector,
  column: Vector,
  [betweenRows, betweenColumns]: readonly [number, number],
  step: Vector,
): Affine {
  const signs = [-1, -1, 1];
  const rows = signs.map((sign, axis) =>
    [row[axis]! * betweenColumns, column[axis]! * betweenRows, step[axis]!, origin[axis]!].map(
      (value) => sign * value + 0, // + 0: no negative zero
    ),
  );
  return [...rows.flat(), 0, 0, 0, 1];
}

function difference(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scaled(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}
