/**
 * A tensor as a file stores it: raw little-endian, row-major bytes with a dtype. Bytes stay exact until they are needed
 * as float32.
 */
import { type Tensor, tensor } from '../core/tensor.js';

/** The bytes of one element of each dtype. */
export const BYTES_OF = { F32: 4, F64: 8, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;

export type StoredDType = keyof typeof BYTES_OF;

/**
 * Raw little-endian bytes in row-major order; `bytes.length` is the product of `shape` times the bytes of an element.
 */
export interface StoredTensor {
  dtype: StoredDType;
  shape: number[];
  bytes: Uint8Array;
}

/** The dtypes as a sentence for messages. */
export const DTYPE_NAMES = Object.keys(BYTES_OF).join(', ');

/** True for one of the dtypes that are read here; false for anything else, whatever its type. */
export function isStoredDType(name: unknown): name is StoredDType {
  return typeof name === 'string' && Object.hasOwn(BYTES_OF, name);
}

/**
 * The bytes that a dtype and a shape ask for, or undefined where the shape is no list of extents or the product is not
 * exact.
 */
export function byteLengthOf(dtype: StoredDType, shape: unknown): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  let product: number = BYTES_OF[dtype];
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 0) return undefined;
    product *= extent;
    if (!Number.isSafeInteger(product)) return undefined;
  }
  return product;
}

/**
 * The values as float32, in the same shape. float64 and int64 round to the nearest float32 (a float64 beyond its range
 * becomes infinite); true is 1. The result shares no memory with the file.
 */
export function toFloat32(stored: StoredTensor): Tensor {
  const { dtype, shape, bytes } = stored;
  if (dtype === 'F32') {
    const copy = new Uint8Array(bytes.length);
    copy.set(bytes);
    return tensor(shape, new Float32Array(copy.buffer));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = BYTES_OF[dtype];
  const read = READERS[dtype];
  const data = new Float32Array(bytes.length / size);
  for (let index = 0; index < data.length; index++) data[index] = read(view, index * size);
  return tensor(shape, data);
}

/** The float32 values as stored bytes; the bytes are shared, not copied. */
export function fromFloat32({ shape, data }: Tensor): StoredTensor {
  return { dtype: 'F32', shape: [...shape], bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

const READERS: Record<StoredDType, (view: DataView, offset: number) => number> = {
  F32: (view, offset) => view.getFloat32(offset, true),
  F64: (view, offset) => view.getFloat64(offset, true),
  F16: (view, offset) => halfToNumber(view.getUint16(offset, true)),
  BF16: (view, offset) => bfloatToNumber(view.getUint16(offset, true)),
  I64: (view, offset) => Number(view.getBigInt64(offset, true)),
  I32: (view, offset) => view.getInt32(offset, true),
  I16: (view, offset) => view.getInt16(offset, true),
  I8: (view, offset) => view.getInt8(offset),
  U8: (view, offset) => view.getUint8(offset),
  BOOL: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
};

/** IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function bfloatToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits * 0x10000);
  return view.getFloat32(0);
}
