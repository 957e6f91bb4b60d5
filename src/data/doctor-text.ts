/**
 * The doctor's report as text: the counts, the unfit files with their reasons, what is told of others, and what will be
 * used.
 */
import { counted } from '../core/counted.js';
import { firstFewLines } from '../core/lists.js';
import { printable } from '../core/printable.js';
import { keepEnd, wrapWords } from '../core/wrap.js';
import type { PassedOver } from './passed-over.js';
import { type DoctorReport, FILE_STATES, type FileReport } from './report.js';
import { warningLines } from './warnings.js';

export interface FormatOptions {
  /** Columns of the terminal. */
  readonly width?: number;
  /** How many bad files are listed; the rest is counted. */
  readonly most?: number;
  /** What lies in the folder and was not examined (`discover`). */
  readonly passedOver?: readonly PassedOver[];
}

/** The report as text: the counts, the unfit files with their reasons, and what will be used. */
export function formatDoctorReport(
  report: DoctorReport,
  { width = 80, most = 50, passedOver = [] }: FormatOptions = {},
): string {
  const { files, usable, counts, kind } = report;
  const lines = [`${counted(files.length, kind === 'images' ? 'image file' : 'volume')} examined`];
  for (const state of FILE_STATES) {
    if (counts[state] > 0 || state === 'ok') lines.push(`  ${String(counts[state]).padStart(6)}  ${state}`);
  }
  const bad = files.filter(({ state }) => state !== 'ok');
  if (bad.length > 0) lines.push('', 'Not used:');
  const badLines = ({ file, state, reason }: FileReport) => [
    `  ${state.padEnd(10)}  ${keepEnd(printable(file), width - 14)}`,
    ...wrapWords(reason, width - 14).map((line) => `${' '.repeat(14)}${line}`),
  ];
  lines.push(...firstFewLines(bad, most, badLines));
  lines.push(...lookLines(files, width, most), ...passedOverLines(passedOver, width));
  lines.push('', ...wrapWords(used(report), width));
  if (usable.length === 0) lines.push('Nothing is left to train on.');
  return `${lines.join('\n')}\n`;
}

/** What can be used and is worth a look. */
function lookLines(files: readonly FileReport[], width: number, most: number): string[] {
  const told = files.flatMap(({ file, state, warnings = [] }) =>
    state === 'ok' && warnings.length > 0 ? [{ file, warnings }] : [],
  );
  return told.length === 0 ? [] : ['', 'Used, but look at:', ...warningLines(told, { width, most })];
}

/** What is no image of the dataset, and why. */
export function passedOverLines(list: readonly PassedOver[], width: number): string[] {
  if (list.length === 0) return [];
  const lines = ['', 'Passed over, since these are no images to train on:'];
  for (const { count, reason, first } of list) {
    lines.push(
      ...wrapWords(`${String(count).padStart(6)}  ${printable(reason)}`, width - 2).map((line) => `  ${line}`),
    );
    lines.push(`          ${keepEnd(printable(first), width - 10)}`);
  }
  return lines;
}

/** What will be used: the count, the range of sizes, and the channels and bit depths or types and spacings. */
function used({ kind, files, usable }: DoctorReport): string {
  const fit = files.filter(({ state }) => state === 'ok');
  const start = `Used: ${counted(usable.length, kind === 'images' ? 'image' : 'volume')}`;
  if (fit.length === 0) return `${start}.`;
  const size = span(fit.map(({ shape }) => shape ?? []));
  const names = (name: (report: FileReport) => string) => [...new Set(fit.map(name))].sort().join(', ');
  if (kind === 'images') {
    const kinds = names(({ channels, bitDepth }) => `${channels === 1 ? 'gray' : 'colour'} ${bitDepth}-bit`);
    return `${start}, ${size} pixels (height × width), ${kinds}.`;
  }
  const spacings = fit.map(({ spacing }) => (spacing ?? []).map((edge) => Number(edge.toPrecision(3))));
  const stored = `stored as ${names(({ type }) => `${type}`)} in ${names(({ orientation }) => `${orientation}`)}`;
  return `${start}, ${size} voxels (z × y × x in RAS), ${span(spacings)} mm, ${stored}.${mixed(spacings)}`;
}

/** Volumes of which the spacing differs by more than this factor show one organ at different sizes. */
const MIXED = 1.5;

function mixed(spacings: readonly (readonly number[])[]): string {
  const apart = [0, 1, 2].some((axis) => {
    const edges = spacings.map((spacing) => spacing[axis]!);
    return Math.max(...edges) > MIXED * Math.min(...edges);
  });
  if (!apart) return '';
  const median = [0, 1, 2].map((axis) => {
    const edges = spacings.map((spacing) => spacing[axis]!).sort((a, b) => a - b);
    return Number(((edges[(edges.length - 1) >> 1]! + edges[edges.length >> 1]!) / 2).toPrecision(3));
  });
  return ` The spacings differ: data.spacing=[${median.join(', ')}] would make them equal (their median).`;
}

/** `a × b`, or `from a × b to c × d`: the least and the greatest along each axis. */
function span(lists: readonly (readonly number[])[]): string {
  const extremes = (pick: (...values: number[]) => number) =>
    lists[0]!.map((_, axis) => lists.map((list) => list[axis]!).reduce((a, b) => pick(a, b))).join(' × ');
  const [low, high] = [extremes(Math.min), extremes(Math.max)];
  return low === high ? low : `from ${low} to ${high}`;
}
