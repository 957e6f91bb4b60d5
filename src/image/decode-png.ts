/**
 * Decoding PNG without a native library: the stored values as `readImage` gives them, with 16 bits where the file has
 * them, without alpha, palettes expanded, fewer than 8 bits brought to 8, upright as EXIF says.
 */
import { convertIndexedToRgb, decode } from 'fast-png';
import { InputError } from '../core/errors.js';
import { exifOrientation, upright } from './exif-orientation.js';
import { cutShort } from './formats/cut-short.js';
import { truncatedImage } from './formats/truncated.js';
import type { Image } from './image.js';
import { alphaBelow, toPlanes } from './planes.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The name of the chunk, as a number. */
const EXIF = 0x65584966;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((value, index) => bytes[index] === value);
}

/**
 * @param source the file's name, for messages
 * @throws InputError ('image') when the file is damaged or has more pixels than the limit; TruncatedImageError when it
 * is cut short
 */
export function decodePng(bytes: Uint8Array, source: string, pixelLimit = 2 ** 28): Image {
  const missing = cutShort(bytes);
  if (missing) throw truncatedImage(source, 'a complete image', missing);
  checkSize(bytes, source, pixelLimit);
  checkInterlacing(bytes, source);
  const { width, height, depth, channels, data, palette, transparency } = decoded(bytes, source);
  const size = width * height;
  const bitDepth = depth === 16 ? 16 : 8;
  let kept: 1 | 3 = palette || channels >= 3 ? 3 : 1;
  let values: Float32Array;
  let transparent = false;
  if (palette) {
    const colours = convertIndexedToRgb({ width, height, depth, channels, data, palette, text: {} } as never);
    const stride = colours.length / size;
    values = toPlanes(colours, size, 3, stride);
    transparent = stride === 4 && alphaBelow(colours, 4, 255);
  } else if (depth < 8) {
    kept = 1;
    values = unpacked(data as Uint8Array, width, height, depth);
  } else {
    values = toPlanes(data, size, kept, channels);
    if (channels === 2 || channels === 4) transparent = alphaBelow(data, channels, bitDepth === 16 ? 65535 : 255);
    else if (transparency) transparent = holds(data, transparency);
  }
  const maximum = bitDepth === 16 ? 65535 : 255;
  const orientation = orientationOf(bytes);
  const turned = orientation === 1 ? {} : { orientation };
  return {
    ...{ channels: kept, bitDepth, maximum, source },
    ...upright(values, [height, width], orientation),
    ...turned,
    ...(transparent ? { transparent } : {}),
  };
}

/** Whether a pixel has the colour that a file without alpha calls transparent. */
function holds(stored: ArrayLike<number>, colour: ArrayLike<number>): boolean {
  for (let at = 0; at < stored.length; at += colour.length) {
    let equal = true;
    for (let channel = 0; channel < colour.length; channel++) equal &&= stored[at + channel] === colour[channel];
    if (equal) return true;
  }
  return false;
}

/** What the chunk eXIf says: a TIFF directory, whose tag 274 is the orientation. */
function orientationOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) !== EXIF) continue;
    const length = Math.min(view.getUint32(at), bytes.length - at - 8);
    return exifOrientation(tiffOrientation(new DataView(bytes.buffer, bytes.byteOffset + at + 8, length)));
  }
  return exifOrientation(undefined);
}

function tiffOrientation(tiff: DataView): number | undefined {
  if (tiff.byteLength < 8) return undefined;
  const little = tiff.getUint8(0) === 0x49;
  const start = tiff.getUint32(4, little);
  if (start + 2 > tiff.byteLength) return undefined;
  const count = tiff.getUint16(start, little);
  for (let entry = 0; entry < count; entry++) {
    const at = start + 2 + 12 * entry;
    if (at + 12 > tiff.byteLength) return undefined;
    if (tiff.getUint16(at, little) === 274) return tiff.getUint16(at + 8, little);
  }
  return undefined;
}

/** The header stands first, so that nothing is allocated for a size that it only claims. */
function checkSize(bytes: Uint8Array, source: string, pixelLimit: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height <= pixelLimit) return;
  throw new InputError(
    'image',
    `${source}: expected at most ${pixelLimit} pixels, found ${width} × ${height} = ${width * height}`,
    'Cut the image into tiles or reduce its size.',
  );
}

/** The decoder takes the rows of interlaced pixels that share a byte for others. */
function checkInterlacing(bytes: Uint8Array, source: string): void {
  const [depth, interlaced] = [bytes[24]!, bytes[28] === 1];
  if (!interlaced || depth >= 8) return;
  throw new InputError(
    'image',
    `${source}: expected a PNG image, found an interlaced one of ${depth} bits, which is not read here`,
    'Save the image without interlacing.',
  );
}

function decoded(bytes: Uint8Array, source: string) {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw new InputError(
      'image',
      `${source}: expected a PNG image, found a damaged file (${(cause as Error).message})`,
      'Open the file in a viewer and save it again.',
      { cause },
    );
  }
}

/** Gray values of 1, 2 or 4 bits, rows beginning at a byte, as values up to 255. */
function unpacked(data: Uint8Array, width: number, height: number, depth: number): Float32Array {
  const values = new Float32Array(width * height);
  const row = Math.ceil((width * depth) / 8);
  const largest = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const value = (data[y * row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & largest;
      values[y * width + x] = (value * 255) / largest;
    }
  }
  return values;
}
