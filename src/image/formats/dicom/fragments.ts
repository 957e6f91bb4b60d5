/**
 * The coded bytes of one frame. Encapsulated pixel data are a list of fragments (PS3.5, section A.4), and a frame may
 * lie in several of them: the offset table tells, or one fragment for each frame, or the code that a frame begins with.
 */

import type { PixelFormat } from './format.js';
import { type DicomFile, pixelElement } from './parse.js';
import { cutShort, refuse } from './refuse.js';

interface Fragment {
  /** From the first fragment's item tag, in bytes. */
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the coded bytes of a frame by its index, from 0. */
export type FrameBytes = (frame: number) => Uint8Array;

/**
 * Prepares the frames of encapsulated pixel data.
 * @throws InputError ('image') when the fragments are broken or cannot be told apart
 * @throws TruncatedImageError when the file ends within a fragment or before its end mark
 */
export function encapsulatedFrames(file: DicomFile, format: PixelFormat): FrameBytes {
  const { bytes, source } = file;
  const element = pixelElement(file)!;
  if (!element.hadUndefinedLength) {
    throw refuse(
      source,
      'compressed pixels in fragments',
      `${element.length} bytes without fragments`,
      'The transfer syntax does not fit the pixels: export the file again.',
    );
  }
  const { table, fragments } = walk(bytes, element.dataOffset, source);
  const starts = frameStarts(file, format, table, fragments);
  return (frame) => {
    const parts = fragments.slice(starts[frame]!, starts[frame + 1]);
    if (parts.length === 1) return bytes.subarray(parts[0]!.start, parts[0]!.end);
    const whole = new Uint8Array(parts.reduce((sum, { start, end }) => sum + end - start, 0));
    let at = 0;
    for (const { start, end } of parts) {
      whole.set(bytes.subarray(start, end), at);
      at += end - start;
    }
    return whole;
  };
}

/** The offset table and the fragments behind it. Items are little endian in every encapsulated syntax. */
function walk(bytes: Uint8Array, from: number, source: string): { table: number[]; fragments: Fragment[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const items: Fragment[] = [];
  let base = 0;
  for (let at = from; ; ) {
    if (at + 8 > bytes.length) {
      throw cutShort(source, 'the end mark of the pixel data', `the end of the file after ${items.length} fragments`);
    }
    const tag = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (tag === 0xe0ddfffe) break;
    if (tag !== 0xe000fffe) {
      throw refuse(source, 'a fragment of pixel data', `other bytes at ${at}`, 'Export the file again.');
    }
    const start = at + 8;
    if (start + length > bytes.length) {
      throw cutShort(
        source,
        `a fragment of ${length} bytes`,
        `${bytes.length - start} bytes up to the end of the file`,
      );
    }
    if (items.length === 1) base = at;
    items.push({ offset: at - base, start, end: start + length });
    at = start + length;
  }
  const [first, ...fragments] = items;
  if (!first || fragments.length === 0) {
    throw refuse(source, 'fragments of pixel data', 'none', 'Export the file again.');
  }
  const table: number[] = [];
  for (let at = first.start; at + 4 <= first.end; at += 4) table.push(view.getUint32(at, true));
  return { table, fragments };
}

/** The index of each frame's first fragment, and the number of fragments at the end. */
function frameStarts(
  { bytes, source, dataSet }: DicomFile,
  { frames, coding }: PixelFormat,
  table: readonly number[],
  fragments: readonly Fragment[],
): number[] {
  const close = (starts: number[]) => [...starts, fragments.length];
  if (frames === 1) return close([0]);
  if (fragments.length === frames) return close(fragments.map((_, index) => index));
  const offsets = table.length === frames ? table : extendedTable(dataSet, frames);
  if (offsets && fragments.length > frames) {
    const byOffset = new Map(fragments.map(({ offset }, index) => [offset, index]));
    const starts = offsets.map((offset) => byOffset.get(offset) ?? -1);
    if (starts[0] === 0 && starts.every((start, index) => index === 0 || start > starts[index - 1]!)) {
      return close(starts);
    }
  }
  if (coding.startsWith('jpeg') || coding === 'htj2k') {
    const starts = fragments.flatMap(({ start }, index) => (isCodeStart(bytes, start) ? [index] : []));
    if (starts.length === frames && starts[0] === 0) return close(starts);
  }
  throw refuse(
    source,
    `fragments of ${frames} frames`,
    `${fragments.length} fragments without a usable offset table`,
    'Export the file again, with one fragment for each frame.',
  );
}

/** The Extended Offset Table: 64-bit offsets. */
function extendedTable(dataSet: DicomFile['dataSet'], frames: number): number[] | undefined {
  const element = dataSet.elements.x7fe00001;
  if (element?.length !== frames * 8 || element.dataOffset + element.length > dataSet.byteArray.length)
    return undefined;
  return Array.from(
    { length: frames },
    (_, index) => dataSet.uint32('x7fe00001', 2 * index)! + dataSet.uint32('x7fe00001', 2 * index + 1)! * 2 ** 32,
  );
}

/** A JPEG or JPEG-LS image begins with FFD8 FF, a JPEG 2000 codestream with FF4F FF51. */
function isCodeStart(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0xff || bytes[at + 2] !== 0xff) return false;
  return bytes[at + 1] === 0xd8 || (bytes[at + 1] === 0x4f && bytes[at + 3] === 0x51);
}
