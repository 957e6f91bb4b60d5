/** Small volume files, built byte by byte, for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder that is removed after the tests of a file. Returns how to save into it. */
export function temporaryFolder(): { folder: string; save: (name: string, bytes: Uint8Array | string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'cover-volume-'));
  after(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    save: (name, bytes) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    },
  };
}

export interface NiftiFields {
  readonly version?: 1 | 2;
  readonly littleEndian?: boolean;
  readonly pair?: boolean;
  /** No mark at all: Analyze. */
  readonly unmarked?: boolean;
  readonly extents?: readonly number[];
  readonly datatype?: number;
  readonly voxelOffset?: number;
  readonly slope?: number;
  readonly intercept?: number;
  readonly units?: number;
  readonly pixdim?: readonly number[];
  readonly quaternion?: readonly number[];
  readonly sform?: readonly number[];
  readonly originator?: readonly number[];
  /** The bytes of the voxels, as they are stored. */
  readonly voxels?: Uint8Array;
}

/** A header, and the voxels behind it unless they have a file of their own. */
export function niftiFile({
  version = 1,
  littleEndian = true,
  pair = false,
  unmarked = false,
  extents = [3, 2, 2],
  datatype = 4,
  slope = 1,
  intercept = 0,
  units = 2,
  pixdim = [1, 1, 1, 1],
  quaternion,
  sform,
  originator,
  voxels = stored('int16', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12], littleEndian),
  voxelOffset,
}: NiftiFields = {}): Uint8Array {
  const second = version === 2;
  const length = second ? 540 : 348;
  const offset = voxelOffset ?? (pair || unmarked ? 0 : length + 4);
  const header = new Uint8Array(pair || unmarked ? length : length + 4);
  const view = new DataView(header.buffer);
  const short = (at: number, value: number) => view.setInt16(at, value, littleEndian);
  const integer = (at: number, value: number) => view.setInt32(at, value, littleEndian);
  const long = (at: number, value: number) => view.setBigInt64(at, BigInt(value), littleEndian);
  const float = (at: number, value: number) =>
    second ? view.setFloat64(at, value, littleEndian) : view.setFloat32(at, value, littleEndian);
  const width = second ? 8 : 4;
  const floats = (at: number, list: readonly number[]) => {
    list.forEach((value, index) => {
      float(at + width * index, value);
    });
  };
  const text = (at: number, value: string) => header.set(new TextEncoder().encode(value), at);
  integer(0, length);
  [extents.length, ...extents].forEach((extent, index) => {
    if (second) long(16 + 8 * index, extent);
    else short(40 + 2 * index, extent);
  });
  short(second ? 12 : 70, datatype);
  floats(second ? 104 : 76, pixdim);
  if (second) long(168, offset);
  else float(108, offset);
  floats(second ? 176 : 112, unmarked ? [slope] : [slope, intercept]);
  if (!unmarked) {
    if (second) integer(500, units);
    else header[123] = units;
    const code = second ? integer : short;
    code(second ? 344 : 252, quaternion ? 1 : 0);
    code(second ? 348 : 254, sform ? 2 : 0);
    floats(second ? 352 : 256, quaternion ?? []);
    floats(second ? 400 : 280, sform ?? []);
    if (second) text(4, pair ? 'ni2\0\r\n\x1a\n' : 'n+2\0\r\n\x1a\n');
    else text(344, pair ? 'ni1\0' : 'n+1\0');
  }
  originator?.forEach((value, index) => {
    short(253 + 2 * index, value);
  });
  return pair || unmarked ? header : concat(header, voxels);
}

type Kind = 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'float32' | 'float64' | 'int64' | 'uint64' | 'int8';

/** Values as bytes. */
export function stored(kind: Kind, values: readonly number[], littleEndian = true): Uint8Array {
  const width = { uint8: 1, int8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, float32: 4 }[kind as 'int8'] ?? 8;
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    const at = index * width;
    if (kind === 'uint8') view.setUint8(at, value);
    else if (kind === 'int8') view.setInt8(at, value);
    else if (kind === 'int16') view.setInt16(at, value, littleEndian);
    else if (kind === 'uint16') view.setUint16(at, value, littleEndian);
    else if (kind === 'int32') view.setInt32(at, value, littleEndian);
    else if (kind === 'uint32') view.setUint32(at, value, littleEndian);
    else if (kind === 'float32') view.setFloat32(at, value, littleEndian);
    else if (kind === 'float64') view.setFloat64(at, value, littleEndian);
    else if (kind === 'int64') view.setBigInt64(at, BigInt(value), littleEndian);
    else view.setBigUint64(at, BigInt(value), littleEndian);
  });
  return bytes;
}

/** A header of text with the values behind it. */
export function textFile(lines: readonly string[], values: Uint8Array | string = ''): Uint8Array {
  const bytes = typeof values === 'string' ? new TextEncoder().encode(values) : values;
  return concat(new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')), bytes);
}

/** A MGH file with 3 × 2 × 2 voxels of 16 bits. */
export function mghFile({ frames = 1, placed = true }: { frames?: number; placed?: boolean } = {}): Uint8Array {
  const bytes = new Uint8Array(284);
  const view = new DataView(bytes.buffer);
  [1, 3, 2, 2, frames, 4].forEach((value, index) => {
    view.setInt32(4 * index, value);
  });
  view.setInt16(28, placed ? 1 : 0);
  [1, 2, 3, -1, 0, 0, 0, 0, -1, 0, 1, 0, 10, 20, 30].forEach((value, index) => {
    view.setFloat32(30 + 4 * index, value);
  });
  return concat(
    bytes,
    stored(
      'int16',
      Array.from({ length: 12 * frames }, (_, index) => index - 3),
      false,
    ),
  );
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
