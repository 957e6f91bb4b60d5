/**
 * A DICOM file as a data set: the preamble and the file meta information are found (or known to be absent), a deflated
 * data set is inflated, and `dicom-parser` walks the elements up to the pixel data. Only the structure is read here; no
 * value is looked at before somebody asks for its tag.
 */
import dicomParser, { type DataSet, type Element } from 'dicom-parser';
import type { InputError } from '../../../core/errors.js';
import { inflateRaw } from '../../inflate-raw.js';
import { refuse } from './refuse.js';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './syntax.js';

/** A parsed file, up to its pixel data. */
export interface DicomFile {
  readonly source: string;
  readonly syntax: string;
  readonly dataSet: DataSet;
  /** The bytes that element offsets point into: the file, or the inflated data set. */
  readonly bytes: Uint8Array;
  readonly bigEndian: boolean;
}

/** The most that a deflated data set may grow: deflate's own limit is about 1032. */
const INFLATE_RATIO = 1100;

/** A data set that deflates to more than this is refused, in bytes. */
const INFLATE_LIMIT = 2 ** 31 - 1;

const PIXEL_DATA = 'x7fe00010';

/**
 * Whether the bytes are the beginning of a DICOM file. At least the first 132 bytes are needed; files without preamble
 * are known by a first element of the groups 0002 or 0008.
 * @example isDicom(await readFile('scan')); // true or false
 */
export function isDicom(bytes: Uint8Array): boolean {
  return hasPreamble(bytes) || sniff(bytes) !== undefined;
}

/**
 * Parses the elements up to the pixel data.
 * @param source named in errors
 * @throws InputError ('image') when the bytes are no DICOM file or the structure is broken
 */
export function parseDicom(bytes: Uint8Array, source: string): DicomFile {
  const bare = hasPreamble(bytes) ? undefined : sniff(bytes);
  if (!hasPreamble(bytes) && !bare) {
    throw refuse(
      source,
      'a DICOM file',
      bytes.length === 0 ? 'an empty file' : 'bytes without a DICOM header',
      'Export the image again as a DICOM part 10 file.',
    );
  }
  const whole = bare === 'meta' ? withPreamble(bytes) : bytes;
  const options = {
    untilTag: PIXEL_DATA,
    inflater: inflate,
    ...(bare && bare !== 'meta' ? { TransferSyntaxUID: bare } : {}),
  };
  try {
    const dataSet = dicomParser.parseDicom(whole, options);
    const syntax = bare && bare !== 'meta' ? bare : (dataSet.string('x00020010') ?? '');
    return { source, syntax, dataSet, bytes: dataSet.byteArray, bigEndian: syntax === EXPLICIT_BIG };
  } catch (cause) {
    throw broken(source, cause);
  }
}

/**
 * Runs what reads values of a file. The parser throws bare strings where a value lies beyond the file; they become
 * errors that name it.
 * @throws InputError ('image') for such a value; other errors pass
 */
export async function guarded<Result>(source: string, run: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    throw typeof cause === 'string' ? broken(source, cause) : cause;
  }
}

/** The elements that hold pixels, of integers, of 32-bit or of 64-bit floating point: the first that the file has. */
export function pixelElement({ dataSet }: DicomFile): Element | undefined {
  const { elements } = dataSet;
  return elements[PIXEL_DATA] ?? elements.x7fe00008 ?? elements.x7fe00009;
}

/** The first `count` numbers of a decimal string, or undefined where they are not there or are no numbers. */
export function decimals(dataSet: DataSet, tag: string, count: number): number[] | undefined {
  const parts = dataSet.string(tag)?.split('\\') ?? [];
  const values = parts.slice(0, count).map((part) => (part.trim() ? Number(part.trim()) : Number.NaN));
  return values.length === count && values.every(Number.isFinite) ? values : undefined;
}

/** The data sets of a sequence's items; empty where the sequence is absent. */
export function itemsOf(dataSet: DataSet | undefined, tag: string): DataSet[] {
  return (dataSet?.elements[tag]?.items ?? []).flatMap((item) => (item.dataSet ? [item.dataSet] : []));
}

/** Gives the functional groups of a frame, its own before those that all frames share; none for plain objects. */
export function functionalGroups(dataSet: DataSet): (frame: number) => DataSet[] {
  const shared = itemsOf(dataSet, 'x52009229').slice(0, 1);
  const own = itemsOf(dataSet, 'x52009230');
  return (frame) => (own[frame] ? [own[frame], ...shared] : shared);
}

function hasPreamble(bytes: Uint8Array): boolean {
  return bytes.length > 132 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM';
}

/**
 * The transfer syntax of a file without preamble, by its first element; 'meta' where the file meta information leads.
 */
function sniff(bytes: Uint8Array): string | undefined {
  if (bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const explicit = /^[A-Z]{2}$/.test(String.fromCharCode(bytes[4]!, bytes[5]!));
  const group = view.getUint16(0, true);
  const element = view.getUint16(2, true);
  if (group === 2 && explicit) return 'meta';
  if (group === 8 && element < 0x100) {
    if (explicit) return EXPLICIT_LITTLE;
    return view.getUint32(4, true) <= Math.min(bytes.length - 8, 1024) ? IMPLICIT_LITTLE : undefined;
  }
  return view.getUint16(0) === 8 && view.getUint16(2) < 0x100 && explicit ? EXPLICIT_BIG : undefined;
}

function withPreamble(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(132 + bytes.length);
  whole.set([0x44, 0x49, 0x43, 0x4d], 128);
  whole.set(bytes, 132);
  return whole;
}

/** The file with the part from `position` on inflated. */
function inflate(bytes: Uint8Array, position: number): Uint8Array {
  const coded = bytes.subarray(position);
  const limit = Math.min(INFLATE_LIMIT, coded.length * INFLATE_RATIO + 1024);
  const plain = inflateRaw(coded, limit);
  const whole = new Uint8Array(position + plain.length);
  whole.set(bytes.subarray(0, position));
  whole.set(plain, position);
  return whole;
}

function broken(source: string, cause: unknown): InputError {
  return refuse(
    source,
    'a complete DICOM data set',
    `a broken structure (${words(cause)})`,
    'The file is cut short or damaged: copy or export it again.',
    cause,
  );
}

/** What the parser threw: a string, an error, or an object that holds one of them. */
function words(cause: unknown): string {
  const inner = (cause as { exception?: unknown })?.exception ?? cause;
  const text = inner instanceof Error ? inner.message : String(inner);
  return text.replace(/^dicomParser\.\w+: /, '').slice(0, 160);
}
