/**
 * The header of a MetaImage: `Key = value` a line, the last of which names the voxels (`ElementDataFile`).
 * https://itk.org/Wiki/ITK/MetaIO/Documentation
 */
import { InputError } from '../../../core/errors.js';
import type { FileSource } from '../../byte-reader.js';
import { numbersIn, readTextHeader } from '../text-header.js';
import type { StoredType } from '../voxel-layout.js';

export interface MetaHeader {
  readonly type: StoredType;
  /** Extents along x, y, z and time. */
  readonly sizes: readonly number[];
  /** Values of one voxel. */
  readonly channels: number;
  readonly littleEndian: boolean;
  readonly encoding: 'raw' | 'text' | 'zip';
  readonly spacing: readonly number[] | undefined;
  /** Row i is the direction of axis i. */
  readonly directions: readonly number[] | undefined;
  readonly origin: readonly number[] | undefined;
  readonly slope: number;
  readonly intercept: number;
  readonly ct: boolean;
  /** Bytes of the voxel file before the voxels; −1 where the voxels end it. */
  readonly headerSize: number;
  /** `LOCAL` where the voxels are behind the header. */
  readonly dataFile: string;
  /** The byte behind the header. */
  readonly end: number;
}

const TYPES: Readonly<Record<string, StoredType>> = {
  MET_CHAR: 'int8',
  MET_UCHAR: 'uint8',
  MET_SHORT: 'int16',
  MET_USHORT: 'uint16',
  MET_INT: 'int32',
  MET_UINT: 'uint32',
  MET_LONG: 'int32',
  MET_ULONG: 'uint32',
  MET_LONG_LONG: 'int64',
  MET_ULONG_LONG: 'uint64',
  MET_FLOAT: 'float32',
  MET_DOUBLE: 'float64',
};

/** Whether a text begins as the header of a MetaImage does. */
export function isMetaImage(text: string): boolean {
  return /^\s*(ObjectType|ObjectSubType|Comment|NDims|Name|ID)\s*=/.test(text) && /(NDims|ObjectType)\s*=/.test(text);
}

/** @throws InputError ('image') when a key that is needed is missing, damaged or not supported. */
export async function readMetaHeader(files: FileSource, path: string): Promise<MetaHeader> {
  const { text, end } = await readTextHeader(files, path, (text) => {
    const match = /(^|\n)[ \t]*ElementDataFile[ \t]*=[^\n]*\n/.exec(text);
    return match ? match.index + match[0].length : undefined;
  });
  const keys = new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const match = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line);
      return match ? [[match[1]!, match[2]!] as const] : [];
    }),
  );
  const refuse = (expected: string, found: string) =>
    new InputError(
      'image',
      `${path}: expected ${expected}, found ${found}`,
      'Save the volume as .mha again, with one file and plain numbers.',
    );
  const word = (...names: string[]) => names.map((name) => keys.get(name)).find((value) => value !== undefined);
  const yes = (...names: string[]) => /^(true|1|t)$/i.test(word(...names) ?? '');
  const numbers = (count: number, ...names: string[]) => {
    const value = word(...names);
    const list = value === undefined ? undefined : numbersIn(value);
    return list && list.length === count ? list : undefined;
  };

  const objectType = word('ObjectType');
  if (objectType !== undefined && objectType.toLowerCase() !== 'image') throw refuse('an image', `a ${objectType}`);
  const axes = Number(word('NDims'));
  if (!(Number.isSafeInteger(axes) && axes >= 1 && axes <= 4)) throw refuse('NDims from 1 to 4', `'${word('NDims')}'`);
  const sizes = numbers(axes, 'DimSize');
  if (!sizes) throw refuse(`${axes} extents in DimSize`, `'${word('DimSize')}'`);
  const type = TYPES[word('ElementType') ?? ''];
  if (!type) throw refuse('an ElementType of one number', `'${word('ElementType')}'`);
  const dataFile = word('ElementDataFile');
  if (!dataFile) throw refuse('ElementDataFile', 'no such key');
  const channels = Number(word('ElementNumberOfChannels') ?? 1);
  const headerSize = Number(word('HeaderSize') ?? 0);
  if (!(Number.isSafeInteger(headerSize) && headerSize >= -1)) throw refuse('a HeaderSize', `'${word('HeaderSize')}'`);
  const asText = word('BinaryData') !== undefined && !yes('BinaryData');
  const slope = Number(word('ElementToIntensityFunctionSlope') ?? 1);
  const intercept = Number(word('ElementToIntensityFunctionOffset') ?? 0);
  if (!Number.isFinite(slope) || slope === 0 || !Number.isFinite(intercept)) {
    throw refuse('a finite ElementToIntensityFunction', `slope ${slope}, offset ${intercept}`);
  }
  return {
    type,
    sizes,
    channels,
    littleEndian: !yes('BinaryDataByteOrderMSB', 'ElementByteOrderMSB'),
    encoding: asText ? 'text' : yes('CompressedData') ? 'zip' : 'raw',
    spacing: numbers(axes, 'ElementSpacing', 'ElementSize'),
    directions: numbers(axes * axes, 'TransformMatrix', 'Rotation', 'Orientation'),
    origin: numbers(axes, 'Offset', 'Position', 'Origin'),
    slope,
    intercept,
    ct: word('Modality') === 'MET_MOD_CT',
    headerSize,
    dataFile,
    end,
  };
}
