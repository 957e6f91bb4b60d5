/**
 * Whether an image file ends before its format says so. Decoders notice a missing part of the pixels, but not always a
 * missing end, and their messages do not tell a file that is cut short from one that is damaged. The structure does:
 * PNG is a list of chunks up to IEND, JPEG a list of segments up to EOI, WebP states its length, TIFF points to its
 * directory and its strips.
 */

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes of one value of each TIFF type, by its number. */
const TYPE_WIDTHS = [1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** What is missing, in words, or undefined where the structure is complete or unknown. */
export function cutShort(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (PNG.every((value, index) => bytes[index] === value)) return pngEnd(view);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return jpegEnd(bytes);
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP') return webpEnd(view);
  if (text(bytes, 0, 4) === 'II*\0' || text(bytes, 0, 4) === 'MM\0*') return tiffEnd(view);
  return undefined;
}

function pngEnd(view: DataView): string | undefined {
  for (let offset = PNG.length; offset + 12 <= view.byteLength; ) {
    if (view.getUint32(offset + 4) === 0x49454e44) return undefined;
    offset += 12 + view.getUint32(offset);
  }
  return `${view.byteLength} bytes without the end of a PNG file`;
}

/** Walks the segments; the coded data behind a start of scan end at the next marker that is no restart marker. */
function jpegEnd(bytes: Uint8Array): string | undefined {
  for (let offset = 2; offset + 1 < bytes.length; ) {
    const marker = bytes[offset + 1]!;
    if (bytes[offset] !== 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd7)) offset++;
    else if (marker === 0xff) offset++;
    else if (marker === 0xd9) return undefined;
    else if (offset + 3 < bytes.length) offset += 2 + ((bytes[offset + 2]! << 8) | bytes[offset + 3]!);
    else break;
  }
  return `${bytes.length} bytes without the end of a JPEG file`;
}

function webpEnd(view: DataView): string | undefined {
  const stated = view.getUint32(4, true) + 8;
  return stated > view.byteLength ? `${view.byteLength} of ${stated} bytes` : undefined;
}

/** Checks the directory of the first page and the ends of its strips or tiles. */
function tiffEnd(view: DataView): string | undefined {
  const little = view.getUint8(0) === 0x49;
  const end = view.byteLength;
  const found = `${end} bytes without the parts that its TIFF directory names`;
  if (end < 8) return found;
  const directory = view.getUint32(4, little);
  if (directory + 2 > end) return found;
  const count = view.getUint16(directory, little);
  if (directory + 2 + count * 12 > end) return found;
  const entries = new Map<number, number[]>();
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + entry * 12;
    const type = view.getUint16(at + 2, little);
    const width = TYPE_WIDTHS[type] ?? 1;
    const values = view.getUint32(at + 4, little);
    const start = values * width <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (start + values * width > end) return found;
    if (type !== 3 && type !== 4) continue;
    const read = (index: number) =>
      width === 2 ? view.getUint16(start + 2 * index, little) : view.getUint32(start + 4 * index, little);
    entries.set(
      view.getUint16(at, little),
      Array.from({ length: values }, (_, index) => read(index)),
    );
  }
  // 273 and 279: offsets and byte counts of strips; 324 and 325: the same of tiles.
  for (const [offsets, lengths] of [
    [273, 279],
    [324, 325],
  ] as const) {
    const counts = entries.get(lengths) ?? [];
    if (entries.get(offsets)?.some((offset, index) => offset + (counts[index] ?? 0) > end)) return found;
  }
  return undefined;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
