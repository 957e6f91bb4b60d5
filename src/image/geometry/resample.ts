/**
 * A volume on another grid: each new voxel takes its value from the place in the patient where it lies. Images are
 * interpolated linearly, labels take the nearest voxel. A voxel outside of the source takes the border's value, up to
 * half a voxel beyond the outer centres and further. On any grid, fine detail that is made coarse is sampled and not
 * averaged; on a grid whose axes run alike (another spacing) it can be averaged (`resampleAligned`).
 */
import { InputError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { VOXEL_LIMIT } from '../formats/voxel-layout.js';
import { type StoredArray, spacingOf, type Volume } from '../volume.js';
import { column, fromColumns, invert, multiply, type Vector } from './affine.js';
import type { Grid } from './orientation.js';
import { reduceAxis } from './reduce.js';
import { type ResizeOptions, sampleLinear } from './resize.js';

/** `linear` for images, `nearest` for labels. */
export type Sampling = 'linear' | 'nearest';

/**
 * The grid with another spacing: the same directions and the same middle. Extents are rounded to whole voxels, so that
 * the volume covers the old one to within half a new voxel on each side.
 * @param spacing edges of a voxel along [z, y, x], in mm
 * @throws InputError ('image') when the spacing is not positive, or there would be more than 2³⁰ voxels
 */
export function gridWithSpacing(source: Grid, spacing: readonly [number, number, number]): Grid {
  const before = spacingOf(source);
  const shape = before.map((edge, axis) => Math.max(1, Math.round((source.shape[axis]! * edge) / spacing[axis]!)));
  const voxels = shape.reduce((product, extent) => product * extent, 1);
  if (!spacing.every((edge) => edge > 0 && Number.isFinite(edge)) || !(voxels <= VOXEL_LIMIT)) {
    throw new InputError(
      'image',
      `expected a spacing above 0 mm that gives at most ${VOXEL_LIMIT} voxels, found ${spacing.join(' × ')} mm for ${source.shape.join(' × ')} voxels of ${before.join(' × ')} mm`,
      'Choose a larger spacing.',
    );
  }
  const scale = spacing.map((edge, axis) => edge / before[axis]!);
  const steps = [0, 1, 2].map((index) => column(source.affine, index).map((value) => value * scale[2 - index]!));
  // The middle of the grid, in voxels, lies at (extent − 1) / 2 in the old one and in the new one.
  const origin = [0, 1, 2].map((row) => {
    let place = source.affine[4 * row + 3]!;
    for (let index = 0; index < 3; index++) {
      const axis = 2 - index;
      place += (column(source.affine, index)[row]! * (source.shape[axis]! - 1)) / 2;
      place -= (steps[index]![row]! * (shape[axis]! - 1)) / 2;
    }
    return place;
  });
  const [x, y, z] = steps as unknown as [Vector, Vector, Vector];
  return { shape: shape as unknown as Grid['shape'], affine: fromColumns(x, y, z, origin as unknown as Vector) };
}

/**
 * The volume on another grid. Linear sampling gives float32 stored values, nearest keeps the type; slope and intercept
 * stay.
 * @throws InputError ('image') when the spacing is not positive or too fine
 * @example const even = resampleToSpacing(volume, [1, 1, 1]); // 1 mm voxels
 */
export function resampleToSpacing(
  volume: Volume,
  spacing: readonly [number, number, number],
  sampling: Sampling = 'linear',
): Volume {
  return resample(volume, gridWithSpacing(volume, spacing), sampling);
}

/** The volume on any grid, such as that of another volume, or of the file that it came from. */
export function resample(volume: Volume, target: Grid, sampling: Sampling = 'linear'): Volume {
  const data = resampleData(volume.data, volume, target, sampling);
  return { ...volume, data, shape: target.shape, affine: target.affine };
}

/**
 * @param data [...components, z, y, x] on the grid `source`
 * @returns [...components, z, y, x] on the grid `target`: float32 for linear sampling, else of the same type
 */
export function resampleData(data: StoredArray, source: Grid, target: Grid, sampling: 'linear'): Float32Array;
export function resampleData<T extends StoredArray>(data: T, source: Grid, target: Grid, sampling: 'nearest'): T;
export function resampleData(data: StoredArray, source: Grid, target: Grid, sampling: Sampling): StoredArray;
export function resampleData(data: StoredArray, source: Grid, target: Grid, sampling: Sampling): StoredArray {
  const toSource = multiply(invert(source.affine), target.affine);
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  const components = data.length / size;
  const [depth, height, width] = target.shape;
  const length = components * depth * height * width;
  const result =
    sampling === 'linear' ? new Float32Array(length) : new (data.constructor as typeof Float32Array)(length);
  const read = sampling === 'linear' ? readLinear : readNearest;
  const [stepX, stepY, stepZ] = [toSource[0]!, toSource[4]!, toSource[8]!];
  for (let component = 0, index = 0; component < components; component++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const place = (row: number) => snap(toSource[row + 1]! * y + toSource[row + 2]! * z + toSource[row + 3]!);
        const [x0, y0, z0] = [place(0), place(4), place(8)];
        for (let x = 0; x < width; x++) {
          result[index++] = read(data, component * size, source.shape, x0 + stepX * x, y0 + stepY * x, z0 + stepZ * x);
        }
      }
    }
  }
  return result;
}

/**
 * Values on a grid whose axes run as those of `source`, such as one of `gridWithSpacing`.
 * @param data [C, z, y, x] on the grid `source`
 * @param antialias whether an axis whose voxels become longer is averaged (`reduce.ts`) and not only interpolated
 * @returns [C, z, y, x] on the grid `target`
 */
export function resampleAligned(data: Tensor, source: Grid, target: Grid, { antialias }: ResizeOptions): Tensor {
  const toSource = multiply(invert(source.affine), target.affine);
  const scales = [10, 5, 0].map((at) => toSource[at]!);
  if (!antialias || scales.every((scale) => scale <= 1 + 1e-9)) {
    return tensor([data.shape[0]!, ...target.shape], resampleData(data.data, source, target, 'linear'));
  }
  const places = placesAlongAxes(source, target);
  return scales.reduce<Tensor>((result, scale, axis) => {
    if (scale <= 1 + 1e-9) {
      const along = places.map((place, at) => (at === axis ? place : null));
      return sampleLinear(result, along);
    }
    const first = toSource[4 * (2 - axis) + 3]!;
    const centres = Float64Array.from({ length: target.shape[axis]! }, (_, index) => snap(scale * index + first));
    return reduceAxis(result, axis + 1, centres, scale);
  }, data);
}

/**
 * Where the planes, rows and columns of `target` lie among those of `source`, for grids whose axes run alike; on the
 * border where outside.
 */
export function placesAlongAxes(source: Grid, target: Grid): Float64Array[] {
  const toSource = multiply(invert(source.affine), target.affine);
  return [0, 1, 2].map((axis) => {
    const row = 2 - axis;
    const [step, first] = [toSource[5 * row]!, toSource[4 * row + 3]!];
    return Float64Array.from({ length: target.shape[axis]! }, (_, index) =>
      Math.min(Math.max(snap(step * index + first), 0), source.shape[axis]! - 1),
    );
  });
}

/**
 * A place that rounding has moved a hair off a whole voxel goes back to it, so that an equal grid gives equal values.
 */
function snap(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-9 * Math.max(1, Math.abs(whole)) ? whole : value;
}

type Read = (data: StoredArray, first: number, shape: Grid['shape'], x: number, y: number, z: number) => number;

const readNearest: Read = (data, first, shape, x, y, z) => {
  const [depth, height, width] = shape;
  // Half-way between two voxels the upper one is taken, whatever rounding has done to the half.
  const near = (value: number, extent: number) => Math.min(Math.max(Math.floor(value + 0.5 + 1e-9), 0), extent - 1);
  return data[first + (near(z, depth) * height + near(y, height)) * width + near(x, width)]!;
};

const readLinear: Read = (data, first, shape, x, y, z) => {
  const [depth, height, width] = shape;
  const px = Math.min(Math.max(x, 0), width - 1);
  const py = Math.min(Math.max(y, 0), height - 1);
  const pz = Math.min(Math.max(z, 0), depth - 1);
  const ix = Math.floor(px);
  const iy = Math.floor(py);
  const iz = Math.floor(pz);
  const fx = px - ix;
  const fy = py - iy;
  const fz = pz - iz;
  const at = first + (iz * height + iy) * width + ix;
  // No step where there is no share: the neighbour may not exist, or may be NaN.
  const dx = fx > 0 ? 1 : 0;
  const dy = fy > 0 ? width : 0;
  const dz = fz > 0 ? width * height : 0;
  const near = mix(mix(data[at]!, data[at + dx]!, fx), mix(data[at + dy]!, data[at + dy + dx]!, fx), fy);
  if (dz === 0) return near;
  const far = at + dz;
  return mix(near, mix(mix(data[far]!, data[far + dx]!, fx), mix(data[far + dy]!, data[far + dy + dx]!, fx), fy), fz);
};

function mix(from: number, to: number, share: number): number {
  return from + share * (to - from);
}
