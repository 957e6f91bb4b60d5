/** The text pairs that travel with an ONNX model (`metadata_props`, field 14), read without the rest of it. */
import { InputError } from '../core/errors.js';

const METADATA = 14;

/**
 * @param source the file's name, for messages
 * @throws InputError ('file') when the bytes are no ONNX model
 */
export function onnxMetadata(bytes: Uint8Array, source: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const [field, content] of fields(bytes, source)) {
    if (field !== METADATA) continue;
    const [key, value] = [...fields(content, source)].map(([, text]) => new TextDecoder().decode(text));
    if (key !== undefined) pairs.set(key, value ?? '');
  }
  return pairs;
}

/** The length-delimited fields of a message; numbers are passed over. */
function* fields(bytes: Uint8Array, source: string): Generator<[field: number, content: Uint8Array]> {
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let power = 1; offset < bytes.length; power *= 128) {
      const byte = bytes[offset++]!;
      value += (byte & 127) * power;
      if (byte < 128) return value;
    }
    throw damaged(source);
  };
  while (offset < bytes.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === 2) {
      const length = varint();
      if (offset + length > bytes.length) throw damaged(source);
      yield [Math.floor(tag / 8), bytes.subarray(offset, offset + length)];
      offset += length;
    } else if (wire === 0) varint();
    else if (wire === 1) offset += 8;
    else if (wire === 5) offset += 4;
    else throw damaged(source);
  }
}

function damaged(source: string): InputError {
  return new InputError(
    'file',
    `${source}: expected an ONNX model, found something else or a part of one`,
    'Export it again.',
  );
}
