/**
 * The header of a NRRD file: a mark, then a field a line, up to an empty line. Only what places and decodes the values
 * is understood; every other field is passed over. https://teem.sourceforge.net/nrrd/format.html
 */
import { InputError } from '../../../core/errors.js';
import type { FileSource } from '../../byte-reader.js';
import { numbersIn, readTextHeader } from '../text-header.js';
import type { StoredType } from '../voxel-layout.js';

export interface NrrdHeader {
  readonly type: StoredType;
  /** Extents, the fastest axis first. */
  readonly sizes: readonly number[];
  readonly encoding: 'raw' | 'text' | 'gzip' | 'bzip2';
  readonly littleEndian: boolean;
  /** The world's axes, as 'LPS' and the like; undefined where it is not one of those. */
  readonly space: string | undefined;
  /** The step along each axis, undefined for an axis that is not spatial. */
  readonly directions: readonly (readonly number[] | undefined)[] | undefined;
  readonly origin: readonly number[] | undefined;
  readonly spacings: readonly number[] | undefined;
  /** Units of the space's axes, without quotation marks. */
  readonly units: readonly string[] | undefined;
  /** In lower case. */
  readonly kinds: readonly string[] | undefined;
  /** The name of the file of the values, where they are not behind the header. */
  readonly dataFile: string | undefined;
  readonly lineSkip: number;
  readonly byteSkip: number;
  /** What the key `modality` says. */
  readonly modality: string | undefined;
  /** The byte behind the header. */
  readonly end: number;
}

const TYPES: Readonly<Record<string, StoredType>> = Object.fromEntries(
  (
    [
      ['int8', 'signed char, int8, int8_t'],
      ['uint8', 'uchar, unsigned char, uint8, uint8_t'],
      ['int16', 'short, short int, signed short, signed short int, int16, int16_t'],
      ['uint16', 'ushort, unsigned short, unsigned short int, uint16, uint16_t'],
      ['int32', 'int, signed int, int32, int32_t'],
      ['uint32', 'uint, unsigned int, uint32, uint32_t'],
      ['int64', 'longlong, long long, long long int, signed long long, signed long long int, int64, int64_t'],
      ['uint64', 'ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t'],
      ['float32', 'float'],
      ['float64', 'double'],
    ] as const
  ).flatMap(([type, names]) => names.split(', ').map((name) => [name, type])),
);

const ENCODINGS: Readonly<Record<string, NrrdHeader['encoding']>> = {
  raw: 'raw',
  txt: 'text',
  text: 'text',
  ascii: 'text',
  gz: 'gzip',
  gzip: 'gzip',
  bz2: 'bzip2',
  bzip2: 'bzip2',
};

const SPACES: Readonly<Record<string, string>> = {
  'left-posterior-superior': 'LPS',
  'right-anterior-superior': 'RAS',
  'left-anterior-superior': 'LAS',
  lps: 'LPS',
  ras: 'RAS',
  las: 'LAS',
};

/** @throws InputError ('image') when a field that is needed is missing, damaged or not supported. */
export async function readNrrdHeader(files: FileSource, path: string): Promise<NrrdHeader> {
  const { text, end } = await readTextHeader(files, path, (text) => {
    const match = /\r?\n\r?\n/.exec(text);
    return match ? match.index + match[0].length : undefined;
  });
  const { fields, keys } = splitLines(path, text);
  const field = (name: string) => fields.get(name);
  const needed = (name: string) => {
    const value = field(name);
    if (value === undefined) throw refused(path, `the field '${name}'`, 'none', 'The header is not complete.');
    return value;
  };
  const type = TYPES[needed('type').toLowerCase()];
  if (!type) {
    throw refused(
      path,
      'a type of integer or floating point',
      `'${field('type')}'`,
      'Store the volume with one of those.',
    );
  }
  const encoding = ENCODINGS[needed('encoding').toLowerCase()];
  if (!encoding) {
    throw refused(path, 'the encoding raw, text, gzip or bzip2', `'${field('encoding')}'`, 'Store the volume as gzip.');
  }
  const dimension = Number(needed('dimension'));
  const sizes = numbersIn(needed('sizes'));
  if (!(dimension >= 1 && dimension <= 16) || sizes?.length !== dimension) {
    throw refused(path, `${field('dimension')} sizes, at most 16`, `'${field('sizes')}'`, 'The header is damaged.');
  }
  const wide = !['int8', 'uint8'].includes(type) && encoding !== 'text';
  const endian = field('endian')?.toLowerCase();
  if (wide && endian !== 'little' && endian !== 'big') {
    throw refused(
      path,
      "the field 'endian' with little or big",
      `'${endian ?? ''}'`,
      'Add the byte order to the header.',
    );
  }
  const list = (name: string) => {
    const value = field(name);
    const numbers = value === undefined ? undefined : numbersIn(value);
    return numbers?.length === dimension ? numbers : undefined;
  };
  const skip = (name: string, least: number) => {
    const value = Number(field(name) ?? 0);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw refused(path, `a count in '${name}'`, `'${field(name)}'`, 'The header is damaged.');
  };
  return {
    type,
    sizes,
    encoding,
    littleEndian: endian !== 'big',
    space: SPACES[(field('space') ?? '').toLowerCase()],
    directions: vectors(field('space directions'), dimension),
    origin: vectors(field('space origin'), 1)?.[0],
    spacings: list('spacings'),
    units: field('space units')?.replaceAll('"', '').split(/\s+/),
    kinds: field('kinds')?.toLowerCase().split(/\s+/),
    dataFile: field('data file') ?? field('datafile'),
    lineSkip: skip(fields.has('lineskip') ? 'lineskip' : 'line skip', 0),
    byteSkip: skip(fields.has('byteskip') ? 'byteskip' : 'byte skip', -1),
    modality: keys.get('modality'),
    end,
  };
}

/** Fields are `name: value`, keys are `name:=value`, comments begin with `#`. */
function splitLines(path: string, text: string): { fields: Map<string, string>; keys: Map<string, string> } {
  const [mark, ...lines] = text.split(/\r?\n/);
  if (!/^NRRD000[1-9]$/.test(mark!.trim())) {
    throw refused(path, 'the mark NRRD0001 to NRRD0009', `'${mark!.slice(0, 12)}'`, 'Save the file as NRRD again.');
  }
  const fields = new Map<string, string>();
  const keys = new Map<string, string>();
  for (const line of lines) {
    const match = /^([^#:][^:]*):(=?)\s*(.*)$/.exec(line);
    if (!match) continue;
    const [, name, assigns, value] = match;
    if (assigns) keys.set(name!.trim().toLowerCase(), value!.trim());
    else fields.set(name!.trim().toLowerCase(), value!.trim());
  }
  return { fields, keys };
}

/** `(1,0,0) none (0,0,1)`: as many as there are axes. */
function vectors(value: string | undefined, count: number): (number[] | undefined)[] | undefined {
  const parts = value?.match(/\([^)]*\)|none/gi);
  if (parts?.length !== count) return undefined;
  return parts.map((part) => (/none/i.test(part) ? undefined : part.slice(1, -1).split(',').map(Number)));
}

export function refused(path: string, expected: string, found: string, next: string): InputError {
  return new InputError('image', `${path}: expected ${expected}, found ${found}`, next);
}
