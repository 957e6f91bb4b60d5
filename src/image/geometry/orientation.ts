/**
 * One orientation inside: the axes of a volume are turned and flipped until x runs to the right, y to the front and z
 * up (RAS), as closely as whole axes allow. That moves values and changes none, so the way back is exact; the affine is
 * moved along, so every voxel stays at its place in the patient. Oblique volumes stay oblique.
 */
import { invariant } from '../../core/errors.js';
import type { Affine, StoredArray, Volume } from '../volume.js';
import { apply, column, multiply, type Vector } from './affine.js';

/** How to turn a volume: its new axis [z, y, x] number `a` is its old axis `axes[a]`, backwards where `flips[a]`. */
export interface Turn {
  readonly axes: readonly [number, number, number];
  readonly flips: readonly [boolean, boolean, boolean];
}

/** A grid in the patient: extents [z, y, x] and what places its voxels. */
export interface Grid {
  readonly shape: readonly [number, number, number];
  readonly affine: Affine;
}

type Shape = Grid['shape'];

const LETTERS = [
  ['L', 'R'],
  ['P', 'A'],
  ['I', 'S'],
] as const;

/** All orders of three axes. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/**
 * Where x, y and z of a volume run to, each a letter: right or left, anterior or posterior, superior or inferior.
 * @example orientationName(volume.affine); // 'LPS'
 */
export function orientationName(affine: Affine): string {
  return closestAxes(affine)
    .map(({ world, sign }) => LETTERS[world]![sign < 0 ? 0 : 1])
    .join('');
}

/** The turn that brings a volume with this affine to RAS. */
export function turnToCanonical(affine: Affine): Turn {
  const closest = closestAxes(affine);
  // New axis a = 0, 1, 2 is z, y, x: the world's axis 2 − a. Old axis number 2 − index is the file's axis `index`.
  const found = [2, 1, 0].map((world) => closest.findIndex((axis) => axis.world === world));
  return {
    axes: found.map((index) => 2 - index) as unknown as Turn['axes'],
    flips: found.map((index) => closest[index]!.sign < 0) as unknown as Turn['flips'],
  };
}

/** The turn back: turning by one and then by the other changes nothing. */
export function inverseTurn({ axes, flips }: Turn): Turn {
  const back = [0, 1, 2].map((axis) => axes.indexOf(axis));
  return {
    axes: back as unknown as Turn['axes'],
    flips: back.map((axis) => flips[axis]!) as unknown as Turn['flips'],
  };
}

/** The grid after a turn: every voxel keeps its place in the patient. */
export function turnGrid({ shape, affine }: Grid, { axes, flips }: Turn): Grid {
  const turned = axes.map((axis) => shape[axis]!) as unknown as Shape;
  // New voxel (x, y, z, 1) to old voxel. Axis number a of [z, y, x] is coordinate 2 − a.
  const toOld = new Array<number>(16).fill(0);
  toOld[15] = 1;
  axes.forEach((axis, index) => {
    toOld[4 * (2 - axis) + (2 - index)] = flips[index] ? -1 : 1;
    toOld[4 * (2 - axis) + 3] = flips[index] ? shape[axis]! - 1 : 0;
  });
  return { shape: turned, affine: multiply(affine, toOld) };
}

/**
 * The values after a turn, in an array of their own.
 * @param data [...components, z, y, x], the components (if any) slowest
 */
export function turnData<T extends StoredArray>(data: T, shape: Shape, { axes, flips }: Turn): T {
  const size = shape[0] * shape[1] * shape[2];
  invariant(data.length % size === 0, `${data.length} values are no multiple of ${shape.join(' × ')} voxels`);
  const strides = [shape[1] * shape[2], shape[2], 1];
  const [depth, height, width] = axes.map((axis) => shape[axis]!) as [number, number, number];
  const [dz, dy, dx] = axes.map((axis, index) => (flips[index] ? -strides[axis]! : strides[axis]!)) as [
    number,
    number,
    number,
  ];
  const first = axes.reduce((sum, axis, index) => sum + (flips[index] ? (shape[axis]! - 1) * strides[axis]! : 0), 0);
  const turned = new (data.constructor as new (length: number) => T)(data.length);
  let target = 0;
  for (let start = first; start < data.length; start += size) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        let from = start + z * dz + y * dy;
        for (let x = 0; x < width; x++, from += dx) turned[target++] = data[from]!;
      }
    }
  }
  return turned;
}

/**
 * The volume with its axes turned to RAS; the same volume where they are so already.
 * @example
 * const inside = toCanonical(volume);
 * const labels = segment(inside); // [z, y, x] of `inside`
 * const result = turnData(labels, inside.shape, inverseTurn(turnToCanonical(volume.affine))); // of `volume`
 */
export function toCanonical(volume: Volume): Volume {
  const turn = turnToCanonical(volume.affine);
  if (turn.axes.every((axis, index) => axis === index) && !turn.flips.includes(true)) return volume;
  return { ...volume, ...turnGrid(volume, turn), data: turnData(volume.data, volume.shape, turn) };
}

/** The grid of `toCanonical` of a volume on this grid. */
export function canonicalGrid(grid: Grid): Grid {
  return turnGrid(grid, turnToCanonical(grid.affine));
}

/**
 * Values on the canonical grid of a volume, back on the volume's own grid.
 * @param data [...components, z, y, x] with the shape of `toCanonical(source)`
 */
export function fromCanonical<T extends StoredArray>(data: T, source: Grid): T {
  const turn = turnToCanonical(source.affine);
  return turnData(data, turnGrid(source, turn).shape, inverseTurn(turn));
}

/** Whether two grids have the same extents and no corner lies further apart than a hundredth of the shortest edge. */
export function sameGrid(one: Grid, other: Grid): boolean {
  if (one.shape.some((extent, axis) => extent !== other.shape[axis])) return false;
  const edge = Math.min(...[0, 1, 2].map((axis) => Math.hypot(...column(one.affine, axis))));
  return [0, 1, 2, 3, 4, 5, 6, 7].every((corner) => {
    const voxel = [2, 1, 0].map((axis, bit) => ((corner >> bit) & 1) * (one.shape[axis]! - 1)) as unknown as Vector;
    const [here, there] = [apply(one.affine, voxel), apply(other.affine, voxel)];
    return Math.hypot(here[0] - there[0], here[1] - there[1], here[2] - there[2]) <= edge / 100;
  });
}

/** For x, y and z of the volume the world's axis (0 right, 1 anterior, 2 superior) that is closest, all different. */
function closestAxes(affine: Affine): { world: number; sign: number }[] {
  const unit = [0, 1, 2].map((axis) => {
    const step = column(affine, axis);
    const length = Math.hypot(...step);
    return step.map((value) => value / length);
  });
  // A tie is broken by the first order, so that equal affines are turned equally; a hair's breadth is no difference.
  let best: readonly number[] = ORDERS[0];
  let most = -1;
  for (const order of ORDERS) {
    const sum = order.reduce<number>((total, world, axis) => total + Math.abs(unit[axis]![world]!), 0);
    if (sum > most + 1e-9) [best, most] = [order, sum];
  }
  return best.map((world, axis) => ({ world, sign: unit[axis]![world]! }));
}
