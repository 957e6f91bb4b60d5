/**
 * Reading MetaImage: `.mha`, or `.mhd` beside a voxel file; raw, as text, or packed with zlib. As in ITK the world is
 * LPS, whatever `AnatomicalOrientation` says, and a centre of rotation changes nothing. Lists and patterns of files are
 * refused.
 */
import { InputError } from '../../../core/errors.js';
import { lastName } from '../../../core/names.js';
import { type ByteReader, type FileSource, openAtEnd } from '../../byte-reader.js';
import { fromSteps } from '../../geometry/steps.js';
import type { Affine, Volume } from '../../volume.js';
import { readVoxels } from '../../voxels.js';
import { readTextVoxels } from '../text-voxels.js';
import { truncatedImage } from '../truncated.js';
import { type VolumeReadOptions, type VoxelLayout, WIDTHS } from '../voxel-layout.js';
import { type MetaHeader, readMetaHeader } from './header.js';

const LPS = [-1, -1, 1] as const;

/**
 * Reads one volume.
 * @param path `.mha` or `.mhd`
 * @param options `frame` chooses among the channels of a voxel and the volumes of a series
 * @throws InputError ('image') when the header is damaged or asks for what is not supported, or when several volumes
 * are there and none is chosen
 * @throws TruncatedImageError when bytes are missing
 */
export async function readMetaImage(files: FileSource, path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  const header = await readMetaHeader(files, path);
  const { type, littleEndian, sizes, channels, slope, intercept } = header;
  const [x, y = 1, z = 1, frames = 1] = sizes as [number, number?, number?, number?];
  const layout: VoxelLayout = { type, littleEndian, size: [x, y, z], components: channels, frames };
  const { affine, warnings } = affineOf(header);
  const reader = await openVoxels(files, path, header, layout);
  try {
    const { data, warnings: more } =
      header.encoding === 'text'
        ? await readTextVoxels(reader, layout, options)
        : await readVoxels(reader, layout, options);
    return {
      shape: [z, y, x],
      data,
      slope,
      intercept,
      affine,
      modality: header.ct ? 'CT' : 'other',
      source: path,
      warnings: [...warnings, ...more],
    };
  } finally {
    await reader.close();
  }
}

function affineOf({ sizes, spacing, directions, origin }: MetaHeader): { affine: Affine; warnings: string[] } {
  const warnings: string[] = [];
  const axes = sizes.length;
  if (!directions) warnings.push('the file names no directions; left, posterior, superior are taken');
  const world = (vector: readonly number[]) => LPS.map((sign, row) => sign * (vector[row] ?? 0));
  const steps = Array.from({ length: Math.min(axes, 3) }, (_, axis) => {
    if (!spacing) return undefined;
    const direction = [0, 1, 2].map((row) => {
      if (!directions || axes === 1) return row === axis ? 1 : 0;
      return row < axes ? directions[axis * axes + row]! : 0;
    });
    return world(direction.map((value) => value * spacing[axis]!));
  });
  return fromSteps(steps, origin ? world(origin) : undefined, LPS, warnings);
}

async function openVoxels(
  files: FileSource,
  path: string,
  header: MetaHeader,
  layout: VoxelLayout,
): Promise<ByteReader> {
  const { dataFile, encoding, headerSize, end } = header;
  if (/^list\b/i.test(dataFile) || /%\d*d/.test(dataFile)) {
    throw new InputError(
      'image',
      `${path}: expected one voxel file, found '${dataFile}'`,
      'Save the volume as .mha, in one file.',
    );
  }
  const local = dataFile.toUpperCase() === 'LOCAL';
  const source = local ? path : files.beside(path, dataFile);
  const expected = local ? 'a file' : `the voxels of ${lastName(path)}`;
  const start = local ? end : 0;
  const [x, y, z] = layout.size;
  const declared = x * y * z * layout.components * layout.frames * WIDTHS[layout.type];
  if (headerSize === -1) return openAtEnd(files, source, start, declared, expected);
  const reader = await files.open(source, { start, encoding: encoding === 'zip' ? 'zip' : 'raw', expected });
  if ((await reader.skip(headerSize)) === headerSize) return reader;
  await reader.close();
  throw truncatedImage(source, `${headerSize} bytes before the voxels`, 'fewer');
}
