/** NumPy's `.npy` format for float32 arrays, so that Python and viewers can open fields and features. */
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { quote } from './quote.js';
import { byteLengthOf, toFloat32 } from './stored.js';

const MAGIC = '\x93NUMPY';
const ALIGNMENT = 64;
/** The magic text and two bytes of version. */
const PREFIX = 8;
const HEADER =
  /^\{'descr': '([^']{1,16})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,15}, ?)*(?:\d{1,15})?)\),? ?\} *\n?$/;

/** The bytes of an `.npy` file (version 1.0, little-endian float32, row-major), of any shape. */
export function writeNpy({ shape, data }: Tensor): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${extents}), }`;
  const start = Math.ceil((PREFIX + 2 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(start + data.byteLength);
  const view = new DataView(file.buffer);
  file.set(bytesOf(MAGIC));
  view.setUint8(6, 1);
  view.setUint16(PREFIX, start - PREFIX - 2, true);
  file.set(bytesOf(`${text.padEnd(start - PREFIX - 3)}\n`), PREFIX + 2);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return file;
}

/**
 * Reads an `.npy` file of row-major float32.
 * @param source The file's name, for messages.
 * @throws InputError ('weights') when the file is cut short, is not `.npy` or holds another type or order.
 */
export function readNpy(bytes: Uint8Array, source: string): Tensor {
  const { header, data } = split(bytes, source);
  const [, descr, order, extents] = HEADER.exec(header) ?? [];
  if (descr === undefined || extents === undefined) {
    throw invalid(source, `expected a dtype, an order and a shape, found ${quote(header.trim())}`);
  }
  if (descr !== '<f4' || order !== 'False') {
    throw invalid(source, `expected row-major '<f4' (float32), found ${quote(descr)}, fortran_order ${order}`);
  }
  const shape = extents
    .split(',')
    .filter((extent) => extent.trim() !== '')
    .map(Number);
  const length = byteLengthOf('F32', shape);
  if (length !== data.length) {
    throw invalid(source, `the shape (${extents}) takes ${length ?? 'too many'} bytes, found ${data.length}`);
  }
  return toFloat32({ dtype: 'F32', shape, bytes: data });
}

/** The header's length has 2 bytes in version 1 and 4 in versions 2 and 3. */
function split(bytes: Uint8Array, source: string): { header: string; data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (bytes.length < PREFIX + 4 || magic !== MAGIC) throw invalid(source, `expected it to start with ${quote(MAGIC)}`);
  const wide = view.getUint8(6) > 1;
  const start = PREFIX + (wide ? 4 : 2);
  const length = wide ? view.getUint32(PREFIX, true) : view.getUint16(PREFIX, true);
  if (start + length > bytes.length) {
    throw invalid(source, `the header claims ${length} bytes, but ${bytes.length - start} follow`);
  }
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  return { header, data: bytes.subarray(start + length) };
}

function invalid(source: string, what: string): InputError {
  return new InputError(
    'weights',
    `${source}: not an .npy file that can be read: ${what}`,
    'Save it with numpy.save(path, numpy.ascontiguousarray(array, dtype="<f4")).',
  );
}

/** Each character as the byte of its number. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
