/**
 * Reading FreeSurfer's MGH and MGZ: a big-endian header of 284 bytes, then the voxels. The header names the directions,
 * the edges and the place of the middle of the volume. https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat
 */
import { InputError } from '../../../core/errors.js';
import { type FileSource, readExactly } from '../../byte-reader.js';
import { fromSteps } from '../../geometry/steps.js';
import type { Affine, Volume } from '../../volume.js';
import { readVoxels } from '../../voxels.js';
import type { StoredType, VolumeReadOptions } from '../voxel-layout.js';

const HEADER_BYTES = 284;
const TYPES: Readonly<Record<number, StoredType>> = { 0: 'uint8', 1: 'int32', 3: 'float32', 4: 'int16', 10: 'uint16' };
/** Directions of x, y and z where the header names none: left, inferior, anterior. */
const CORONAL = [-1, 0, 0, 0, 0, -1, 0, 1, 0] as const;

/** Whether the first bytes can be a header: version 1, extents above zero, a known type. */
export function isMgh(head: Uint8Array): boolean {
  if (head.length < 30) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const extents = [4, 8, 12, 16].map((at) => view.getInt32(at));
  return view.getInt32(0) === 1 && extents.every((extent) => extent >= 1) && view.getInt32(20) in TYPES;
}

/**
 * Reads one volume.
 * @param path `.mgh` or `.mgz`
 * @param options `frame` chooses among the volumes of a series
 * @throws InputError ('image') when the header is damaged, or several volumes are there and none is chosen
 * @throws TruncatedImageError when bytes are missing
 */
export async function readMgh(files: FileSource, path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  const reader = await files.open(path);
  try {
    const head = new Uint8Array(HEADER_BYTES);
    await readExactly(reader, head, 'a header');
    const view = new DataView(head.buffer);
    const [x, y, z, frames, code] = [4, 8, 12, 16, 20].map((at) => view.getInt32(at)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const type = TYPES[code];
    if (!type) {
      throw new InputError(
        'image',
        `${path}: expected the type 0, 1, 3, 4 or 10, found ${code}`,
        'Convert the volume with mri_convert to one of these types.',
      );
    }
    const { affine, warnings } = affineOf(view, [x, y, z]);
    const layout = { type, littleEndian: false, size: [x, y, z], components: 1, frames } as const;
    // Scan parameters and tags follow the voxels: bytes behind them are no reason to warn.
    const { data } = await readVoxels(reader, layout, options);
    return { shape: [z, y, x], data, slope: 1, intercept: 0, affine, modality: 'other', source: path, warnings };
  } finally {
    await reader.close();
  }
}

function affineOf(view: DataView, extents: readonly number[]): { affine: Affine; warnings: string[] } {
  const floats = (at: number, count: number) =>
    Array.from({ length: count }, (_, index) => view.getFloat32(at + 4 * index));
  const placed = view.getInt16(28) > 0;
  const edges = placed ? floats(30, 3) : [1, 1, 1];
  const directions = placed ? floats(42, 9) : CORONAL;
  const centre = placed ? floats(78, 3) : [0, 0, 0];
  const steps = edges.map((edge, axis) => [0, 1, 2].map((row) => directions[3 * axis + row]! * edge));
  const origin = centre.map((value, row) =>
    steps.reduce((sum, step, axis) => sum - (step[row]! * extents[axis]!) / 2, value),
  );
  const warnings = placed ? [] : ['the file names no place; coronal slices of 1 mm are taken'];
  return fromSteps(steps, origin, [1, 1, 1], warnings);
}
