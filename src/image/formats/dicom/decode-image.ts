/**
 * One DICOM frame as a 2D image. Gray values are the stored ones; signed values are moved up by half of their range, so
 * that [0, maximum] is what the stored bits can hold; MONOCHROME1 is inverted, so that bright is always large. A window
 * gives the picture that a viewer shows instead. Colour becomes RGB.
 */
import type { Image } from '../../image.js';
import type { StoredArray } from '../../volume.js';
import { applyPalette, paletteOf, toRgb } from './colour.js';
import type { ForeignDecoders } from './foreign.js';
import { formatOf } from './format.js';
import { type Frame, frameDecoder, PIXEL_LIMIT } from './frame.js';
import { type DicomFile, functionalGroups, guarded, parseDicom } from './parse.js';
import { refuse } from './refuse.js';
import { hasModalityTable, inexactPadding, isDarkEnough, paddingOf, type Rescale, rescaleOf } from './rescale.js';
import { type Window, windowing, windowOf } from './window.js';

export interface DicomImageOptions {
  /** The frame of a multi-frame file, from 0; the first unless told. */
  readonly frame?: number;
  /**
   * 'stored': the stored values; 'file': through the file's own window; 'auto': that, or the stored values where the
   * file names no window; or a window in real values (CT: HU).
   */
  readonly window?: 'stored' | 'file' | 'auto' | Window;
  /** The largest image that is decoded, in pixels. */
  readonly pixelLimit?: number;
}

/** An image and what its DICOM file says of it. */
export interface DicomImage extends Image {
  /** Frames in the file. */
  readonly frames: number;
  /** What the reader had to assume or repair, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * One frame of the bytes of a DICOM file, as `readDicomImage` gives it.
 * @param source named in errors
 */
export function decodeDicomImage(
  bytes: Uint8Array,
  source: string,
  foreign: ForeignDecoders,
  { frame, window = 'stored', pixelLimit = PIXEL_LIMIT }: DicomImageOptions = {},
): Promise<DicomImage> {
  return guarded(source, () => imageOf(parseDicom(bytes, source), foreign, { frame, window, pixelLimit }));
}

async function imageOf(
  file: DicomFile,
  foreign: ForeignDecoders,
  {
    frame: chosenFrame,
    window,
    pixelLimit,
  }: Required<Pick<DicomImageOptions, 'window' | 'pixelLimit'>> & { frame: number | undefined },
): Promise<DicomImage> {
  const { source } = file;
  const format = formatOf(file);
  const frame = chosenFrame ?? 0;
  const decoded = await frameDecoder(file, foreign, pixelLimit)(frame);
  const warnings = decoded.warning ? [decoded.warning] : [];
  const inexact = inexactPadding(file);
  if (inexact) warnings.push(inexact);
  if (hasModalityTable(file.dataSet)) warnings.push('the modality table (0028,3000) is not applied');
  if (isRounded(decoded)) warnings.push('values were rounded to 32-bit floating point');
  const { rows, columns, frames, samples, photometric } = format;
  if (chosenFrame === undefined && frames > 1) warnings.push(`the file holds ${frames} frames: the first was read`);
  const common = { shape: [rows, columns], frames, warnings, source };
  if (photometric === 'PALETTE COLOR') {
    const palette = paletteOf(file);
    const data = applyPalette(decoded.values, palette);
    return { ...common, channels: 3, data, bitDepth: palette.bits, maximum: 2 ** palette.bits - 1 };
  }
  if (samples === 3) {
    if (decoded.ybr) toRgb(decoded.values, decoded.bits);
    return { ...common, channels: 3, data: planes(decoded.values), ...depth(decoded.bits) };
  }
  const gray = { ...common, channels: 1 };
  if (window === 'stored') return { ...gray, ...stored(file, decoded) };
  const groups = functionalGroups(file.dataSet)(frame);
  const chosen = typeof window === 'string' ? windowOf(file.dataSet, groups) : window;
  if (window === 'auto' && !chosen) return { ...gray, ...stored(file, decoded) };
  if (!chosen || !(chosen.width > 0) || !Number.isFinite(chosen.center)) {
    throw refuse(
      source,
      'a window with a center and a width above 0',
      chosen ? `${chosen.center} and ${chosen.width}` : 'a file that names none',
      "Give { center, width } in real values, or the window 'stored'.",
    );
  }
  return { ...gray, data: windowed(file, decoded, chosen, rescaleOf(file.dataSet, groups)), bitDepth: 32, maximum: 1 };
}

/** Whether 32-bit floating point is too narrow for some value. */
function isRounded({ values, bits }: Frame): boolean {
  if (bits <= 24 || values instanceof Float32Array) return false;
  return values.some((value: number) => Math.fround(value) !== value && !Number.isNaN(value));
}

function depth(bits: number): Pick<Image, 'bitDepth' | 'maximum'> {
  if (bits > 16) return { bitDepth: 32, maximum: 1 };
  return { bitDepth: bits <= 8 ? 8 : 16, maximum: 2 ** bits - 1 };
}

/** The stored values, from 0 on; padding becomes the darkest value. */
function stored(file: DicomFile, { values, bits }: Frame): Pick<Image, 'data' | 'bitDepth' | 'maximum'> {
  const format = formatOf(file);
  const scale = format.float ? ({ bitDepth: 32, maximum: 1 } as const) : depth(bits);
  const data = Float32Array.from(values);
  const darkest = darkestOf(file, values);
  if (scale.bitDepth === 32) return { data: darkest ? data.map(darkest) : data, ...scale };
  const shift = format.signed ? 2 ** (bits - 1) : 0;
  const inverted = format.photometric === 'MONOCHROME1';
  for (let at = 0; at < data.length; at++) {
    const value = (darkest ? darkest(data[at]!) : data[at]!) + shift;
    data[at] = inverted ? scale.maximum - value : value;
  }
  return { data, ...scale };
}

/** The values through a window, in [0, 1]. */
function windowed(file: DicomFile, { values }: Frame, window: Window, { slope, intercept }: Rescale): Float32Array {
  const shown = windowing(window);
  const inverted = formatOf(file).photometric === 'MONOCHROME1';
  const darkest = darkestOf(file, values);
  const data = new Float32Array(values.length);
  for (let at = 0; at < data.length; at++) {
    const value = shown((darkest ? darkest(values[at]!) : values[at]!) * slope + intercept);
    data[at] = inverted ? 1 - value : value;
  }
  return data;
}

/** Replaces padding by the value that is shown darkest among the others; undefined where nothing is padded. */
function darkestOf(file: DicomFile, values: StoredArray): ((value: number) => number) | undefined {
  const format = formatOf(file);
  const padding = paddingOf(file, format);
  if (!padding) return undefined;
  const { low, high } = padding;
  const inverted = format.photometric === 'MONOCHROME1';
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let padded = 0;
  for (const value of values) {
    if (value >= low && value <= high) padded++;
    else {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
  }
  if (padded === 0 || padded === values.length) return undefined;
  if (!inverted && isDarkEnough(padding, lowest, highest)) return undefined;
  const darkest = inverted ? highest : lowest;
  return (value) => (value >= low && value <= high ? darkest : value);
}

/** [H, W, C] to [C, H, W]. */
function planes(values: StoredArray): Float32Array {
  const size = values.length / 3;
  const data = new Float32Array(values.length);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < size; at++) data[channel * size + at] = values[3 * at + channel]!;
  }
  return data;
}
