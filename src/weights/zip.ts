/**
 * Reads the entries of a zip archive through its central directory, zip64 included. Stored entries are views of the
 * archive; deflated ones are inflated within a budget, so that a small file cannot fill the memory. Checksums are not
 * verified, encryption and archives in parts are refused.
 */
import { Inflate } from 'fflate';
import { InputError } from '../core/errors.js';
import { quote } from './quote.js';

const END = 0x06054b50;
const END_LENGTH = 22;
const END64 = 0x06064b50;
const END64_LENGTH = 56;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_LENGTH = 20;
const CENTRAL = 0x02014b50;
const CENTRAL_LENGTH = 46;
const LOCAL = 0x04034b50;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 0xffff;
const IN_EXTRA16 = 0xffff;
const IN_EXTRA32 = 0xffffffff;
const EXTRA64 = 0x0001;
const ENCRYPTED = 0x0001;
const STORED = 0;
const DEFLATED = 8;

/** The archive may inflate to this many times its own size, and always to this many bytes. */
const INFLATION = 8;
const INFLATION_FLOOR = 1 << 26;
/** Bytes that are unpacked at once; they become 4 MiB at most. */
const PIECE = 1 << 12;

/** The names of an archive and the bytes of an entry by its name. */
export interface ZipArchive {
  readonly names: readonly string[];
  /**
   * The bytes of an entry, or undefined where the archive has no such name.
   * @throws InputError ('weights') when the entry does not lie within the file or cannot be unpacked.
   */
  read(name: string): Uint8Array | undefined;
}

interface Entry {
  readonly flags: number;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** True when the bytes start as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL;
}

/**
 * Reads the central directory of an archive.
 * @param source The file's name, for messages.
 * @throws InputError ('weights') when the directory is missing, cut short or inconsistent.
 */
export function readZip(bytes: Uint8Array, source: string): ZipArchive {
  const entries = readDirectory(bytes, source);
  const inflated = new Map<string, Uint8Array>();
  let budget = Math.max(INFLATION_FLOOR, INFLATION * bytes.length);
  return {
    names: [...entries.keys()],
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined || inflated.has(name)) return inflated.get(name);
      const packed = packedBytes(bytes, name, entry, source);
      if (entry.method === STORED) return packed;
      if (entry.size > budget)
        throw invalid(source, `entry ${quote(name)} claims to unpack to ${entry.size} bytes, too many`);
      budget -= entry.size;
      const data = inflate(packed, name, entry.size, source);
      inflated.set(name, data);
      return data;
    },
  };
}

function readDirectory(bytes: Uint8Array, source: string): Map<string, Entry> {
  const view = viewOf(bytes);
  const { start, length, count } = findDirectory(bytes, source);
  const entries = new Map<string, Entry>();
  const end = start + length;
  let position = start;
  for (let index = 0; index < count; index++) {
    if (position + CENTRAL_LENGTH > end || view.getUint32(position, true) !== CENTRAL) {
      throw invalid(source, `expected ${count} entries in its directory, found ${index}`);
    }
    const nameLength = view.getUint16(position + 28, true);
    const extraLength = view.getUint16(position + 30, true);
    const next = position + CENTRAL_LENGTH + nameLength + extraLength + view.getUint16(position + 32, true);
    if (next > end) throw invalid(source, `entry ${index} of its directory is cut short`);
    const nameStart = position + CENTRAL_LENGTH;
    const name = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameLength));
    if (entries.has(name)) throw invalid(source, `the entry ${quote(name)} comes twice`);
    const extra = bytes.subarray(nameStart + nameLength, nameStart + nameLength + extraLength);
    entries.set(name, {
      flags: view.getUint16(position + 8, true),
      method: view.getUint16(position + 10, true),
      ...sizes(view, position, extra, name, source),
    });
    position = next;
  }
  return entries;
}

/**
 * Sizes and offset of a central entry; a field with all bits set stands in the zip64 extra field instead, in this
 * order.
 */
function sizes(view: DataView, position: number, extra: Uint8Array, name: string, source: string) {
  const fields = [
    view.getUint32(position + 24, true),
    view.getUint32(position + 20, true),
    view.getUint32(position + 42, true),
  ];
  if (fields.includes(IN_EXTRA32)) {
    const wide = extraField(extra, EXTRA64);
    let offset = 0;
    fields.forEach((field, index) => {
      if (field !== IN_EXTRA32) return;
      if (offset + 8 > wide.length) throw invalid(source, `entry ${quote(name)} lacks its 64-bit sizes`);
      fields[index] = exact(viewOf(wide).getBigUint64(offset, true), source);
      offset += 8;
    });
  }
  const [size, packed, offset] = fields as [number, number, number];
  return { size, packed, offset };
}

function extraField(extra: Uint8Array, wanted: number): Uint8Array {
  const view = viewOf(extra);
  for (let position = 0; position + 4 <= extra.length; ) {
    const end = position + 4 + view.getUint16(position + 2, true);
    if (view.getUint16(position, true) === wanted) return extra.subarray(position + 4, end);
    position = end;
  }
  return new Uint8Array(0);
}

function findDirectory(bytes: Uint8Array, source: string): { start: number; length: number; count: number } {
  const view = viewOf(bytes);
  const end = findEnd(view);
  if (end === undefined) throw invalid(source, 'its end record is missing, as in a file that is cut short');
  let count = view.getUint16(end + 10, true);
  let length = view.getUint32(end + 12, true);
  let start = view.getUint32(end + 16, true);
  let limit = end;
  if (count === IN_EXTRA16 || length === IN_EXTRA32 || start === IN_EXTRA32) {
    const locator = end - LOCATOR64_LENGTH;
    if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64)
      throw invalid(source, 'its zip64 record is missing');
    limit = exact(view.getBigUint64(locator + 8, true), source);
    if (limit + END64_LENGTH > locator || view.getUint32(limit, true) !== END64) {
      throw invalid(source, 'its zip64 record is not where the file says');
    }
    count = exact(view.getBigUint64(limit + 32, true), source);
    length = exact(view.getBigUint64(limit + 40, true), source);
    start = exact(view.getBigUint64(limit + 48, true), source);
  }
  if (start + length > limit) {
    throw invalid(source, `its directory should end before byte ${limit}, found ${start + length}`);
  }
  return { start, length, count };
}

/** The end record stands before a comment of unknown length, which fills the rest of the file. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_LENGTH;
  for (let position = last; position >= Math.max(0, last - LONGEST_COMMENT); position--) {
    if (view.getUint32(position, true) !== END) continue;
    if (view.getUint16(position + 20, true) === last - position) return position;
  }
  return undefined;
}

function packedBytes(bytes: Uint8Array, name: string, entry: Entry, source: string): Uint8Array {
  const { flags, method, packed, size, offset } = entry;
  if (flags & ENCRYPTED) throw invalid(source, `entry ${quote(name)} is encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    throw invalid(source, `entry ${quote(name)} should be stored or deflated, found method ${method}`);
  }
  const view = viewOf(bytes);
  if (offset + LOCAL_LENGTH > bytes.length || view.getUint32(offset, true) !== LOCAL) {
    throw invalid(source, `entry ${quote(name)} is not where the directory says`);
  }
  const start = offset + LOCAL_LENGTH + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packed > bytes.length) {
    throw invalid(
      source,
      `entry ${quote(name)} claims ${packed} bytes, but ${Math.max(0, bytes.length - start)} follow`,
    );
  }
  if (method === STORED && packed !== size) {
    throw invalid(source, `entry ${quote(name)} is stored in ${packed} bytes, but claims a size of ${size}`);
  }
  return bytes.subarray(start, start + packed);
}

/** Unpacked piece by piece, so that no more than a piece is unpacked beyond what the entry claims. */
function inflate(packed: Uint8Array, name: string, size: number, source: string): Uint8Array {
  const data = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((part) => {
    if (length + part.length > size) throw new Error('there is more');
    data.set(part, length);
    length += part.length;
  });
  try {
    for (let start = 0; start < packed.length; start += PIECE) {
      stream.push(packed.subarray(start, start + PIECE), start + PIECE >= packed.length);
    }
  } catch (cause) {
    throw invalid(
      source,
      `entry ${quote(name)} cannot be unpacked to its ${size} bytes (${(cause as Error).message})`,
      cause,
    );
  }
  if (length !== size) throw invalid(source, `entry ${quote(name)} claims ${size} bytes, found ${length}`);
  return data;
}

function exact(value: bigint, source: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(source, `a size of ${value} bytes is not possible`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function invalid(source: string, what: string, cause?: unknown): InputError {
  return new InputError('weights', `${source}: not a valid zip archive: ${what}`, 'Copy or save the file again.', {
    cause,
  });
}
