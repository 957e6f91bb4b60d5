/**
 * Reading NIfTI-1, NIfTI-2 and Analyze: one file or a header beside a voxel file, packed with gzip or not. Values stay
 * as they are stored; `scl_slope` and `scl_inter` become the volume's slope and intercept. Complex numbers, 128-bit
 * floats and single bits are refused.
 */
import { InputError } from '../../../core/errors.js';
import { lastName } from '../../../core/names.js';
import { type ByteReader, type FileSource, readWhole } from '../../byte-reader.js';
import { isRegular } from '../../geometry/affine.js';
import type { Affine, Volume } from '../../volume.js';
import { readVoxels } from '../../voxels.js';
import { truncatedImage } from '../truncated.js';
import type { StoredType, VolumeReadOptions, VoxelLayout } from '../voxel-layout.js';
import { niftiAffine } from './geometry.js';
import { HEADER_BYTES, type NiftiHeader, niftiKind, parseNiftiHeader } from './header.js';
import { spmAffine } from './spm-mat.js';

/** Stored types by their code, with the values of one voxel. */
const TYPES: Readonly<Record<number, readonly [StoredType, number]>> = {
  2: ['uint8', 1],
  4: ['int16', 1],
  8: ['int32', 1],
  16: ['float32', 1],
  64: ['float64', 1],
  128: ['uint8', 3],
  256: ['int8', 1],
  512: ['uint16', 1],
  768: ['uint32', 1],
  1024: ['int64', 1],
  1280: ['uint64', 1],
  2304: ['uint8', 4],
};

const REFUSED_TYPES: Readonly<Record<number, string>> = {
  1: 'single bits',
  32: 'complex numbers',
  1536: '128-bit floating point',
  1792: 'complex numbers',
  2048: 'complex numbers',
};

/**
 * Reads one volume. A header file stands for its pair, and so does a voxel file with a header beside it.
 * @param path `.nii`, `.nii.gz`, `.hdr`, `.img` and the packed forms of the last two
 * @param options `frame` chooses among the volumes of a series, or the planes of a colour (red, green, blue)
 * @throws InputError ('image') when the header or the type is not supported, a part is missing, or several volumes are
 *   there and none is chosen
 * @throws TruncatedImageError when bytes are missing
 */
export async function readNifti(files: FileSource, path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  const reader = await files.open(path);
  try {
    const { header, consumed } = await readHeader(path, reader);
    const layout = layoutOf(path, header);
    const { affine, warnings } = await placeOf(files, path, header);
    const { slope, intercept } = scaling(path, header, layout);
    if (header.version === 'Analyze' && slope !== 1) warnings.push(`the scale of SPM, ${slope}, is applied`);
    const voxelFile = header.pair ? await files.open(voxelFileOf(files, path)) : reader;
    try {
      await skipToVoxels(voxelFile, header, header.pair ? 0 : consumed, warnings);
      const { data, warnings: more } = await readVoxels(voxelFile, layout, options);
      const [x, y, z] = layout.size;
      const all = [...warnings, ...more];
      return { shape: [z, y, x], data, slope, intercept, affine, modality: 'other', source: path, warnings: all };
    } finally {
      if (header.pair) await voxelFile.close();
    }
  } finally {
    await reader.close();
  }
}

/** Where the voxels lie; an Analyze pair may have a file of SPM beside it that says so. */
async function placeOf(
  files: FileSource,
  path: string,
  header: NiftiHeader,
): Promise<{ affine: Affine; warnings: string[] }> {
  const beside = header.version === 'Analyze' ? sibling(files, stemOf(path), 'mat') : undefined;
  if (!beside) return niftiAffine(header);
  const affine = await spmAffine(beside, await readWhole(files, beside, 2 ** 24));
  if (!affine) return niftiAffine(header);
  if (isRegular(affine)) return { affine, warnings: [`the matrix of ${lastName(beside)} places the volume`] };
  throw new InputError(
    'image',
    `${beside}: expected a matrix that places the volume, found a singular one`,
    'Save it again with SPM, or take the file away.',
  );
}

/** The header file that belongs to a voxel file, where there is one. */
export function headerFileOf(files: FileSource, path: string): string | undefined {
  const match = /^(.*)\.img(\.gz)?$/i.exec(path);
  return match ? sibling(files, match[1]!, 'hdr') : undefined;
}

async function readHeader(path: string, reader: ByteReader): Promise<{ header: NiftiHeader; consumed: number }> {
  const head = new Uint8Array(HEADER_BYTES);
  // Only as much as the header is long, so that the reader stands behind it.
  let consumed = await reader.read(head.subarray(0, 348));
  const second = consumed === 348 && (head[0] === 0x1c || head[3] === 0x1c);
  if (second) consumed += await reader.read(head.subarray(348));
  if (consumed < (second ? 540 : 348)) {
    throw truncatedImage(path, `a header of ${second ? 540 : 348} bytes`, `${consumed} bytes`);
  }
  const kind = niftiKind(head.subarray(0, consumed));
  if (!kind || (kind === 'unmarked' && !/\.(hdr|img)(\.gz)?$/i.test(path))) {
    throw new InputError(
      'image',
      `${path}: expected a NIfTI header, found one without its mark ('n+1', 'ni1', 'n+2' or 'ni2')`,
      'The header is damaged. An Analyze header needs a name that ends in .hdr.',
    );
  }
  return { header: parseNiftiHeader(path, head.subarray(0, consumed)), consumed };
}

function layoutOf(path: string, { extents, datatype, littleEndian }: NiftiHeader): VoxelLayout {
  const type = TYPES[datatype];
  if (!type) {
    throw new InputError(
      'image',
      `${path}: expected integers or floating point of up to 64 bits, found ${REFUSED_TYPES[datatype] ?? `the unknown data type ${datatype}`}`,
      'Store the volume with one of the types int8 to int64, uint8 to uint64, float32 or float64.',
    );
  }
  return {
    type: type[0],
    littleEndian,
    size: [extents[0]!, extents[1] ?? 1, extents[2] ?? 1],
    components: type[1],
    frames: extents.slice(3).reduce((product, extent) => product * extent, 1),
  };
}

/** A slope of zero, or one that is no number, means that the values are not scaled. */
function scaling(path: string, { slope, intercept }: NiftiHeader, { components }: VoxelLayout) {
  if (components > 1 || !Number.isFinite(slope) || slope === 0) return { slope: 1, intercept: 0 };
  if (Number.isFinite(intercept)) return { slope, intercept };
  throw new InputError(
    'image',
    `${path}: expected a finite scl_inter, found ${intercept}`,
    'The header is damaged: write the file again.',
  );
}

function voxelFileOf(files: FileSource, path: string): string {
  const found = sibling(files, stemOf(path), 'img');
  if (found) return found;
  throw new InputError(
    'image',
    `${path}: expected its voxels in a file of the same name that ends in .img or .img.gz, found none`,
    'Copy the two files of the pair into one folder.',
  );
}

function stemOf(path: string): string {
  return path.replace(/\.(hdr|img)(\.gz)?$/i, '');
}

function sibling(files: FileSource, stem: string, extension: string): string | undefined {
  return [extension, `${extension}.gz`, extension.toUpperCase(), `${extension.toUpperCase()}.GZ`]
    .map((ending) => `${stem}.${ending}`)
    .find((candidate) => files.exists(candidate));
}

async function skipToVoxels(
  reader: ByteReader,
  { voxelOffset, pair, length }: NiftiHeader,
  consumed: number,
  warnings: string[],
): Promise<void> {
  const least = pair ? 0 : length + 4;
  if (!(voxelOffset >= least)) warnings.push(`a voxel offset of ${voxelOffset} lies in the header; ${least} is taken`);
  const offset = voxelOffset >= least ? Math.floor(voxelOffset) : least;
  const passed = await reader.skip(offset - consumed);
  if (passed < offset - consumed) {
    throw truncatedImage(reader.path, `voxels from byte ${offset} on`, `${consumed + passed} bytes`);
  }
}
