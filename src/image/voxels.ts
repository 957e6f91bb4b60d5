/**
 * From bytes to stored values: how many there must be, which of several volumes is meant, byte order, 64-bit integers.
 * Memory is taken only after the byte count that the header declares has been held against what the file can contain, and
 * a file with fewer bytes is refused: no voxel is made up.
 */
import { InputError } from '../core/errors.js';
import { type ByteReader, readExactly } from './bytes.js';
import { truncatedImage } from './truncated.js';
import type { StoredArray } from './volume.js';

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

/** More bytes behind the voxels than these are not looked at. */
const TRAILING = 2 ** 24;
const PIECE_VOXELS = 2 ** 16;

/**
 * Reads the chosen volume of a file whose reader stands at the first voxel.
 * @returns the stored values, x fastest, and what had to be assumed
 * @throws InputError ('image') when extents are no positive whole numbers, several volumes are there and none is chosen,
 *   or 64-bit integers do not fit a double; ('memory') when the volume is larger than the limit
 * @throws TruncatedImageError when the file ends too early
 */
export async function readVoxels(
  reader: ByteReader,
  layout: VoxelLayout,
  { frame, voxelLimit = VOXEL_LIMIT }: VolumeReadOptions,
): Promise<{ data: StoredArray; warnings: string[] }> {
  const { path } = reader;
  checkExtents(path, layout);
  const chosen = chooseFrame(path, layout, frame);
  const { size, components, frames, type } = layout;
  const voxels = size[0] * size[1] * size[2];
  const bytes = voxels * WIDTHS[type];
  const declared = bytes * components * frames;
  if (declared > reader.most) throw cutShort(path, declared, `at most ${reader.most}`);
  if (voxels > voxelLimit) throw tooLarge(path, size, voxelLimit);

  const buffer = allocate(path, bytes);
  const target = new Uint8Array(buffer);
  const before = Math.floor(chosen / components) * bytes * components;
  let seen = await reader.skip(before);
  if (components === 1) seen += await reader.read(target);
  else
    seen += await gather(reader, target, { voxels, components, component: chosen % components, width: WIDTHS[type] });
  seen += await reader.skip(declared - before - bytes * components);
  if (seen < declared) throw cutShort(path, declared, `${seen}`);
  const trailing = await reader.skip(TRAILING + 1);
  const warnings: string[] = [];
  if (trailing > 0) {
    const count = trailing > TRAILING ? `more than ${TRAILING}` : trailing;
    warnings.push(`${count} bytes behind the voxels are ignored`);
  }
  if (layout.littleEndian !== HOST_LITTLE) swap(buffer, WIDTHS[type]);
  return { data: toArray(path, buffer, type, warnings), warnings };
}

/** The values of a text, as many as the layout declares. */
export async function readTextVoxels(
  reader: ByteReader,
  layout: VoxelLayout,
  { frame, voxelLimit = VOXEL_LIMIT }: VolumeReadOptions,
): Promise<{ data: StoredArray; warnings: string[] }> {
  const { path } = reader;
  checkExtents(path, layout);
  const chosen = chooseFrame(path, layout, frame);
  const { size, components, type } = layout;
  const voxels = size[0] * size[1] * size[2];
  const declared = voxels * components * layout.frames;
  // A number and what parts it from the next take two bytes.
  if (declared > (reader.most + 1) / 2)
    throw truncatedImage(path, `${declared} numbers`, `${reader.most} bytes of text`);
  if (voxels > voxelLimit) throw tooLarge(path, size, voxelLimit);
  const text = new Uint8Array(reader.most);
  await readExactly(reader, text, 'text');
  const numbers = new TextDecoder('latin1').decode(text).match(/[^\s,]+/g) ?? [];
  if (numbers.length < declared) throw truncatedImage(path, `${declared} numbers`, `${numbers.length}`);
  const data = new ARRAYS[type === 'int64' || type === 'uint64' ? 'float64' : type](voxels);
  const start = Math.floor(chosen / components) * voxels * components + (chosen % components);
  const float = type === 'float32' || type === 'float64';
  for (let index = 0; index < voxels; index++) {
    const word = numbers[start + index * components]!;
    const value = Number(word);
    data[index] = value;
    const fits = float
      ? !Number.isNaN(value) || /^[+-]?nan$/i.test(word)
      : Number.isSafeInteger(value) && data[index] === value;
    if (!fits) {
      throw new InputError('image', `${path}: expected numbers of the type ${type}, found '${word.slice(0, 40)}'`);
    }
  }
  const more = numbers.length - declared;
  return { data, warnings: more > 0 ? [`${more} numbers behind the voxels are ignored`] : [] };
}

function checkExtents(path: string, { size, components, frames }: VoxelLayout): void {
  const extents = [...size, components, frames];
  if (extents.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) return;
  throw new InputError(
    'image',
    `${path}: expected extents of at least one voxel, found ${extents.slice(0, 3).join(' × ')}, ${components} components, ${frames} frames`,
    'The header is damaged: write the file again.',
  );
}

function chooseFrame(path: string, { size, components, frames }: VoxelLayout, frame: number | undefined): number {
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
    count > 1 ? `Choose one with the option frame, from 0 to ${count - 1}.` : 'Leave the option frame out.',
  );
}

function cutShort(path: string, declared: number, found: string): InputError {
  return truncatedImage(path, `${declared} bytes of voxels, as its header says`, `${found}`);
}

function tooLarge(path: string, size: readonly number[], limit: number): InputError {
  return new InputError(
    'memory',
    `${path}: expected at most ${limit} voxels, found ${size.join(' × ')}`,
    'Cut the volume, or reduce its resolution, before it is read.',
  );
}

function allocate(path: string, bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new InputError(
      'memory',
      `${path}: expected ${bytes} bytes of memory for its voxels, found less`,
      'Free some memory, or reduce the resolution of the volume.',
      { cause },
    );
  }
}

/** Takes one component of every voxel. Returns how many bytes of the file were there. */
async function gather(
  reader: ByteReader,
  target: Uint8Array,
  { voxels, components, component, width }: { voxels: number; components: number; component: number; width: number },
): Promise<number> {
  const stride = components * width;
  const piece = new Uint8Array(stride * Math.min(voxels, Math.max(1, Math.floor((PIECE_VOXELS * 8) / stride))));
  let seen = 0;
  for (let voxel = 0; voxel < voxels; ) {
    const count = Math.min(piece.length / stride, voxels - voxel);
    const read = await reader.read(piece.subarray(0, count * stride));
    seen += read;
    if (read < count * stride) return seen;
    for (let index = 0; index < count; index++) {
      const from = index * stride + component * width;
      for (let byte = 0; byte < width; byte++) target[(voxel + index) * width + byte] = piece[from + byte]!;
    }
    voxel += count;
  }
  return seen;
}

const HOST_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function swap(buffer: ArrayBuffer, width: number): void {
  const bytes = Buffer.from(buffer);
  if (width === 2) bytes.swap16();
  if (width === 4) bytes.swap32();
  if (width === 8) bytes.swap64();
}

const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

function toArray(path: string, buffer: ArrayBuffer, type: StoredType, warnings: string[]): StoredArray {
  if (type !== 'int64' && type !== 'uint64') return new ARRAYS[type](buffer);
  const narrowed = narrow(buffer, type === 'int64');
  if (narrowed) {
    const name = type === 'int64' ? 'int32' : 'uint32';
    warnings.push(
      `64-bit integers are kept as ${narrowed instanceof Float64Array ? 'float64' : name}, all of them exactly`,
    );
    return narrowed;
  }
  throw new InputError(
    'image',
    `${path}: expected integers below 2^53, found larger ${type} values`,
    'Store the volume with 32-bit integers or as floating point.',
  );
}

/** 64-bit integers as 32-bit ones where all fit, else as doubles where all are exact. */
function narrow(buffer: ArrayBuffer, signed: boolean): StoredArray | undefined {
  const words = new Uint32Array(buffer);
  const count = words.length / 2;
  const [low, high] = HOST_LITTLE ? [0, 1] : [1, 0];
  const upper = (index: number) => (signed ? words[2 * index + high]! | 0 : words[2 * index + high]!);
  let small = true;
  for (let index = 0; index < count; index++) {
    const top = upper(index);
    if (top !== (signed ? words[2 * index + low]! >> 31 : 0)) small = false;
    if (top > 0x1fffff || top < -0x200000) return undefined;
  }
  if (small) {
    const data = signed ? new Int32Array(count) : new Uint32Array(count);
    for (let index = 0; index < count; index++) data[index] = words[2 * index + low]!;
    return data;
  }
  const data = new Float64Array(buffer);
  for (let index = 0; index < count; index++) data[index] = upper(index) * 2 ** 32 + words[2 * index + low]!;
  return data;
}
