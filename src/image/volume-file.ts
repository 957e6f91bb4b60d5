/**
 * Reading volumes, whatever their format: the content decides, not the name. A name helps only where a format keeps its
 * voxels in a file without a mark.
 */
import { InputError } from '../core/errors.js';
import { type FileSource, latin, readHead } from './byte-reader.js';
import { isMetaImage } from './formats/metaimage/header.js';
import { readMetaImage } from './formats/metaimage/read.js';
import { isMgh, readMgh } from './formats/mgh/read.js';
import { HEADER_BYTES, niftiKind } from './formats/nifti/header.js';
import { headerFileOf, readNifti } from './formats/nifti/read.js';
import { readNrrd } from './formats/nrrd/read.js';
import type { VolumeReadOptions } from './formats/voxel-layout.js';
import { memoryFiles } from './memory-files.js';
import type { StoredArray, Volume } from './volume.js';

interface Format {
  readonly name: string;
  /** Whether a whole file of this format may be packed with gzip. */
  readonly packs: boolean;
  readonly knows: (head: Uint8Array) => boolean;
  readonly read: (files: FileSource, path: string, options: VolumeReadOptions) => Promise<Volume>;
}

const FORMATS: readonly Format[] = [
  { name: 'NIfTI', packs: true, knows: (head) => niftiKind(head) !== undefined, read: readNifti },
  { name: 'NRRD', packs: false, knows: (head) => latin(head).startsWith('NRRD000'), read: readNrrd },
  { name: 'MetaImage', packs: false, knows: (head) => isMetaImage(latin(head)), read: readMetaImage },
  { name: 'MGH', packs: true, knows: isMgh, read: readMgh },
];

const EXPECTED = 'a volume in NIfTI, Analyze, NRRD, MetaImage or MGH';

/**
 * Reads one volume with its stored values, their scale and their place.
 * @param files where the file is, and what belongs to it
 * @param path a file: `.nii`, `.hdr` or `.img`, `.nrrd`, `.nhdr`, `.mha`, `.mhd`, `.mgh`; `.gz` behind the first three
 * @param options `frame` chooses, from 0, among the volumes of a series, the planes of a colour or the components of a
 *   vector; a file that holds several is refused without it. `voxelLimit` bounds the size, 2³⁰ voxels by default
 * @returns shape [z, y, x]; a 2D file has one slice. Values that are not finite are counted in `warnings`
 * @throws InputError ('image') when the file is missing, of no known format, damaged, not supported or ambiguous;
 *   ('memory') when it is larger than the limit
 * @throws TruncatedImageError when the file holds fewer bytes than its header says
 * @example
 * const volume = await readVolumeFrom(memoryFiles(new Map([['scan.nii.gz', bytes]])), 'scan.nii.gz');
 * volume.shape; // [z, y, x]
 * spacingOf(volume); // mm, in the same order
 */
export async function readVolumeFrom(
  files: FileSource,
  path: string,
  options: VolumeReadOptions = {},
): Promise<Volume> {
  const header = headerFileOf(files, path);
  if (header) return readVolumeFrom(files, header, options);
  const { head, packed } = await readHead(files, path, HEADER_BYTES);
  const format = FORMATS.find(({ knows }) => knows(head));
  if (!format) {
    throw new InputError(
      'image',
      `${path}: expected ${EXPECTED}, found ${head.length === 0 ? 'an empty file' : 'something else'}`,
      'Name the header where the voxels have a file of their own (.hdr, .nhdr, .mhd), or convert the file to NIfTI.',
    );
  }
  if (packed && !format.packs) {
    throw new InputError(
      'image',
      `${path}: expected a ${format.name} file, found one inside of a gzip file`,
      'Unpack it with gunzip; the format packs its values itself.',
    );
  }
  const volume = await format.read(files, path, options);
  const count = countNotFinite(volume.data);
  if (count === 0) return volume;
  const warning = `${count} of ${volume.data.length} values are not finite (NaN or infinite)`;
  return { ...volume, warnings: [...volume.warnings, warning] };
}

/** How many values are NaN or infinite; integers never are. */
export function countNotFinite(data: StoredArray): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return 0;
  let count = 0;
  for (let index = 0; index < data.length; index++) if (!Number.isFinite(data[index])) count++;
  return count;
}

/**
 * A volume whose file is in memory.
 * @param name of the file; `.hdr` for Analyze
 * @param beside files that belong to it, by their names
 * @throws InputError as `readVolumeFrom` does
 * @example const volume = await readVolumeBytes(new Uint8Array(await file.arrayBuffer()), file.name);
 */
export function readVolumeBytes(
  bytes: Uint8Array,
  name: string,
  {
    beside = new Map<string, Uint8Array>(),
    ...options
  }: VolumeReadOptions & { readonly beside?: ReadonlyMap<string, Uint8Array> } = {},
): Promise<Volume> {
  return readVolumeFrom(memoryFiles(new Map([...beside, [name, bytes]])), name, options);
}
