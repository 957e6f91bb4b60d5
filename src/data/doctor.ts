/**
 * Examines image files before anything is trained on them: every file is decoded, and what is unfit is named with the
 * reason. Duplicates are found by their decoded content, so that a copy in another format or under another name counts.
 */
import { createHash } from 'node:crypto';
import { InputError } from '../core/errors.js';
import { type Image, readImage, TruncatedImageError } from '../image/index.js';
import { mapLimited } from './parallel.js';

export const FILE_STATES = ['ok', 'unreadable', 'truncated', 'too small', 'constant', 'duplicate'] as const;
export type FileState = (typeof FILE_STATES)[number];

/** The smallest extent, in pixels, of an image that is of use where nothing else is set; smaller ones are icons. */
export const MINIMUM_SIZE = 32;

export interface FileReport {
  readonly file: string;
  readonly state: FileState;
  /** Why the file is not fit; empty for `ok`. */
  readonly reason: string;
  /** What was decoded, where decoding worked. */
  readonly shape?: readonly number[];
  readonly channels?: number;
  readonly bitDepth?: number;
}

export interface DoctorReport {
  /** One entry for each file, in the order given. */
  readonly files: readonly FileReport[];
  /** The files that are fit for training, in the order given; of duplicates the first. */
  readonly usable: readonly string[];
  readonly counts: Readonly<Record<FileState, number>>;
}

export interface ExamineOptions {
  /** The smallest extent, in pixels, that each axis must have; by default 32. */
  readonly minimumSize?: number;
  /** How many files are decoded at once. */
  readonly parallel?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Decodes every file and says which are fit. A bad file is reported, not thrown. */
export async function examine(
  files: readonly string[],
  { minimumSize = MINIMUM_SIZE, parallel = 4, onProgress }: ExamineOptions = {},
): Promise<DoctorReport> {
  let done = 0;
  const found = await mapLimited(files, parallel, async (file) => {
    const { report, content } = await examineFile(file, minimumSize);
    onProgress?.(++done, files.length);
    return { report, content };
  });
  const first = new Map<string, string>();
  const reports = found.map(({ report, content }): FileReport => {
    if (report.state !== 'ok' || content === undefined) return report;
    const original = first.get(content);
    if (original === undefined) {
      first.set(content, report.file);
      return report;
    }
    return duplicateOf(report, original);
  });
  const counts = Object.fromEntries(
    FILE_STATES.map((state) => [state, reports.filter((report) => report.state === state).length]),
  ) as Record<FileState, number>;
  return { files: reports, usable: reports.filter(({ state }) => state === 'ok').map(({ file }) => file), counts };
}

/** What was found in one file; the image and the hash of its content where it is fit by itself. */
export interface Examination {
  readonly report: FileReport;
  readonly image?: Image;
  readonly content?: string;
}

/** Decodes one file and says whether it is fit by itself; duplicates are a matter of the whole list. */
export async function examineFile(file: string, minimumSize: number): Promise<Examination> {
  let image: Image;
  try {
    image = await readImage(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const state = error instanceof TruncatedImageError ? 'truncated' : 'unreadable';
    const line = error.message.split('\n')[0]!;
    return { report: { file, state, reason: line.startsWith(`${file}: `) ? line.slice(file.length + 2) : line } };
  }
  const { shape, channels, bitDepth, data } = image;
  const decoded = { file, shape, channels, bitDepth };
  if (Math.min(...shape) < minimumSize) {
    const reason = `expected at least ${minimumSize} pixels along each axis, found ${shape.join(' × ')}`;
    return { report: { ...decoded, state: 'too small', reason } };
  }
  const [low, high] = range(data);
  if (low === high) {
    return { report: { ...decoded, state: 'constant', reason: `every value is ${low}` } };
  }
  if (bitDepth === 32 && !(low >= 0 && high <= 1)) {
    const reason = `expected floating-point values from 0 to 1, found ${low} to ${high}`;
    return { report: { ...decoded, state: 'unreadable', reason } };
  }
  return { report: { ...decoded, state: 'ok', reason: '' }, image, content: contentHash(image) };
}

/** The report of a file whose content another one has. */
export function duplicateOf(report: FileReport, original: string): FileReport {
  return { ...report, state: 'duplicate', reason: `same content as ${original}` };
}

/** The smallest and the largest value; NaN where a value is not a number. */
function range(data: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (Number.isNaN(value)) return [value, value];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function contentHash({ shape, channels, bitDepth, data }: Image): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(`${channels},${shape},${bitDepth};`).update(bytes).digest('hex');
}

export interface FormatOptions {
  /** Columns of the terminal. */
  readonly width?: number;
  /** How many bad files are listed; the rest is counted. */
  readonly most?: number;
}

/** The report as text: the counts, the unfit files with their reasons, and what will be used. */
export function formatDoctorReport(report: DoctorReport, { width = 80, most = 50 }: FormatOptions = {}): string {
  const { files, usable, counts } = report;
  const lines = [`${plural(files.length, 'image file')} examined`];
  for (const state of FILE_STATES) {
    if (counts[state] > 0 || state === 'ok') lines.push(`  ${String(counts[state]).padStart(6)}  ${state}`);
  }
  const bad = files.filter(({ state }) => state !== 'ok');
  if (bad.length > 0) lines.push('', 'Not used:');
  for (const { file, state, reason } of bad.slice(0, most)) {
    lines.push(`  ${state.padEnd(10)}  ${keepEnd(file, width - 14)}`);
    lines.push(...wrap(reason, width - 14).map((line) => `${' '.repeat(14)}${line}`));
  }
  if (bad.length > most) lines.push(`  … and ${bad.length - most} more`);
  lines.push('', ...wrap(used(report), width));
  if (usable.length === 0) lines.push('Nothing is left to train on.');
  return `${lines.join('\n')}\n`;
}

/** What will be used: the count, the range of sizes, the channels and bit depths. */
function used({ files, usable }: DoctorReport): string {
  const fit = files.filter(({ state }) => state === 'ok');
  const start = `Used: ${plural(usable.length, 'image')}`;
  if (fit.length === 0) return `${start}.`;
  const shapes = fit.map(({ shape }) => shape ?? []);
  const extremes = (pick: (...values: number[]) => number) =>
    shapes[0]!.map((_, axis) => shapes.map((shape) => shape[axis]!).reduce((a, b) => pick(a, b))).join(' × ');
  const [low, high] = [extremes(Math.min), extremes(Math.max)];
  const kinds = new Set(fit.map(({ channels, bitDepth }) => `${channels === 1 ? 'gray' : 'colour'} ${bitDepth}-bit`));
  return `${start}, ${low === high ? low : `from ${low} to ${high}`} pixels (height × width), ${[...kinds].sort().join(', ')}.`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** The end of a path tells files apart; the start gives way. */
function keepEnd(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}

/** Lines of at most `width` columns; a longer word is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').map((word) => keepEnd(word, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
