/**
 * The bytes of NIfTI-1 files: volumes, label maps, colours, vectors and displacement fields.
 *
 * Displacement fields follow ITK and ANTs: five axes (x, y, z, 1, 3), intent 1007 (vector), millimetres in LPS,
 * although the file's own matrix is RAS. ITK passes vectors of this intent through unchanged; those of intent 1006 it
 * would flip (`itkNiftiImageIO.h`: `ConvertRASVectors` is off, `ConvertRASDisplacementVectors` is on).
 */
import { InputError, invariant } from '../../../core/errors.js';
import { column, determinant, type Vector } from '../../geometry/affine.js';
import type { Grid } from '../../geometry/orientation.js';
import type { StoredArray } from '../../volume.js';

const HEADER_BYTES = 352;
const INTENT = { none: 0, label: 1002, vector: 1007 } as const;
const TYPES = {
  Uint8Array: 2,
  Int16Array: 4,
  Int32Array: 8,
  Float32Array: 16,
  Float64Array: 64,
  Int8Array: 256,
  Uint16Array: 512,
  Uint32Array: 768,
} as const;
export const RGB24 = 128;

/**
 * The bytes of a displacement field.
 * @param field [3, z, y, x], displacements along z, y and x in voxels of the grid
 */
export function displacementFieldBytes(field: Float32Array, grid: Grid): Uint8Array {
  const planes = fieldInMillimetres(field, grid);
  return encodeNifti('a field', grid, planes, { datatype: typeOf(planes), intent: 'vector', components: 3 });
}

/** The bytes of a map of labels. @param labels [z, y, x], 0 for the background */
export function labelBytes(labels: Uint8Array, grid: Grid): Uint8Array {
  return encodeNifti('labels', grid, labels, { datatype: typeOf(labels), intent: 'label' });
}

/**
 * A displacement field in the patient.
 * @param field [3, z, y, x], displacements along z, y and x in voxels: voxel p of `grid` is taken from p + d of
 * `moving`
 * @returns [3, z, y, x], displacements to the left, posterior and superior (LPS) in mm
 */
export function fieldInMillimetres(field: Float32Array, grid: Grid, moving: Grid = grid): Float32Array {
  const size = sizeOf(grid);
  invariant(field.length === 3 * size, `${field.length} values are no field on ${size} voxels`);
  const { affine } = moving;
  // What p itself moves by from one grid to the other.
  const apart = affine.map((value, index) => value - grid.affine[index]!);
  const [, height, width] = grid.shape;
  const result = new Float32Array(3 * size);
  for (let index = 0; index < size; index++) {
    const [dz, dy, dx] = [field[index]!, field[size + index]!, field[2 * size + index]!];
    const [z, y, x] = [Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width];
    for (let row = 0; row < 3; row++) {
      const at = 4 * row;
      const place = apart[at]! * x + apart[at + 1]! * y + apart[at + 2]! * z + apart[at + 3]!;
      const millimetres = affine[at]! * dx + affine[at + 1]! * dy + affine[at + 2]! * dz + place;
      result[row * size + index] = row < 2 ? 0 - millimetres : millimetres;
    }
  }
  return result;
}

export interface NiftiContent {
  readonly datatype: number;
  readonly slope?: number;
  readonly intercept?: number;
  readonly intent?: keyof typeof INTENT;
  readonly components?: number;
}

/** @param path for messages @throws InputError ('image') for more than 32767 voxels along an axis */
export function encodeNifti(
  path: string,
  { shape, affine }: Grid,
  data: StoredArray,
  content: NiftiContent,
): Uint8Array {
  const { datatype, slope = 1, intercept = 0, intent = 'none', components = 1 } = content;
  const [depth, height, width] = shape;
  const values = datatype === RGB24 ? 3 : components;
  invariant(
    data.length === depth * height * width * values,
    `${data.length} values do not fill ${shape.join(' × ')} voxels`,
  );
  const extents = [width, height, depth, 1, components];
  if (extents.some((extent) => extent > 32767)) {
    throw new InputError(
      'image',
      `${path}: expected at most 32767 voxels along an axis, found ${shape.join(' × ')}`,
      'Cut the volume before it is written.',
    );
  }
  const bytes = new Uint8Array(HEADER_BYTES + data.byteLength);
  const view = new DataView(bytes.buffer);
  const floats = (at: number, list: readonly number[]) => {
    list.forEach((value, index) => {
      view.setFloat32(at + 4 * index, value, true);
    });
  };
  view.setInt32(0, 348, true);
  [intent === 'vector' ? 5 : 3, ...extents, 1, 1].forEach((value, index) => {
    view.setInt16(40 + 2 * index, value, true);
  });
  view.setInt16(68, INTENT[intent], true);
  view.setInt16(70, datatype, true);
  view.setInt16(72, datatype === RGB24 ? 24 : 8 * data.BYTES_PER_ELEMENT, true);
  const edges = [0, 1, 2].map((axis) => Math.hypot(...column(affine, axis)));
  floats(76, [determinant(affine) < 0 ? -1 : 1, ...edges, 1, 1, 1, 1]);
  floats(108, [HEADER_BYTES, slope, intercept]);
  bytes[123] = 2; // millimetres
  const quaternion = quaternionOf(affine, edges);
  view.setInt16(252, quaternion ? 1 : 0, true);
  view.setInt16(254, 1, true);
  const origin = column(affine, 3);
  floats(256, [...(quaternion ?? [0, 0, 0]), ...origin]);
  floats(280, affine.slice(0, 12));
  bytes.set(new TextEncoder().encode('n+1\0'), 344);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), HEADER_BYTES);
  return bytes;
}

export function typeOf(data: StoredArray): number {
  return TYPES[data.constructor.name as keyof typeof TYPES];
}

export function sizeOf({ shape: [depth, height, width] }: Grid): number {
  return depth * height * width;
}

/**
 * b, c, d of the rotation, or undefined where the axes are not at right angles: a quaternion cannot say that. Of the
 * four ways to divide by a component the one with the largest is taken, and a is made positive.
 */
function quaternionOf(affine: readonly number[], edges: readonly number[]): [number, number, number] | undefined {
  const hand = determinant(affine) < 0 ? -1 : 1;
  const axes = [0, 1, 2].map((axis) =>
    column(affine, axis).map((value) => (value / edges[axis]!) * (axis === 2 ? hand : 1)),
  ) as unknown as [Vector, Vector, Vector];
  const [x, y, z] = axes;
  const product = (one: Vector, other: Vector) => one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
  if (Math.max(Math.abs(product(x, y)), Math.abs(product(y, z)), Math.abs(product(x, z))) > 1e-4) return undefined;
  const squares = [1 + x[0] + y[1] + z[2], 1 + x[0] - y[1] - z[2], 1 - x[0] + y[1] - z[2], 1 - x[0] - y[1] + z[2]].map(
    (square) => square / 4,
  );
  const largest = squares.indexOf(Math.max(...squares));
  const root = Math.sqrt(squares[largest]!);
  // Four times the products of two components.
  const [ab, ac, ad] = [y[2] - z[1], z[0] - x[2], x[1] - y[0]];
  const [bc, bd, cd] = [x[1] + y[0], z[0] + x[2], y[2] + z[1]];
  const products = [
    [4 * squares[0]!, ab, ac, ad],
    [ab, 4 * squares[1]!, bc, bd],
    [ac, bc, 4 * squares[2]!, cd],
    [ad, bd, cd, 4 * squares[3]!],
  ];
  const [a, b, c, d] = products[largest]!.map((value) => value / (4 * root)) as [number, number, number, number];
  return a < 0 ? [-b, -c, -d] : [b, c, d];
}
