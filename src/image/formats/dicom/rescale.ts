/**
 * From stored values to real ones: Rescale Slope and Intercept, which make Hounsfield units of a CT, the grid scaling
 * of a dose, and the padding that is no measurement.
 */
import type { DataSet } from 'dicom-parser';
import { type PixelFormat, text } from './format.js';
import { type DicomFile, itemsOf } from './parse.js';

/** `real = stored · slope + intercept` */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** The stored values from `low` to `high` that pad the picture. */
export interface Padding {
  readonly low: number;
  readonly high: number;
}

/**
 * The rescale of a file, or of one frame where functional groups give one to each.
 * @param groups the functional groups of the frame: its own first, then the shared ones
 */
export function rescaleOf(dataSet: DataSet, groups: readonly DataSet[] = []): Rescale {
  for (const group of groups) {
    const [transformation] = itemsOf(group, 'x00289145');
    if (transformation) return rescaleOf(transformation);
  }
  const slope = dataSet.floatString('x00281053') ?? dataSet.floatString('x3004000e');
  const intercept = dataSet.floatString('x00281052');
  return {
    slope: slope && Number.isFinite(slope) ? slope : 1,
    intercept: intercept && Number.isFinite(intercept) ? intercept : 0,
  };
}

/** Whether the file maps its values through a table, which is not applied. */
export function hasModalityTable(dataSet: DataSet): boolean {
  return (dataSet.elements.x00283000?.items?.length ?? 0) > 0;
}

/** Hounsfield units: a CT with a rescale that says nothing else. */
export function isHounsfield(dataSet: DataSet, groups: readonly DataSet[] = []): boolean {
  if (text(dataSet, 'x00080060') !== 'CT') return false;
  const scale = groups.flatMap((group) => itemsOf(group, 'x00289145'))[0] ?? dataSet;
  const type = text(scale, 'x00281054');
  return text(scale, 'x00281052') !== undefined && (type === undefined || type === 'HU' || type === 'US');
}

/**
 * The padding, if the file names one and its pixels hold it exactly: a lossy code spreads it over values that are
 * measured elsewhere, so that pixels of that very value are there by chance.
 */
export function paddingOf(file: DicomFile, { signed, float }: PixelFormat): Padding | undefined {
  const { dataSet } = file;
  if (float || isLossy(file)) return undefined;
  const read = (tag: string) => (signed ? dataSet.int16(tag) : dataSet.uint16(tag));
  const value = read('x00280120');
  if (value === undefined || dataSet.elements.x00280120!.length !== 2) return undefined;
  const limit = read('x00280121') ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

/** What to say of padding that is left as it is; undefined where there is none or it is exact. */
export function inexactPadding(file: DicomFile): string | undefined {
  const named = file.dataSet.elements.x00280120 !== undefined;
  return named && isLossy(file) ? 'padding is not exact after lossy compression and stays as it is' : undefined;
}

/** Syntaxes that may be lossy: JPEG, and the near-lossless or irreversible forms of JPEG-LS, JPEG 2000 and HTJ2K. */
const LOSSY_SYNTAX = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|81|91|203)$/;

/** Whether pixels went through a lossy code, now or before: the file says so, or its syntax where it says nothing. */
function isLossy({ dataSet, syntax }: DicomFile): boolean {
  const stated = text(dataSet, 'x00282110');
  return stated === undefined ? LOSSY_SYNTAX.test(syntax) : stated === '01';
}

/**
 * Whether padding may stay: it is darker than every other value already, by no more than a tenth of their range.
 * Padding that is far below, among or above the others would be taken for a measurement.
 */
export function isDarkEnough({ low, high }: Padding, lowest: number, highest: number): boolean {
  return high <= lowest && low >= lowest - 0.1 * (highest - lowest);
}
