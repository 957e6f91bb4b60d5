/**
 * What a file says of its pixels: the Image Pixel module (PS3.3, section C.7.6.3), checked before anything is decoded.
 * Everything behind this point may rely on sensible numbers: whole extents, one or three samples, bits that fit.
 */
import type { DataSet } from 'dicom-parser';
import { type DicomFile, pixelElement } from './parse.js';
import { refuse } from './refuse.js';
import { type Coding, codingOf, describeSyntax, EXPLICIT_BIG } from './syntax.js';

export const PHOTOMETRICS = [
  'MONOCHROME1',
  'MONOCHROME2',
  'PALETTE COLOR',
  'RGB',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_RCT',
  'YBR_ICT',
] as const;
export type Photometric = (typeof PHOTOMETRICS)[number];

/** The layout of one frame and the number of frames. */
export interface PixelFormat {
  readonly coding: Coding;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samples: 1 | 3;
  /** Colour by plane instead of by pixel. */
  readonly planar: boolean;
  readonly photometric: Photometric;
  readonly allocated: 1 | 8 | 16 | 32 | 64;
  readonly stored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** The values are 32-bit or 64-bit floating point. */
  readonly float: boolean;
}

/** Whether the object has pixels at all: a plan, a report or a structure set has none. */
export function hasPixels(file: DicomFile): boolean {
  return pixelElement(file) !== undefined;
}

/**
 * Reads and checks the layout of the pixels.
 * @throws InputError ('image') when the object has no pixels, its syntax is not supported or a value makes no sense
 */
export function formatOf(file: DicomFile): PixelFormat {
  const { source, dataSet, syntax } = file;
  const pixels = pixelElement(file);
  if (!pixels) {
    const modality = text(dataSet, 'x00080060') ?? 'unknown';
    throw refuse(source, 'an image', `an object without pixels (modality ${modality})`, 'Leave this file out.');
  }
  const coding = codingOf(syntax);
  if (!coding) {
    throw refuse(
      source,
      'a transfer syntax that is supported',
      syntax ? describeSyntax(syntax) : 'none',
      'Convert the file, for example with dcmdjpeg or gdcmconv, to explicit little endian.',
    );
  }
  const float = pixels.tag !== 'x7fe00010';
  const wrong = (name: string, expected: string, found: unknown) =>
    refuse(source, `${name} to be ${expected}`, String(found ?? 'nothing'), 'Export the file again.');

  const rows = dataSet.uint16('x00280010');
  const columns = dataSet.uint16('x00280011');
  if (!rows || !columns) throw wrong('Rows and Columns', 'at least 1', `${rows} and ${columns}`);
  const frames = dataSet.string('x00280008') ? dataSet.intString('x00280008') : 1;
  if (!frames || !Number.isInteger(frames) || frames < 1) throw wrong('NumberOfFrames', 'at least 1', frames);
  const samples = dataSet.uint16('x00280002') ?? 1;
  if (samples !== 1 && samples !== 3) throw wrong('SamplesPerPixel', '1 or 3', samples);
  const photometric = (text(dataSet, 'x00280004') ?? (samples === 1 ? 'MONOCHROME2' : 'RGB')) as Photometric;
  if (!PHOTOMETRICS.includes(photometric)) {
    throw wrong('PhotometricInterpretation', `one of ${PHOTOMETRICS.join(', ')}`, photometric);
  }
  const gray = photometric.startsWith('MONO') || photometric === 'PALETTE COLOR';
  if (gray !== (samples === 1)) throw wrong('SamplesPerPixel', gray ? '1' : '3', `${samples} with ${photometric}`);

  const allocated = dataSet.uint16('x00280100');
  const allowed = float ? [pixels.tag === 'x7fe00008' ? 32 : 64] : [1, 8, 16, 32];
  if (!allocated || !allowed.includes(allocated)) throw wrong('BitsAllocated', allowed.join(', '), allocated);
  const stored = float ? allocated : (dataSet.uint16('x00280101') ?? allocated);
  if (stored < 1 || stored > allocated) throw wrong('BitsStored', `from 1 to ${allocated}`, stored);
  const highBit = float ? stored - 1 : (dataSet.uint16('x00280102') ?? stored - 1);
  if (highBit < stored - 1 || highBit >= allocated) {
    throw wrong('HighBit', `from ${stored - 1} to ${allocated - 1}`, highBit);
  }
  if (allocated === 32 && !float && syntax === EXPLICIT_BIG && pixels.vr !== 'OL' && pixels.vr !== 'UL') {
    throw refuse(
      source,
      'pixels of up to 16 bits in big-endian order',
      'pixels of 32 bits, whose two halves writers put in either order',
      'Convert the file to explicit little endian with the program that wrote it, or with dcmtk (dcmconv +te) or gdcm, and compare.',
    );
  }
  if (float && (coding !== 'native' || samples !== 1)) {
    throw wrong('floating-point pixels', 'uncompressed and gray', `${samples} samples, ${syntax}`);
  }
  return {
    coding,
    rows,
    columns,
    frames,
    samples,
    planar: samples === 3 && dataSet.uint16('x00280006') === 1,
    photometric,
    allocated: allocated as PixelFormat['allocated'],
    stored,
    highBit,
    signed: !float && dataSet.uint16('x00280103') === 1,
    float,
  };
}

/** A trimmed string, or undefined where it is absent or empty. */
export function text(dataSet: DataSet, tag: string): string | undefined {
  const value = dataSet.string(tag)?.replaceAll('\0', '').trim();
  return value ? value : undefined;
}
