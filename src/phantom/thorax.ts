/**
 * A chest CT phantom: a schematic volume drawn from solids, for tests, demonstrations and a first run without data.
 * Values are in Hounsfield units: air, lung, fat, soft tissue, blood and bone have theirs. It has the topology of a
 * chest and not its physics: don't train a model for patients on it.
 */
import { InputError } from '../core/errors.js';
import { type Random, randomStream } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import type { Grid } from '../image/index.js';
import { capsule, ellipsoid, type Point3, rib, type Solid, trunk, without } from './solids.js';

/** The classes of `labels`; where two organs overlap the later class wins. */
export const thoraxClasses = ['background', 'right lung', 'left lung', 'heart', 'spine', 'ribs'] as const;

/** What the grid covers along [z, y, x], in mm. */
const FIELD_OF_VIEW = [360, 300, 400] as const;

const HOUNSFIELD = {
  air: -1000,
  lung: -830,
  fat: -95,
  muscle: 50,
  blood: 120,
  vessel: 30,
  marrow: 250,
  bone: 650,
} as const;

export interface ThoraxOptions {
  /** Voxels along [z, y, x], each at least 16. */
  readonly size: readonly [number, number, number];
  readonly seed: number | string;
  /** Each subject has its own anatomy, vessels and noise. */
  readonly subject: number | string;
}

export interface ThoraxPhantom extends Grid {
  /** [z, y, x] in RAS, in Hounsfield units. */
  readonly data: Int16Array;
  /** [z, y, x], indices into {@link thoraxClasses}. */
  readonly labels: Uint8Array;
}

/**
 * Draws the chest of one subject. The same options give the same bytes.
 * @throws InputError ('shape') for a size below 16 voxels
 * @example thoraxPhantom({ size: [96, 80, 112], seed: 0, subject: 1 }).labels
 */
export function thoraxPhantom({ size, seed, subject }: ThoraxOptions): ThoraxPhantom {
  if (size.length !== 3 || !size.every((extent) => Number.isInteger(extent) && extent >= 16)) {
    throw new InputError(
      'shape',
      `expected a phantom of [z, y, x] in whole voxels of at least 16, found [${size.join(', ')}]`,
      'For example [48, 48, 48].',
    );
  }
  const canvas = new Canvas(size);
  drawTrunk(canvas, randomStream(seed, subject, 'anatomy'), randomStream(seed, subject, 'vessels'));
  return { ...canvas.grid, data: canvas.finish(randomStream(seed, subject, 'noise')), labels: canvas.labels };
}

function drawTrunk(canvas: Canvas, random: Random, branching: Random): void {
  const between = (low: number, high: number) => random.uniform(low, high);
  const width: readonly [number, number] = [between(150, 178), between(100, 122)];
  const shoulder = between(70, 110);
  const inner = (share: number) => [width[0] * share, width[1] * share] as const;
  canvas.paint(trunk(width, shoulder, 2e-5, 200), HOUNSFIELD.fat);
  const layer = between(0.86, 0.93);
  canvas.paint(trunk(inner(layer), shoulder, 2e-5, 200), HOUNSFIELD.muscle);

  const [apex, base] = [between(130, 150), between(-120, -95)];
  const height = (apex - base) / 2;
  const lungWidth = between(54, 64);
  const dome = between(70, 95);
  const heartSize = between(0.88, 1.15);
  const heart = ellipsoid(
    [-between(18, 30), between(8, 24), base + between(48, 62)],
    [58 * heartSize, 46 * heartSize, 48 * heartSize],
    between(0.3, 0.7),
  );
  for (const [label, side] of [
    [1, 1],
    [2, -1],
  ] as const) {
    const centre: Point3 = [side * between(66, 74), between(-12, 2), base + height];
    const liver = ellipsoid(
      [side * 75, 0, base - dome + (side > 0 ? between(38, 56) : between(26, 44))],
      [84, 96, dome],
    );
    const lung = without(ellipsoid(centre, [lungWidth, layer * width[1] * 0.86, height]), liver);
    canvas.paint(lung, HOUNSFIELD.lung, label);
    vessels(canvas, lung, [side * 26, -4, base + height * 1.05], side, branching);
  }
  canvas.paint(heart, HOUNSFIELD.blood, 3);
  const arch = base + between(165, 185);
  canvas.paint(capsule([-18, -48, -200], [-16, -40, arch], between(10, 14)), HOUNSFIELD.blood);
  canvas.paint(capsule([-16, -40, arch], [6, 8, arch - 14], between(11, 14)), HOUNSFIELD.blood);
  canvas.paint(capsule([2, -8, arch + 4], [0, -4, 200], between(7, 9)), HOUNSFIELD.air);

  const back = -0.66 * width[1];
  const bend = between(-14, 14);
  for (let z = -190; z < 190; z += 27) {
    const x = bend * Math.sin(z / 130);
    canvas.paint(capsule([x, back, z - 8], [x, back, z + 8], 16), HOUNSFIELD.marrow, 4);
    canvas.paint(capsule([x, back - 18, z], [x, back - 34, z - 10], 5), HOUNSFIELD.bone, 4);
  }
  const [spacing, fall, thick] = [between(26, 31), between(0.32, 0.5), between(4.2, 5.6)];
  const cage = [width[0] * layer * 0.9, width[1] * layer * 0.92] as const;
  for (let z = base + 20; z < apex + 40; z += spacing) {
    const share = Math.min(1, 0.62 + (apex + 55 - z) / 260);
    canvas.paint(rib(z + 45, [cage[0] * share, cage[1] * share], fall, thick), HOUNSFIELD.bone, 5);
  }
  canvas.paint(capsule([0, cage[1] * 0.92, -20], [0, cage[1] * 0.8, 95], 9), HOUNSFIELD.marrow);
}

/** Branching tubes from the root of a lung, drawn where the lung is. */
function vessels(canvas: Canvas, lung: Solid, root: Point3, side: number, random: Random): void {
  const grow = (from: Point3, direction: Point3, length: number, radius: number) => {
    const to = from.map((value, axis) => value + direction[axis]! * length) as unknown as Point3;
    const tube = capsule(from, to, radius);
    const inside: Solid = {
      bounds: tube.bounds,
      distance: (x, y, z) => Math.max(tube.distance(x, y, z), lung.distance(x, y, z)),
    };
    canvas.paint(inside, HOUNSFIELD.vessel);
    if (radius < 1.6) return;
    for (const turn of [-1, 1]) {
      const next = direction.map((value) => value + 0.55 * turn * random.uniform(-1, 1)) as unknown as Point3;
      const norm = Math.hypot(...next);
      grow(to, next.map((value) => value / norm) as unknown as Point3, length * 0.8, radius * 0.74);
    }
  };
  for (const up of [-0.9, -0.3, 0.35, 0.9]) {
    const direction: Point3 = [side * 0.7, random.uniform(-0.7, 0.7), up];
    const norm = Math.hypot(...direction);
    grow(root, direction.map((value) => value / norm) as unknown as Point3, 42, 6);
  }
}

/** The volume while it is drawn, with its grid: RAS, the middle at 0. */
class Canvas {
  readonly grid: Grid;
  readonly labels: Uint8Array;
  readonly #values: Float32Array;
  /** Along x, y and z, in mm. */
  readonly #step: Point3;
  readonly #origin: Point3;

  constructor(size: readonly [number, number, number]) {
    const extents = [size[2], size[1], size[0]] as const;
    const view = [FIELD_OF_VIEW[2], FIELD_OF_VIEW[1], FIELD_OF_VIEW[0]] as const;
    this.#step = extents.map((extent, axis) => view[axis]! / extent) as unknown as Point3;
    this.#origin = extents.map((extent, axis) => (-this.#step[axis]! * (extent - 1)) / 2) as unknown as Point3;
    const [x, y, z] = this.#step;
    const [ox, oy, oz] = this.#origin;
    this.grid = { shape: size, affine: [x, 0, 0, ox, 0, y, 0, oy, 0, 0, z, oz, 0, 0, 0, 1] };
    this.#values = new Float32Array(sizeOf(size)).fill(HOUNSFIELD.air);
    this.labels = new Uint8Array(sizeOf(size));
  }

  /** Mixes a value in where the solid is; a voxel on the surface takes a share of it. */
  paint({ bounds, distance }: Solid, value: number, label?: number): void {
    const [depth, height, width] = this.grid.shape;
    const range = (axis: number, extent: number): [number, number] => {
      const at = (place: number) => (place - this.#origin[axis]!) / this.#step[axis]!;
      return [
        Math.max(0, Math.floor(at(bounds[0][axis]!)) - 1),
        Math.min(extent - 1, Math.ceil(at(bounds[1][axis]!)) + 1),
      ];
    };
    const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, width), range(1, height), range(2, depth)];
    const edge = Math.max(...this.#step);
    const place = (axis: number, index: number) => this.#origin[axis]! + index * this.#step[axis]!;
    for (let z = z0; z <= z1; z++) {
      for (let y = y0; y <= y1; y++) {
        for (let x = x0; x <= x1; x++) {
          const share = Math.min(1, 0.5 - distance(place(0, x), place(1, y), place(2, z)) / edge);
          if (!(share > 0)) continue;
          const index = (z * height + y) * width + x;
          this.#values[index]! += share * (value - this.#values[index]!);
          if (label !== undefined && share > 0.5) this.labels[index] = label;
        }
      }
    }
  }

  /** Whole Hounsfield units, with the noise of a scanner. */
  finish(random: Random): Int16Array {
    return Int16Array.from(this.#values, (value) => Math.max(-1024, Math.round(value + random.normal(0, 18))));
  }
}
