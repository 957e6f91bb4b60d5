/** The fields of a protocol buffers message, read without a schema and without trust in any length. */
import { InputError } from '../core/errors.js';

export interface Field {
  readonly field: number;
  /** Of length-delimited fields: text, bytes, messages. */
  readonly content?: Uint8Array;
  /** Of varints; exact up to 2^53. */
  readonly value?: number;
}

/** A varint has ten bytes at most. */
const LONGEST = 10;

/**
 * @param source the file's name, for messages
 * @throws InputError ('file') when the bytes are no message
 */
export function* fields(bytes: Uint8Array, source: string): Generator<Field> {
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let count = 0, power = 1; count < LONGEST && offset < bytes.length; count++, power *= 128) {
      const byte = bytes[offset++]!;
      value += (byte & 127) * power;
      if (byte < 128) return value;
    }
    throw damagedModel(source);
  };
  const pass = (length: number) => {
    if (length > bytes.length - offset) throw damagedModel(source);
    offset += length;
  };
  while (offset < bytes.length) {
    const tag = varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === 0) yield { field, value: varint() };
    else if (wire === 1) pass(8);
    else if (wire === 5) pass(4);
    else if (wire === 2) {
      const length = varint();
      pass(length);
      yield { field, content: bytes.subarray(offset - length, offset) };
    } else throw damagedModel(source);
  }
}

export function damagedModel(source: string): InputError {
  return new InputError(
    'file',
    `${source}: expected an ONNX model, found something else or a part of one`,
    'Export it again.',
  );
}
