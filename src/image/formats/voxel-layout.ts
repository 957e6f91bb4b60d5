/**
 * How the values of a volume file are laid out, and which of them are one volume: what the readers of all formats agree
 * on before a value is read.
 */
import { InputError } from '../../core/errors.js';

/** Bytes of one value of each stored type. */
export const WIDTHS = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
} as const;

export type StoredType = keyof typeof WIDTHS;

/** How the values of a file are laid out, from the fastest axis to the slowest: component, x, y, z, frame. */
export interface VoxelLayout {
  readonly type: StoredType;
  readonly littleEndian: boolean;
  /** Extents along x, y, z. */
  readonly size: readonly [number, number, number];
  /** Values of one voxel that lie side by side: the planes of a colour, the components of a vector. */
  readonly components: number;
  /** Volumes that follow each other: the times of a series. */
  readonly frames: number;
}

export interface VolumeReadOptions {
  /** Which volume to take where the file holds several, from 0: `component + components · frame`. */
  readonly frame?: number;
  /** The largest volume that is read, in voxels. */
  readonly voxelLimit?: number;
}

export const VOXEL_LIMIT = 2 ** 30;

/** The byte order of this machine. */
export const HOST_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The typed array of each stored type that has one with exact numbers. */
export const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** @throws InputError ('image') when an extent is not a whole number of at least one. */
export function checkExtents(path: string, { size, components, frames }: VoxelLayout): void {
  const extents = [...size, components, frames];
  if (extents.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) return;
  throw new InputError(
    'image',
    `${path}: expected extents of at least one voxel, found ${extents.slice(0, 3).join(' × ')}, ${components} components, ${frames} frames`,
    'The header is damaged: write the file again.',
  );
}

/**
 * The volume that is meant, from 0.
 * @throws InputError ('image') when there are several and none is chosen, or the chosen one is not there
 */
export function chooseFrame(
  path: string,
  { size, components, frames }: VoxelLayout,
  frame: number | undefined,
): number {
  const count = components * frames;
  if (frame === undefined && count === 1) return 0;
  if (frame !== undefined && Number.isSafeInteger(frame) && frame >= 0 && frame < count) return frame;
  const parts = [components > 1 ? `${components} values for each voxel` : '', frames > 1 ? `${frames} volumes` : ''];
  const found = parts.filter(Boolean).join(' and ') || 'one volume';
  throw new InputError(
    'image',
    frame === undefined
      ? `${path}: expected one volume, found ${found} of ${size.join(' × ')} voxels`
      : `${path}: expected a frame from 0 to ${count - 1}, found ${frame}`,
    count > 1
      ? `Store the one that is meant in a file of its own; readVolume takes its number as frame, from 0 to ${count - 1}.`
      : 'Leave the option frame out.',
  );
}

/** @throws InputError ('memory') when a volume has more voxels than the limit. */
export function checkSize(path: string, { size }: VoxelLayout, limit: number): void {
  if (size[0] * size[1] * size[2] <= limit) return;
  throw new InputError(
    'memory',
    `${path}: expected at most ${limit} voxels, found ${size.join(' × ')}`,
    'Cut the volume, or reduce its resolution, before it is read.',
  );
}
