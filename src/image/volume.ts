/**
 * A decoded volume: the stored values as the file keeps them, what turns them into real values, and where each voxel
 * lies in the patient. Axes are [z, y, x]: x runs fastest, as in every file format of medicine, so nothing is
 * transposed on the way in.
 */

export type StoredArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** A 4 × 4 matrix, row by row. */
export type Affine = readonly number[];

export interface Volume {
  /** [z, y, x], in voxels. */
  readonly shape: readonly [number, number, number];
  /** The stored values, x fastest. The real value is `stored · slope + intercept`. */
  readonly data: StoredArray;
  readonly slope: number;
  readonly intercept: number;
  /** Takes (x, y, z, 1), in voxels, to millimetres in the patient: right, anterior, superior (RAS). */
  readonly affine: Affine;
  /** What the file says of the values: CT in Hounsfield units, or anything else. */
  readonly modality: 'CT' | 'other';
  /** Where the volume came from, for messages. */
  readonly source: string;
  /** What the reader had to assume or repair, a sentence each. */
  readonly warnings: readonly string[];
}

/** Lengths of the voxel's edges along [z, y, x], in millimetres. */
export function spacingOf({ affine }: { readonly affine: Affine }): [number, number, number] {
  const edge = (column: number) => Math.hypot(affine[column]!, affine[4 + column]!, affine[8 + column]!);
  return [edge(2), edge(1), edge(0)];
}
