/**
 * The series among files. Files are grouped by SeriesInstanceUID and then by geometry: slices of one series that have
 * other extents or another orientation (a localiser, a reformat) are a volume of their own, and so are the echoes, time
 * points or b-values that share their places. Only headers are read.
 */
import { faultOf, InputError } from '../../../core/errors.js';
import { groupBy } from '../../../core/group-by.js';
import type { ForeignDecoders } from './foreign.js';
import { hasPixels } from './format.js';
import { isPlaced, type PlacedSlice, type Stack, sameGrid, stackOf } from './geometry.js';
import { type DicomFile, guarded, isDicom, parseDicom } from './parse.js';
import { type Slice, slicesOf } from './slices.js';

/** Slices that make one volume. */
export interface DicomSeries {
  readonly uid: string;
  /** The series description, with what tells apart volumes of one series. */
  readonly description: string;
  /** As the file has it: CT, MR, PT, … */
  readonly modality: string;
  /** [z, y, x], in voxels. */
  readonly shape: readonly [number, number, number];
  /** In the order of the z axis. */
  readonly slices: readonly Slice[];
  /** Where the slices lie; absent where a problem says why. */
  readonly stack?: Stack;
  /** Why no volume can be made of it: a sentence. */
  readonly problem?: string;
  /** Gaps, copies, shear, uneven steps, a sentence each. */
  readonly warnings: readonly string[];
}

/** A file that is not part of any series. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** What a folder holds. */
export interface DicomFolder {
  readonly series: readonly DicomSeries[];
  /** Files that are no DICOM images: reports, plans, notes, damaged files. */
  readonly skipped: readonly SkippedFile[];
}

/** Where DICOM files lie, and what decodes them there. */
export interface DicomFiles {
  /** The first bytes of a file, `count` at most, and the bytes of the whole. */
  head(path: string, count: number): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
  /** All bytes of a file, which stay as they are until another file is asked for. */
  whole(path: string): Promise<Uint8Array>;
  readonly foreign: ForeignDecoders;
}

/** Files by their names, in memory. */
export function dicomFilesIn(files: ReadonlyMap<string, Uint8Array>, foreign: ForeignDecoders): DicomFiles {
  const whole = async (path: string) => files.get(path)!;
  return {
    async head(path, count) {
      const bytes = await whole(path);
      return { bytes: bytes.subarray(0, count), size: bytes.length };
    },
    whole,
    foreign,
  };
}

/** Bytes that are read of a file at first; headers are rarely longer. */
const HEAD = 2 ** 16;

/** The series among files, and what of them is none. */
export async function seriesAmong(paths: readonly string[], files: DicomFiles): Promise<DicomFolder> {
  const skipped: SkippedFile[] = [];
  const slices: Slice[] = [];
  for (const path of paths) {
    const found = await headerSlices(path, files);
    if (typeof found === 'string') skipped.push({ path, reason: found });
    else slices.push(...found);
  }
  const bySeries = groupBy(slices, ({ file }) => file.seriesUid);
  const series = [...bySeries].flatMap(([uid, members]) => seriesOf(uid, members));
  return { series, skipped };
}

/** The slices of a file, or why it has none. */
async function headerSlices(path: string, files: DicomFiles): Promise<Slice[] | string> {
  try {
    return await guarded(path, async () => {
      const { file, size } = await readHeader(path, files);
      if (!file) return 'no DICOM file';
      return hasPixels(file) ? slicesOf(file, size) : 'a DICOM object without pixels';
    });
  } catch (error) {
    // A file that may not be read, or that is gone.
    if (error instanceof Error && !(error instanceof InputError) && 'code' in error) return error.message;
    return faultOf(error, path);
  }
}

/** Parses the beginning of a file, and all of it where the header is longer. */
async function readHeader(path: string, files: DicomFiles): Promise<{ file?: DicomFile; size: number }> {
  const { bytes, size } = await files.head(path, HEAD);
  if (!isDicom(bytes)) return { size };
  if (size > bytes.length) {
    try {
      const file = parseDicom(bytes, path);
      if (hasPixels(file)) return { file, size };
    } catch {
      // The header goes on: parse the whole file.
    }
  }
  return { file: parseDicom(size > bytes.length ? await files.whole(path) : bytes, path), size };
}

function seriesOf(uid: string, members: readonly Slice[]): DicomSeries[] {
  const groups: Slice[][] = [];
  for (const slice of members) {
    const home = groups.find(([first]) => belongs(first!, slice));
    if (home) home.push(slice);
    else groups.push([slice]);
  }
  const several =
    groups.length > 1 ? [`the series holds ${groups.length} geometries: each is a volume of its own`] : [];
  return groups.flatMap((group) => volumesOf(uid, group, several));
}

/** Whether a slice belongs to the group of another one. */
function belongs(first: Slice, slice: Slice): boolean {
  const [a, b] = [first.file.format, slice.file.format];
  if (a.rows !== b.rows || a.columns !== b.columns || a.samples !== b.samples) return false;
  if (isPlaced(first) && isPlaced(slice)) return sameGrid(first, slice);
  return isPlaced(first) === isPlaced(slice) && (a.frames === 1) === (b.frames === 1);
}

function volumesOf(uid: string, group: readonly Slice[], warnings: readonly string[]): DicomSeries[] {
  if (!group.every(isPlaced)) return [unplaced(uid, group, warnings)];
  const { slices, copies } = withoutCopies(group);
  const notes = copies
    ? [...warnings, `copies of other slices (the same SOPInstanceUID) were left out: ${copies}`]
    : warnings;
  const stack = stackOf(slices);
  if (stack.repeated.length === 0) return [placed(uid, stack, notes)];
  const parts = split(slices);
  if (parts) return parts.map(({ name, stack: part }) => placed(uid, part, notes, name));
  const { position } = stack.slices[stack.repeated[0]!]!;
  const problem = `${stack.repeated.length} slices lie at the place of another one (the first at ${position.join(', ')} mm) and nothing tells which belong together`;
  return [{ ...placed(uid, stack, notes), problem }];
}

function placed(uid: string, stack: Stack, warnings: readonly string[], part?: string): DicomSeries {
  const { file } = stack.slices[0]!;
  const { rows, columns } = file.format;
  const colour = file.format.samples === 3 || file.format.photometric === 'PALETTE COLOR';
  return {
    uid,
    description: [file.description, part].filter(Boolean).join(', '),
    modality: file.modality,
    shape: [stack.slices.length, rows, columns],
    slices: stack.slices,
    stack,
    warnings: [...warnings, ...stack.warnings],
    ...(colour ? { problem: 'the slices are in colour: a volume has one value for each voxel' } : {}),
  };
}

function unplaced(uid: string, group: readonly Slice[], warnings: readonly string[]): DicomSeries {
  const { file, position, row, spacing } = group[0]!;
  const missing = [
    position ? '' : 'position (0020,0032)',
    row ? '' : 'valid orientation (0020,0037)',
    spacing ? '' : 'pixel spacing (0028,0030)',
  ].filter(Boolean);
  return {
    uid,
    description: file.description,
    modality: file.modality,
    shape: [group.length, file.format.rows, file.format.columns],
    slices: group,
    problem: `no ${missing.join(', no ')}: read it as single images`,
    warnings,
  };
}

/** Without further copies of one object. */
function withoutCopies(group: readonly PlacedSlice[]): { slices: PlacedSlice[]; copies: number } {
  const seen = new Set<string>();
  const slices = group.filter(({ file, frame }) => {
    const key = `${file.instanceUid} ${frame}`;
    if (!file.instanceUid || !seen.has(key)) {
      seen.add(key);
      return true;
    }
    return false;
  });
  return { slices, copies: group.length - slices.length };
}

/** Volumes that share their places, told apart by one mark or by all of them; undefined where none does. */
function split(slices: readonly PlacedSlice[]): { name: string; stack: Stack }[] | undefined {
  const names = [...new Set(slices.flatMap(({ marks }) => Object.keys(marks)))];
  for (const chosen of [...names.map((name) => [name]), names]) {
    const parts = groupBy(slices, ({ marks }) => chosen.map((name) => `${name} ${marks[name] ?? 'none'}`).join(', '));
    if (parts.size < 2) continue;
    const stacks = [...parts].map(([name, members]) => ({ name, stack: stackOf(members) }));
    const depth = stacks[0]!.stack.slices.length;
    const even = stacks.every(({ stack }) => stack.repeated.length === 0 && stack.slices.length === depth);
    if (even && (depth > 1 || slices.length === parts.size)) return stacks;
  }
  return undefined;
}
