/**
 * Reading 2D images: PNG, JPEG, TIFF and WebP, known by their content and not by their name. The stored values come
 * back unchanged: 16-bit values keep their bits, colour profiles are ignored, alpha is dropped, a palette is expanded.
 * A picture that EXIF says is stored turned or mirrored is put upright, as viewers show it. A file that is cut short is
 * refused, because a decoder fills what is missing with zeros.
 */
import { readFileSync } from 'node:fs';
import type { Metadata, Sharp } from 'sharp';
import { InputError } from '../core/errors.js';
import { exifOrientation, upright } from './exif-orientation.js';
import { cutShort } from './formats/cut-short.js';
import { isTiff, readDirectory } from './formats/tiff/directory.js';
import { type TruncatedImageError, truncatedImage } from './formats/truncated.js';
import type { Image } from './image.js';
import { alphaBelow, toPlanes } from './planes.js';
import { unreadable } from './unreadable.js';

export { TruncatedImageError } from './formats/truncated.js';

export interface ReadOptions {
  /** The largest image that is decoded, in pixels. */
  readonly pixelLimit?: number;
}

const FORMATS: readonly string[] = ['png', 'jpeg', 'tiff', 'webp'];
const EXPECTED = 'a PNG, JPEG, TIFF or WebP image';

/**
 * Decodes one image file.
 * @param path a file; its extension does not matter
 * @returns one channel for gray files, three for colour (WebP always stores colour); `data` is [C, H, W]
 * @throws InputError ('image') when the file is missing, is no image of these formats, has several pages, stores
 * another type of number than 8-bit, 16-bit or (gray only) float, or has more pixels than the limit
 * @throws TruncatedImageError when the file is cut short
 * @example const image = await readImage('scan.png'); // image.shape is [H, W]
 */
export async function readImage(path: string, { pixelLimit = 2 ** 28 }: ReadOptions = {}): Promise<Image> {
  const bytes = readBytes(path);
  const missing = cutShort(bytes);
  if (missing) throw truncated(path, missing);
  const floats = floatsOf(bytes);
  if (floats && floats.bits !== 32) throw refusedType(path, `floating-point values of ${floats.bits} bits`);
  // Loading the decoder takes a tenth of a second, so it waits for the first image.
  const { default: sharp } = await import('sharp');
  try {
    const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
    checkMetadata(path, metadata, pixelLimit);
    const source = sharp(bytes, { failOn: 'error', limitInputPixels: false, ignoreIcc: true });
    const image = await decode(path, source, metadata);
    return floats?.whiteIsZero ? { ...image, data: image.data.map((value) => image.maximum - value) } : image;
  } catch (cause) {
    throw cause instanceof InputError ? cause : decodeError(path, cause);
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadable(path, EXPECTED, cause);
  }
}

function checkMetadata(path: string, metadata: Metadata, pixelLimit: number): void {
  const { format, width, height, depth, space, pages = 1 } = metadata;
  if (!FORMATS.includes(format)) {
    throw new InputError(
      'image',
      `${path}: expected ${EXPECTED}, found ${format}`,
      'Convert the file, for example to PNG.',
    );
  }
  if (pages > 1) {
    throw new InputError(
      'image',
      `${path}: expected a single image, found ${pages} pages`,
      'Store each page in a file of its own.',
    );
  }
  if (width * height > pixelLimit) {
    throw new InputError(
      'image',
      `${path}: expected at most ${pixelLimit} pixels, found ${width} × ${height} = ${width * height}`,
      'Cut the image into tiles or reduce its size.',
    );
  }
  if (depth === 'float' && space !== 'b-w') {
    throw new InputError(
      'image',
      `${path}: expected floating-point values in one gray channel, found colour`,
      'Store colour images with 8 or 16 bits.',
    );
  }
  if (depth !== 'uchar' && depth !== 'ushort' && depth !== 'float') {
    throw refusedType(path, `the type ${depth}`);
  }
}

function refusedType(path: string, found: string): InputError {
  return new InputError(
    'image',
    `${path}: expected values of 8 bits, 16 bits (unsigned) or 32-bit floating point, found ${found}`,
    'Store the image as a 16-bit PNG or TIFF.',
  );
}

/**
 * What the decoder does not tell of a TIFF file of floating-point values: it inverts whole numbers alone where white is
 * zero, and calls other widths damaged, or colour. Undefined for all other files.
 */
function floatsOf(bytes: Uint8Array): { readonly bits: number; readonly whiteIsZero: boolean } | undefined {
  const directory = isTiff(bytes) ? readDirectory(bytes) : '';
  if (typeof directory === 'string' || directory.values('sampleFormat')[0] !== 3) return undefined;
  return { bits: directory.values('bits')[0] ?? 1, whiteIsZero: directory.values('photometric')[0] === 0 };
}

async function decode(path: string, source: Sharp, metadata: Metadata): Promise<Image> {
  const { depth, space } = metadata;
  const gray = space === 'b-w' || space === 'grey16';
  const channels = gray ? 1 : 3;
  if (metadata.channels > channels + 1) {
    throw new InputError(
      'image',
      `${path}: expected a gray or RGB image, perhaps with opacity, found ${metadata.channels} channels`,
      'Store the channel to be used in a file of its own.',
    );
  }
  const orientation = exifOrientation(metadata.orientation);
  const wide = depth === 'ushort';
  // In `b-w` sharp drops the opacity.
  const plain = gray && !(metadata.hasAlpha && depth === 'uchar');
  const colourspace = wide ? (gray ? 'grey16' : 'rgb16') : plain ? 'b-w' : 'srgb';
  const type = depth as 'uchar' | 'ushort' | 'float';
  const { data, info } = await source
    .toColourspace(colourspace)
    .raw({ depth: type })
    .toBuffer({ resolveWithObject: true });
  const size = info.width * info.height;
  const width = { uchar: 1, ushort: 2, float: 4 }[type];
  if (info.channels < channels || data.length !== size * info.channels * width) {
    throw new InputError(
      'image',
      `${path}: expected ${channels} channels of ${info.width} × ${info.height} values, found ${info.channels} channels in ${data.length} bytes`,
      'Convert the file to a gray or RGB PNG.',
    );
  }
  const buffer = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  const stored =
    type === 'uchar' ? new Uint8Array(buffer) : type === 'ushort' ? new Uint16Array(buffer) : new Float32Array(buffer);
  const transparent = info.channels % 2 === 0 && alphaBelow(stored, info.channels, wide ? 65535 : 255);
  return {
    ...upright(toPlanes(stored, size, channels, info.channels), [info.height, info.width], orientation),
    channels,
    ...(orientation === 1 ? {} : { orientation }),
    ...(transparent ? { transparent } : {}),
    ...(metadata.format === 'jpeg' ? { lossy: true } : {}),
    bitDepth: type === 'uchar' ? 8 : type === 'ushort' ? 16 : 32,
    maximum: type === 'uchar' ? 255 : type === 'ushort' ? 65535 : 1,
    source: path,
  };
}

function truncated(path: string, found: string, cause?: unknown): TruncatedImageError {
  return truncatedImage(path, 'a complete image', found, cause);
}

function decodeError(path: string, cause: unknown): InputError {
  const message = (cause as Error).message.split('\n')[0]!.trim();
  if (/premature end|truncated|unexpected end/i.test(message)) return truncated(path, message, cause);
  const found = /unsupported image format/i.test(message) ? 'something else' : `a damaged file (${message})`;
  return new InputError(
    'image',
    `${path}: expected ${EXPECTED}, found ${found}`,
    'Open the file in a viewer and save it again.',
    {
      cause,
    },
  );
}
