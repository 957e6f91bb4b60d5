/**
 * The slices of a file, one for each frame: where they lie in the patient, how their values are scaled, and what tells
 * them apart from others at the same place. Multi-frame objects keep this in functional groups (PS3.3, section
 * C.7.6.16).
 */
import type { DataSet } from 'dicom-parser';
import { formatOf, type PixelFormat, text } from './format.js';
import { type DicomFile, decimals, functionalGroups, itemsOf, pixelElement } from './parse.js';
import { refuse } from './refuse.js';
import { hasModalityTable, isHounsfield, type Rescale, rescaleOf } from './rescale.js';

/** Millimetres in the patient: left, posterior, superior (LPS), as DICOM has them. */
export type Vector = readonly [number, number, number];

/** What all slices of a file have in common. */
export interface SliceFile {
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly format: PixelFormat;
  readonly seriesUid: string;
  readonly instanceUid: string;
  readonly description: string;
  readonly modality: string;
  readonly hounsfield: boolean;
  readonly modalityTable: boolean;
}

/** One frame. */
export interface Slice {
  readonly file: SliceFile;
  /** The frame, from 0. */
  readonly frame: number;
  readonly instance: number;
  /** The centre of the first voxel. */
  readonly position?: Vector;
  /** Directions of a row (along which columns are counted) and of a column. */
  readonly row?: Vector;
  readonly column?: Vector;
  /** Distances between rows and between columns, in millimetres. */
  readonly spacing?: readonly [number, number];
  /** Between slices, as the file has it, in millimetres. */
  readonly thickness?: number;
  readonly rescale: Rescale;
  /** What tells apart slices that lie at one place, by name. */
  readonly marks: Readonly<Record<string, string>>;
}

/**
 * The slices of a file.
 * @param size bytes of the file, which may be longer than the part that was parsed
 * @throws InputError ('image') when the file has no pixels, or claims more frames than it can hold
 */
export function slicesOf(file: DicomFile, size: number): Slice[] {
  const { dataSet, source } = file;
  const format = formatOf(file);
  const { frames, rows, columns, samples, allocated, coding } = format;
  const available = Math.max(size, file.bytes.length);
  const perFrame = coding === 'native' ? Math.floor((rows * columns * samples * allocated) / 8) : 8;
  // A file that ends early is named as such when it is read; here only the number of frames must make sense.
  if (frames > 1 && frames > available / Math.max(perFrame, 0.125)) {
    throw refuse(
      source,
      `${frames} frames`,
      `a file of ${size} bytes`,
      'The file is cut short or damaged: export it again.',
    );
  }
  const groupsOf = functionalGroups(dataSet);
  const common: SliceFile = {
    path: source,
    size: available,
    format,
    seriesUid: text(dataSet, 'x0020000e') ?? '',
    instanceUid: text(dataSet, 'x00080018') ?? '',
    description: text(dataSet, 'x0008103e') ?? '',
    modality: text(dataSet, 'x00080060') ?? '',
    hounsfield: isHounsfield(dataSet, groupsOf(0)),
    modalityTable: hasModalityTable(dataSet),
  };
  const offsets = frames > 1 && pixelElement(file) ? frameOffsets(file, frames) : undefined;
  return Array.from({ length: frames }, (_, frame) => {
    const groups = groupsOf(frame);
    return sliceOf(dataSet, groups, common, frame, offsets && { ...offsets, value: offsets.values[frame]! });
  });
}

function sliceOf(
  dataSet: DataSet,
  groups: readonly DataSet[],
  file: SliceFile,
  frame: number,
  offset?: FrameOffset,
): Slice {
  const from = (sequence: string) => groups.flatMap((group) => itemsOf(group, sequence))[0];
  const multi = file.format.frames > 1;
  const measures = from('x00289110') ?? dataSet;
  const orientation = decimals(from('x00209116') ?? dataSet, 'x00200037', 6);
  const place = from('x00209113') ?? (multi && offset === undefined ? undefined : dataSet);
  const axes = orientation && axesOf(orientation);
  const spacing = decimals(measures, 'x00280030', 2);
  const first = place && decimals(place, 'x00200032', 3);
  const position = first && offset !== undefined && axes ? moved(first as unknown as Vector, axes, offset) : first;
  const thickness = measures.floatString('x00180088') ?? measures.floatString('x00180050');
  const content = from('x00209111');
  return {
    file,
    frame,
    instance: (multi ? frame : dataSet.intString('x00200013')) ?? 0,
    ...(position ? { position: position as unknown as Vector } : {}),
    ...(axes ? axes : {}),
    ...(spacing?.every((edge) => edge > 0) ? { spacing: spacing as [number, number] } : {}),
    ...(thickness && thickness > 0 && Number.isFinite(thickness) ? { thickness } : {}),
    rescale: rescaleOf(dataSet, groups),
    marks: marksOf(dataSet, from, content),
  };
}

/** The two directions, or undefined where they are no right-angled unit vectors. */
function axesOf(values: readonly number[]): { row: Vector; column: Vector } | undefined {
  const row = values.slice(0, 3) as unknown as Vector;
  const column = values.slice(3) as unknown as Vector;
  const unit = (vector: Vector) => Math.abs(Math.hypot(...vector) - 1) < 0.01;
  return unit(row) && unit(column) && Math.abs(dot(row, column)) < 0.01 ? { row, column } : undefined;
}

/** Where a frame of a dose grid lies: its distance from the first along the normal, or its own z in the patient. */
interface FrameOffset {
  readonly value: number;
  readonly absolute: boolean;
}

/**
 * The Grid Frame Offset Vector of a dose (PS3.3, section C.8.8.3.2): distances from the first frame, which begin with
 * 0; or, of axial frames, z in the patient, which begin with that of the first frame.
 * @throws InputError ('image') for a vector that is neither, or has not a number for each frame
 */
function frameOffsets({ dataSet, source }: DicomFile, frames: number) {
  const stored = dataSet.string('x3004000c');
  if (stored === undefined) return undefined;
  const values = decimals(dataSet, 'x3004000c', frames);
  const count = stored.split('\\').length;
  const wrong = (expected: string, found: string) =>
    refuse(source, expected, found, 'Its frames cannot be placed: export the dose again.');
  if (!values || count !== frames) {
    throw wrong(`${frames} grid frame offsets (3004,000C)`, count === frames ? `'${stored.slice(0, 40)}'` : `${count}`);
  }
  const [first] = values as [number];
  if (first === 0) return { values, absolute: false };
  const place = decimals(dataSet, 'x00200032', 3);
  const orientation = decimals(dataSet, 'x00200037', 6) ?? [];
  const axial = Math.abs(orientation[2]!) < 1e-3 && Math.abs(orientation[5]!) < 1e-3;
  if (axial && place && Math.abs(place[2]! - first) < 1e-2) return { values, absolute: true };
  throw wrong('grid frame offsets that begin with 0, or of axial frames with the z of the first', `${first}`);
}

function moved(first: Vector, { row, column }: { row: Vector; column: Vector }, offset: FrameOffset): Vector {
  if (offset.absolute) return [first[0], first[1], offset.value];
  const normal = cross(row, column);
  return [0, 1, 2].map((axis) => first[axis]! + normal[axis]! * offset.value) as unknown as Vector;
}

function marksOf(
  dataSet: DataSet,
  from: (sequence: string) => DataSet | undefined,
  content: DataSet | undefined,
): Record<string, string> {
  const segment = from('x0062000a')?.uint16('x0062000b');
  const echo = from('x00189114')?.double('x00189082');
  const diffusion = from('x00189117')?.double('x00189087') ?? dataSet.double('x00189087');
  const found: Record<string, string | number | undefined> = {
    segment,
    stack: content && text(content, 'x00209056'),
    'temporal position': content?.uint32('x00209128') ?? text(dataSet, 'x00200100'),
    echo: echo ?? text(dataSet, 'x00180086'),
    'b-value': diffusion,
    'image type': text(dataSet, 'x00080008'),
    acquisition: text(dataSet, 'x00200012'),
    'acquisition time': text(dataSet, 'x00080032'),
  };
  const kept = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
