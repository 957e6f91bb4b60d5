/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header with the dtype, shape and offsets of
 * each tensor, then the data. Every length is checked against the bytes that are there before it is used.
 */
import { joined } from '../core/bytes.js';
import { InputError, invariant } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { quote } from './quote.js';
import { BYTES_OF, byteLengthOf, DTYPE_NAMES, fromFloat32, isStoredDType, type StoredTensor } from './stored.js';

export { type StoredTensor, toFloat32 } from './stored.js';

/** The tensors of a file by name, in the order of its header, and its free-text metadata. */
export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

const PREFIX = 8;
const ALIGNMENT = 8;
const METADATA = '__metadata__';

/**
 * Reads a file from its bytes. The tensors are views of `bytes`, not copies.
 * @param source The file's name, for messages.
 * @throws InputError ('weights') when a length, the header, a dtype, a shape or an offset is not valid, or when the
 * tensors overlap or leave gaps.
 */
export function readSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const { header, data } = split(bytes, source);
  const tensors = new Map<string, StoredTensor>();
  const spans: Span[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      metadata = readMetadata(entry, source);
      continue;
    }
    const { begin, end, dtype, shape } = readEntry(name, entry, data.length, source);
    spans.push({ name, begin, end });
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  checkSpans(spans, data.length, source);
  return { tensors, metadata };
}

/**
 * The bytes of a file; the same tensors in the same order give the same bytes. The header lists the tensors in the
 * order given; the data are ordered by the size of an element, largest first, so that each tensor is aligned to its
 * element, and start at a multiple of 8 bytes.
 * @throws InputError ('weights') when a name comes twice or is the reserved `__metadata__`.
 */
export function writeSafetensors(
  tensors: Iterable<[string, Tensor | StoredTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return joined(safetensorsParts(tensors, metadata));
}

/** The same file as parts, one after the other: the tensors' own memory behind the header. */
export function safetensorsParts(
  tensors: Iterable<[string, Tensor | StoredTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const stored = collect(tensors);
  const order = [...stored].sort(([, a], [, b]) => BYTES_OF[b.dtype] - BYTES_OF[a.dtype]);
  const offsets = new Map<string, number>();
  let length = 0;
  for (const [name, { dtype, bytes }] of order) {
    invariant(length % BYTES_OF[dtype] === 0, `${name} is not aligned`);
    offsets.set(name, length);
    length += bytes.length;
  }

  const text = new TextEncoder().encode(headerText(stored, offsets, metadata));
  const start = Math.ceil((PREFIX + text.length) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(start).fill(0x20, PREFIX);
  new DataView(header.buffer).setBigUint64(0, BigInt(start - PREFIX), true);
  header.set(text, PREFIX);
  return [header, ...order.map(([, { bytes }]) => bytes)];
}

interface Span {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

function split(bytes: Uint8Array, source: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < PREFIX) {
    throw invalid(source, `expected at least ${PREFIX} bytes, found ${bytes.length}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getBigUint64(0, true);
  if (length > BigInt(bytes.length - PREFIX)) {
    throw invalid(source, `the header claims ${length} bytes, but ${bytes.length - PREFIX} follow`);
  }
  const end = PREFIX + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(PREFIX, end)));
  } catch (cause) {
    throw invalid(source, `the header is not JSON (${(cause as Error).message})`, cause);
  }
  if (!isObject(header)) throw invalid(source, 'expected the header to be a JSON object');
  return { header, data: bytes.subarray(end) };
}

function readMetadata(entry: unknown, source: string): Record<string, string> {
  if (!isObject(entry) || Object.values(entry).some((value) => typeof value !== 'string')) {
    throw invalid(source, `expected ${METADATA} to map names to text`);
  }
  return entry as Record<string, string>;
}

function readEntry(name: string, entry: unknown, available: number, source: string) {
  if (!isObject(entry)) throw invalid(source, `tensor ${quote(name)}: expected a dtype, a shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isStoredDType(dtype)) {
    throw invalid(source, `tensor ${quote(name)}: dtype should be one of ${DTYPE_NAMES}; found ${quote(dtype)}`);
  }
  const expected = byteLengthOf(dtype, shape);
  if (expected === undefined) {
    throw invalid(source, `tensor ${quote(name)}: expected a shape of whole numbers, found ${quote(shape)}`);
  }
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isOffset(begin) || !isOffset(end) || begin > end || end > available) {
    throw invalid(
      source,
      `tensor ${quote(name)}: expected data_offsets within the ${available} bytes of data, found ${quote(offsets)}`,
    );
  }
  if (end - begin !== expected) {
    throw invalid(
      source,
      `tensor ${quote(name)}: ${dtype} of shape ${quote(shape)} takes ${expected} bytes, but its offsets span ${end - begin}`,
    );
  }
  return { dtype, shape: shape as number[], begin, end };
}

/** The data are filled without overlaps, gaps or a rest. */
function checkSpans(spans: Span[], available: number, source: string): void {
  let position = 0;
  for (const { name, begin, end } of spans.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      const fault = begin < position ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw invalid(source, `tensor ${quote(name)} ${fault}: expected offset ${position}, found ${begin}`);
    }
    position = end;
  }
  if (position !== available) {
    throw invalid(source, `the tensors fill ${position} bytes, but the file holds ${available} bytes of data`);
  }
}

function collect(tensors: Iterable<[string, Tensor | StoredTensor]>): Map<string, StoredTensor> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, value] of tensors) {
    if (name === METADATA || stored.has(name)) {
      throw new InputError('weights', `a tensor cannot be named ${quote(name)}: the name is taken`, 'Rename it.');
    }
    const entry = 'bytes' in value ? value : fromFloat32(value);
    invariant(
      byteLengthOf(entry.dtype, entry.shape) === entry.bytes.length,
      `${name}: the bytes do not fill the shape`,
    );
    stored.set(name, entry);
  }
  return stored;
}

function headerText(
  stored: ReadonlyMap<string, StoredTensor>,
  offsets: ReadonlyMap<string, number>,
  metadata: Readonly<Record<string, string>>,
): string {
  const entries = [...stored].map(([name, { dtype, shape, bytes }]) => {
    const begin = offsets.get(name)!;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, begin + bytes.length] })}`;
  });
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length > 0) entries.unshift(`"${METADATA}":${JSON.stringify(Object.fromEntries(sorted))}`);
  return `{${entries.join(',')}}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function invalid(source: string, what: string, cause?: unknown): InputError {
  return new InputError('weights', `${source}: not a valid safetensors file: ${what}`, HINT, { cause });
}

const HINT =
  'The file may be cut short or be of another kind; copy or save it again. A .pth file needs the .pth ending.';
