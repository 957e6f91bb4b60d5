/**
 * The file that SPM99 and SPM2 write beside an Analyze pair: `NAME.mat`, in the format of MATLAB 4 or 5, with the
 * matrix that places the voxels, `mat` (counted from 1; with the flip of the first axis) or `M` (without it). What is
 * read here is a matrix of numbers by its name, nothing else; a file that cannot be read is refused, since it may place
 * the volume anew. MAT-file formats: "MAT-File Format", The MathWorks. SPM's use of them: `spm_get_space.m`.
 */
import { InputError } from '../../../core/errors.js';
import { multiply } from '../../geometry/affine.js';
import { InflateError, inflate } from '../../inflate.js';
import type { Affine } from '../../volume.js';

/** A matrix of real numbers, column by column. */
interface Matrix {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A matrix of this file is 4 × 4, perhaps for each of many volumes: more bytes than these are none of it. */
const MOST_BYTES = 2 ** 24;

/**
 * The affine that the file names.
 * @returns undefined for an empty file, which places nothing
 * @throws InputError ('image') where it cannot be read or names no matrix of 4 × 4
 */
export async function spmAffine(path: string, bytes: Uint8Array): Promise<Affine | undefined> {
  if (bytes.length === 0) return undefined;
  const refuse = (found: string, cause?: unknown) =>
    new InputError(
      'image',
      `${path}: expected a file of MATLAB 4 or 5 with the 4 × 4 matrix mat or M, found ${found}`,
      'It may place the Analyze volume beside it elsewhere. Save it again (save -v6), convert the volume to NIfTI with SPM, or take the file away.',
      { cause },
    );
  let matrices: Matrix[];
  try {
    matrices = isVersion5(bytes) ? await readVersion5(bytes) : readVersion4(bytes);
  } catch (cause) {
    if (cause instanceof MatError || cause instanceof RangeError || cause instanceof InflateError) {
      throw refuse(cause.message, cause);
    }
    throw cause;
  }
  const named = (name: string) => matrices.find((matrix) => matrix.name === name);
  const found = named('mat') ?? named('M');
  if (!found) throw refuse(`the names ${matrices.map(({ name }) => name).join(', ') || '(none)'}`);
  const [rows, columns] = found.shape;
  if (rows !== 4 || columns !== 4 || !found.values.slice(0, 16).every(Number.isFinite)) {
    throw refuse(`${found.name} of ${found.shape.join(' × ')}`);
  }
  // Of several volumes the first: an Analyze file of one is what is read.
  const byRows = Array.from({ length: 16 }, (_, at) => found.values[4 * (at % 4) + Math.floor(at / 4)]!);
  const placed = found.name === 'mat' ? byRows : byRows.map((value, at) => (at < 4 ? -value : value));
  // Voxels are counted from 1 there and from 0 here.
  return multiply(placed, [1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1]);
}

class MatError extends Error {}

function isVersion5(bytes: Uint8Array): boolean {
  const mark = String.fromCharCode(...bytes.subarray(126, 128));
  return bytes.length > 128 && (mark === 'IM' || mark === 'MI');
}

/** Bytes of a number of each type of version 4: double, single, int32, int16, uint16, uint8. */
const WIDTHS_4 = [8, 4, 4, 2, 2, 1] as const;

/** Matrices one after the other: five 32-bit numbers, the name, the values. */
function readVersion4(bytes: Uint8Array): Matrix[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const matrices: Matrix[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 20 > bytes.length) throw new MatError('a file that is cut short');
    const little = view.getUint32(at, true) < 10000;
    const [code, rows, columns, imaginary, length] = [0, 4, 8, 12, 16].map((offset) =>
      view.getUint32(at + offset, little),
    ) as [number, number, number, number, number];
    const type = Math.floor(code / 10) % 10;
    const width = WIDTHS_4[type];
    if (code >= 5000 || code % 10 !== 0 || Math.floor(code / 100) % 10 !== 0 || width === undefined) {
      throw new MatError('another kind of file');
    }
    const start = at + 20 + length;
    const end = start + rows * columns * width * (imaginary ? 2 : 1);
    if (length < 1 || end > bytes.length) throw new MatError('a file that is cut short');
    const name = text(bytes.subarray(at + 20, start));
    const one = { at: start, count: rows * columns };
    matrices.push({
      name,
      shape: [rows, columns],
      values: numbers(view, one, ['double', 'single', 'int32', 'int16', 'uint16', 'uint8'][type]!, little),
    });
    at = end;
  }
  return matrices;
}

/** Types of version 5 that hold numbers, by their code. */
const TYPES_5: Readonly<Record<number, string>> = {
  1: 'int8',
  2: 'uint8',
  3: 'int16',
  4: 'uint16',
  5: 'int32',
  6: 'uint32',
  7: 'single',
  9: 'double',
};
const MATRIX = 14;
const COMPRESSED = 15;

/** Elements behind a header of 128 bytes, each with its type and length; matrices are elements of elements. */
async function readVersion5(bytes: Uint8Array): Promise<Matrix[]> {
  const little = bytes[126] === 0x49;
  const matrices: Matrix[] = [];
  for (const element of elementsOf(bytes.subarray(128), little)) {
    if (element.type === MATRIX) matrices.push(...matrixOf(element.data, little));
    if (element.type !== COMPRESSED) continue;
    const inner = await inflate(element.data, 'deflate', MOST_BYTES);
    for (const one of elementsOf(inner, little)) {
      if (one.type === MATRIX) matrices.push(...matrixOf(one.data, little));
    }
  }
  return matrices;
}

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

function elementsOf(bytes: Uint8Array, little: boolean): Element[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw new MatError('a file that is cut short');
    const word = view.getUint32(at, little);
    const small = word >>> 16;
    const [type, length, start] = small
      ? [word & 0xffff, small, at + 4]
      : [word, view.getUint32(at + 4, little), at + 8];
    if (start + length > bytes.length) throw new MatError('a file that is cut short');
    elements.push({ type, data: bytes.subarray(start, start + length) });
    // Elements begin at multiples of eight, but for compressed ones, which are not padded.
    at = small ? at + 8 : type === COMPRESSED ? start + length : start + Math.ceil(length / 8) * 8;
  }
  return elements;
}

/** A matrix of real numbers; nothing for structures, text, sparse matrices and the like. */
function matrixOf(bytes: Uint8Array, little: boolean): Matrix[] {
  const [flags, dimensions, name, real] = elementsOf(bytes, little);
  if (!flags || !dimensions || !name || !real) return [];
  const kind = flags.data[little ? 0 : 3] ?? 0;
  const type = TYPES_5[real.type];
  if (kind < 6 || kind > 15 || type === undefined) return [];
  const viewOf = ({ data }: Element) => new DataView(data.buffer, data.byteOffset, data.byteLength);
  const shape = numbers(viewOf(dimensions), { at: 0, count: Math.floor(dimensions.data.length / 4) }, 'int32', little);
  const count = shape.reduce((product, extent) => product * extent, 1);
  return [{ name: text(name.data), shape, values: numbers(viewOf(real), { at: 0, count }, type, little) }];
}

function numbers(
  view: DataView,
  { at, count }: { at: number; count: number },
  type: string,
  little: boolean,
): number[] {
  const width = { double: 8, single: 4, int32: 4, uint32: 4, int16: 2, uint16: 2 }[type] ?? 1;
  if (!(count >= 0 && at + count * width <= view.byteLength)) throw new MatError('a file that is cut short');
  return Array.from({ length: count }, (_, index) => {
    const place = at + index * width;
    switch (type) {
      case 'double':
        return view.getFloat64(place, little);
      case 'single':
        return view.getFloat32(place, little);
      case 'int32':
        return view.getInt32(place, little);
      case 'uint32':
        return view.getUint32(place, little);
      case 'int16':
        return view.getInt16(place, little);
      case 'uint16':
        return view.getUint16(place, little);
      case 'int8':
        return view.getInt8(place);
      default:
        return view.getUint8(place);
    }
  });
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 64)));
}
