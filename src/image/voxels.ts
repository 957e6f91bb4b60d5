/**
 * From bytes to stored values: how many there must be, which of several volumes is meant, byte order, 64-bit integers.
 * Memory is taken only after the byte count that the header declares has been held against what the file can contain,
 * and a file with fewer bytes is refused: no voxel is made up.
 */
import { InputError } from '../core/errors.js';
import type { ByteReader } from './byte-reader.js';
import { truncatedImage } from './formats/truncated.js';
import {
  ARRAYS,
  checkExtents,
  checkSize,
  chooseFrame,
  HOST_LITTLE,
  type StoredType,
  VOXEL_LIMIT,
  type VolumeReadOptions,
  type VoxelLayout,
  WIDTHS,
} from './formats/voxel-layout.js';
import { narrow } from './narrow.js';
import type { StoredArray } from './volume.js';

/** More bytes behind the voxels than these are not looked at. */
const TRAILING = 2 ** 24;
/** How much of a file with several values for each voxel is held at once, in bytes. */
const PIECE = 2 ** 19;

/**
 * Reads the chosen volume of a file whose reader stands at the first voxel.
 * @returns the stored values, x fastest, and what had to be assumed
 * @throws InputError ('image') when extents are no positive whole numbers, several volumes are there and none is
 * chosen, or 64-bit integers do not fit a double; ('memory') when the volume is larger than the limit
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
  checkSize(path, layout, voxelLimit);

  const buffer = allocate(path, bytes);
  const target = new Uint8Array(buffer);
  const before = Math.floor(chosen / components) * bytes * components;
  let seen = await reader.skip(before);
  const part = { voxels, components, component: chosen % components, width: WIDTHS[type] };
  seen += components === 1 ? await reader.read(target) : await gather(reader, target, part);
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

function cutShort(path: string, declared: number, found: string): InputError {
  return truncatedImage(path, `${declared} bytes of voxels, as its header says`, `${found}`);
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
  const piece = new Uint8Array(stride * Math.min(voxels, Math.max(1, Math.floor(PIECE / stride))));
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

function swap(buffer: ArrayBuffer, width: number): void {
  const bytes = new Uint8Array(buffer);
  for (let first = 0; first < bytes.length; first += width) {
    for (let low = first, high = first + width - 1; low < high; low++, high--) {
      const value = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = value;
    }
  }
}

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
