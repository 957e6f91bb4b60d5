/** The text pairs that travel with an ONNX model (`metadata_props`, field 14), read without the rest of it. */
import { fields } from './fields.js';

const METADATA = 14;

/**
 * @param source the file's name, for messages
 * @throws InputError ('file') when the bytes are no ONNX model
 */
export function onnxMetadata(bytes: Uint8Array, source: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const { field, content } of fields(bytes, source)) {
    if (field !== METADATA || !content) continue;
    const texts = new Map<number, string>();
    for (const { field: part, content: text } of fields(content, source)) {
      if (text) texts.set(part, new TextDecoder().decode(text));
    }
    const key = texts.get(1);
    if (key !== undefined) pairs.set(key, texts.get(2) ?? '');
  }
  return pairs;
}
