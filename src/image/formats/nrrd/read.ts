/**
 * Reading NRRD: values behind the header or in a file of their own, raw, as text, packed with gzip or bzip2. Axes that
 * are not spatial may come first (components) or last (frames). Lists of files, the encoding hex and blocks are
 * refused.
 */
import { lastName } from '../../../core/names.js';
import { type ByteReader, type FileSource, openAtEnd } from '../../byte-reader.js';
import { fromSteps } from '../../geometry/steps.js';
import type { Affine, Volume } from '../../volume.js';
import { readVoxels } from '../../voxels.js';
import { readTextVoxels } from '../text-voxels.js';
import { truncatedImage } from '../truncated.js';
import {
  checkExtents,
  checkSize,
  VOXEL_LIMIT,
  type VolumeReadOptions,
  type VoxelLayout,
  WIDTHS,
} from '../voxel-layout.js';
import { type NrrdHeader, readNrrdHeader, refused } from './header.js';

/** Signs that take a space to RAS. */
const TO_RAS: Readonly<Record<string, readonly number[]>> = { RAS: [1, 1, 1], LPS: [-1, -1, 1], LAS: [-1, 1, 1] };

/**
 * Reads one volume.
 * @param path `.nrrd` or `.nhdr`
 * @param options `frame` chooses among the volumes of a series or the components of a vector
 * @throws InputError ('image') when the header is damaged or asks for what is not supported, or when several volumes
 * are there and none is chosen
 * @throws TruncatedImageError when bytes are missing
 */
export async function readNrrd(files: FileSource, path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  const header = await readNrrdHeader(files, path);
  const spatial = spatialAxes(path, header);
  const layout = layoutOf(header, spatial);
  const { affine, warnings } = affineOf(header, spatial);
  const limit = options.voxelLimit ?? VOXEL_LIMIT;
  checkExtents(path, layout);
  // What is packed with bzip2 is unpacked before its length is known: all of the volumes count.
  if (header.encoding === 'bzip2') checkSize(path, { ...layout, size: [product(header.sizes), 1, 1] }, limit);
  const reader = await openValues(files, path, header, layout);
  try {
    const { data, warnings: more } =
      header.encoding === 'text'
        ? await readTextVoxels(reader, layout, options)
        : await readVoxels(reader, layout, options);
    const [x, y, z] = layout.size;
    return {
      shape: [z, y, x],
      data,
      slope: 1,
      intercept: 0,
      affine,
      modality: header.modality?.toUpperCase() === 'CT' ? 'CT' : 'other',
      source: path,
      warnings: [...warnings, ...more],
    };
  } finally {
    await reader.close();
  }
}

function product(list: readonly number[]): number {
  return list.reduce((total, extent) => total * extent, 1);
}

/** The axes that are places: those with a direction, else those whose kind says so, else the first three. */
function spatialAxes(path: string, { sizes, directions, kinds }: NrrdHeader): number[] {
  const axes = sizes.map((_, axis) => axis);
  const placed = directions
    ? axes.filter((axis) => directions[axis])
    : axes.filter((axis) => (kinds?.length === sizes.length ? /^(domain|space|\?+)$/.test(kinds[axis]!) : axis < 3));
  const together = placed.every((axis, index) => axis === placed[0]! + index);
  if (placed.length >= 1 && placed.length <= 3 && together) return placed;
  throw refused(
    path,
    'one to three spatial axes side by side',
    placed.length === 0 ? 'none' : `the axes ${placed.join(', ')} of ${sizes.length}`,
    'Store one volume in the file.',
  );
}

function layoutOf({ type, littleEndian, sizes }: NrrdHeader, spatial: readonly number[]): VoxelLayout {
  const extent = (index: number) => (index < spatial.length ? sizes[spatial[index]!]! : 1);
  return {
    type,
    littleEndian,
    size: [extent(0), extent(1), extent(2)],
    components: product(sizes.slice(0, spatial[0])),
    frames: product(sizes.slice(spatial.at(-1)! + 1)),
  };
}

function affineOf(header: NrrdHeader, spatial: readonly number[]): { affine: Affine; warnings: string[] } {
  const { space, directions, origin, spacings, units } = header;
  const warnings: string[] = [];
  if (!space) warnings.push('the file names no space that is known (LPS, RAS or LAS); LPS is taken');
  const signs = TO_RAS[space ?? 'LPS']!;
  if (units?.some((unit) => unit !== 'mm' && unit !== '')) {
    warnings.push(`lengths are taken as millimetres, although the file says ${units.join(' ')}`);
  }
  // A space of two dimensions lies in the plane of the first two.
  const world = (vector: readonly number[] | undefined) =>
    vector && vector.length <= 3 ? signs.map((sign, row) => sign * (vector[row] ?? 0)) : undefined;
  const steps = spatial.map((axis, index) => {
    if (directions) return world(directions[axis]);
    const spacing = spacings?.[axis] ?? Number.NaN;
    return world([0, 1, 2].map((row) => (row === index ? spacing : 0)));
  });
  if (!origin) warnings.push('the file names no origin; 0, 0, 0 is taken');
  return fromSteps(steps, world(origin), signs, warnings);
}

/** Lines are skipped before the values are unpacked, bytes after it; −1 means that the values end the file. */
async function openValues(
  files: FileSource,
  path: string,
  header: NrrdHeader,
  layout: VoxelLayout,
): Promise<ByteReader> {
  const { dataFile, encoding, lineSkip, byteSkip } = header;
  if (dataFile !== undefined && (/^list/i.test(dataFile) || /%\d*d/.test(dataFile))) {
    throw refused(path, 'one data file', `'${dataFile}'`, 'Store the volume in one file.');
  }
  const source = dataFile === undefined ? path : files.beside(path, dataFile);
  const expected = dataFile === undefined ? 'a file' : `the values of ${lastName(path)}`;
  const after = dataFile === undefined ? header.end : 0;
  const start = lineSkip > 0 ? await passLines(files, source, after, lineSkip, expected) : after;
  const [x, y, z] = layout.size;
  const declared = x * y * z * layout.components * layout.frames * WIDTHS[layout.type];
  if (byteSkip === -1) {
    if (encoding !== 'raw') {
      throw refused(
        path,
        'a byte skip of −1 with raw values only',
        `the encoding ${encoding}`,
        'Leave the byte skip out.',
      );
    }
    return openAtEnd(files, source, start, declared, expected);
  }
  const packing = encoding === 'gzip' ? 'zip' : encoding === 'text' ? 'raw' : encoding;
  const reader = await files.open(source, { start, encoding: packing, limit: byteSkip + declared, expected });
  if ((await reader.skip(byteSkip)) === byteSkip) return reader;
  await reader.close();
  throw truncatedImage(source, `${byteSkip} bytes before the values`, 'fewer');
}

/** The byte behind so many lines. */
async function passLines(
  files: FileSource,
  path: string,
  start: number,
  lines: number,
  expected: string,
): Promise<number> {
  const reader = await files.open(path, { start, encoding: 'raw', expected });
  try {
    const piece = new Uint8Array(2 ** 13);
    for (let offset = start, left = lines; ; ) {
      const count = await reader.read(piece);
      for (let index = 0; index < count; index++) {
        if (piece[index] === 10 && --left === 0) return offset + index + 1;
      }
      if (count < piece.length) throw truncatedImage(path, `${lines} lines before the values`, `${lines - left}`);
      offset += count;
    }
  } finally {
    await reader.close();
  }
}
