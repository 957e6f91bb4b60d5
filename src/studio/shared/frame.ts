/**
 * Arrays with a description, in one answer: the length of the description (4 bytes, little endian), the description as
 * JSON, and the arrays one after the other, each at a multiple of 8 bytes.
 */

const types = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, f32: Float32Array } as const;
type TypeName = keyof typeof types;
export type FrameArray = Uint8Array | Uint16Array | Int16Array | Float32Array;

interface Header {
  readonly facts: unknown;
  readonly arrays: readonly { readonly name: string; readonly type: TypeName; readonly length: number }[];
}

/** @param facts anything that JSON can say */
export function encodeFrame(facts: unknown, arrays: Readonly<Record<string, FrameArray>>): Uint8Array<ArrayBuffer> {
  const named = Object.entries(arrays);
  const header: Header = {
    facts,
    arrays: named.map(([name, array]) => ({ name, type: typeOf(array), length: array.length })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = aligned(4 + text.length);
  const total = named.reduce((sum, [, array]) => sum + aligned(array.byteLength), start);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let offset = start;
  for (const [, array] of named) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  return bytes;
}

/**
 * The description and the arrays by name; they share the memory of `buffer`.
 * @throws Error where the bytes are cut short
 */
export function decodeFrame<Facts>(buffer: ArrayBuffer): { facts: Facts; arrays: Record<string, FrameArray> } {
  const length = buffer.byteLength >= 4 ? new DataView(buffer).getUint32(0, true) : Number.POSITIVE_INFINITY;
  if (4 + length > buffer.byteLength) throw new Error('the answer was cut short');
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Header;
  let offset = aligned(4 + length);
  const arrays: Record<string, FrameArray> = {};
  for (const { name, type, length: count } of header.arrays) {
    const bytes = count * types[type].BYTES_PER_ELEMENT;
    if (offset + bytes > buffer.byteLength) throw new Error('the answer was cut short');
    arrays[name] = new types[type](buffer, offset, count);
    offset += aligned(bytes);
  }
  return { facts: header.facts as Facts, arrays };
}

function typeOf(array: FrameArray): TypeName {
  const found = (Object.keys(types) as TypeName[]).find((name) => array instanceof types[name]);
  return found as TypeName;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
