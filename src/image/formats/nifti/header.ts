/**
 * The headers of the NIfTI family: NIfTI-1 (348 bytes), NIfTI-2 (540 bytes) and Analyze 7.5, which has the layout of
 * the first without its mark. Fields are taken as they are; what they mean is decided by the readers.
 * https://nifti.nimh.nih.gov/nifti-1 and https://nifti.nimh.nih.gov/nifti-2
 */
import { InputError } from '../../../core/errors.js';

export interface NiftiHeader {
  readonly version: 'NIfTI-1' | 'NIfTI-2' | 'Analyze';
  readonly littleEndian: boolean;
  /** Whether the voxels lie in a file of their own. */
  readonly pair: boolean;
  /** Bytes of the header without its extensions. */
  readonly length: 348 | 540;
  /** Extents, the fastest axis first; from one to seven. */
  readonly extents: readonly number[];
  readonly datatype: number;
  readonly voxelOffset: number;
  readonly slope: number;
  readonly intercept: number;
  /** `xyzt_units`: the lower three bits are the unit of length. */
  readonly units: number;
  readonly intent: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** `pixdim`: [0] is the handedness of the quaternion, [1] to [3] the edges of a voxel. */
  readonly pixdim: readonly number[];
  /** b, c, d of the unit quaternion, then the place of the first voxel. */
  readonly quaternion: readonly number[];
  /** Three rows of four. */
  readonly sform: readonly number[];
  /** Analyze as SPM writes it: the voxel of the origin along x, y, z, counted from 1; zeros where it is not set. */
  readonly originator: readonly number[];
}

/** Bytes that tell the format and hold the largest header. */
export const HEADER_BYTES = 540;

const FIRST_MARKS = ['n+1\0', 'ni1\0'];
const SECOND_MARKS = ['n+2\0\r\n\x1a\n', 'ni2\0\r\n\x1a\n'];

/** What the first bytes of a file are, or undefined where they belong to another format. */
export function niftiKind(head: Uint8Array): 'NIfTI-1' | 'NIfTI-2' | 'unmarked' | undefined {
  if (head.length < 348) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const sizes = [view.getInt32(0, true), view.getInt32(0, false)];
  if (sizes.includes(540) && head.length >= 540) {
    return SECOND_MARKS.includes(text(head, 4, 12)) ? 'NIfTI-2' : undefined;
  }
  if (FIRST_MARKS.includes(text(head, 344, 348))) return 'NIfTI-1';
  return sizes.includes(348) ? 'unmarked' : undefined;
}

/**
 * @param head at least 348 bytes, 540 for NIfTI-2, of which `niftiKind` says what they are
 * @throws InputError ('image') when the number of axes is not from one to seven
 */
export function parseNiftiHeader(path: string, head: Uint8Array): NiftiHeader {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const kind = niftiKind(head);
  const second = kind === 'NIfTI-2';
  const littleEndian = isLittleEndian(view, second);
  const read = fieldReader(view, littleEndian, second);
  const axes = read.integer(second ? 16 : 40, second ? 8 : 2);
  if (!(axes >= 1 && axes <= 7)) {
    throw new InputError(
      'image',
      `${path}: expected one to seven axes, found ${axes}`,
      'The header is damaged: write the file again.',
    );
  }
  const shared = {
    version: kind === 'unmarked' || !kind ? 'Analyze' : kind,
    littleEndian,
    extents: Array.from({ length: axes }, (_, axis) =>
      second ? read.integer(24 + 8 * axis, 8) : read.integer(42 + 2 * axis, 2),
    ),
  } as const;
  if (second) {
    return {
      ...shared,
      pair: head[5] === 0x69,
      length: 540,
      datatype: read.integer(12, 2),
      voxelOffset: read.integer(168, 8),
      slope: read.float(176),
      intercept: read.float(184),
      units: read.integer(500, 4),
      intent: read.integer(504, 4),
      qformCode: read.integer(344, 4),
      sformCode: read.integer(348, 4),
      pixdim: read.floats(104, 8),
      quaternion: read.floats(352, 6),
      sform: read.floats(400, 12),
      originator: [0, 0, 0],
    };
  }
  const analyze = shared.version === 'Analyze';
  return {
    ...shared,
    pair: analyze || head[345] === 0x69,
    length: 348,
    datatype: read.integer(70, 2),
    voxelOffset: read.float(108),
    slope: read.float(112),
    intercept: analyze ? 0 : read.float(116),
    units: analyze ? 0 : head[123]!,
    intent: analyze ? 0 : read.integer(68, 2),
    qformCode: analyze ? 0 : read.integer(252, 2),
    sformCode: analyze ? 0 : read.integer(254, 2),
    pixdim: read.floats(76, 8),
    quaternion: read.floats(256, 6),
    sform: read.floats(280, 12),
    originator: analyze ? [253, 255, 257].map((at) => read.integer(at, 2)) : [0, 0, 0],
  };
}

/** The length of the header tells the byte order; where it is damaged, the number of axes does. */
function isLittleEndian(view: DataView, second: boolean): boolean {
  const length = view.getInt32(0, true);
  if (length === (second ? 540 : 348)) return true;
  if (view.getInt32(0, false) === (second ? 540 : 348)) return false;
  const axes = view.getInt16(40, true);
  return axes >= 1 && axes <= 7;
}

function fieldReader(view: DataView, little: boolean, second: boolean) {
  const float = (at: number) => (second ? view.getFloat64(at, little) : view.getFloat32(at, little));
  return {
    integer: (at: number, width: 2 | 4 | 8): number => {
      if (width === 2) return view.getInt16(at, little);
      return width === 4 ? view.getInt32(at, little) : Number(view.getBigInt64(at, little));
    },
    float,
    floats: (at: number, count: number) =>
      Array.from({ length: count }, (_, index) => float(at + index * (second ? 8 : 4))),
  };
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
