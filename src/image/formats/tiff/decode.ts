/**
 * Decoding TIFF without a native library: the stored values as `readImage` gives them. Gray, RGB and palettes of 8 and
 * 16 bits, gray of 1, 2 and 4 bits and of floating point; in strips and tiles, by pixel and by plane.
 */
import { InputError } from '../../../core/errors.js';
import { exifOrientation, upright } from '../../exif-orientation.js';
import type { Image } from '../../image.js';
import { cutShort } from '../cut-short.js';
import { truncatedImage } from '../truncated.js';
import { type Directory, readDirectory } from './directory.js';
import { addUp, COMPRESSIONS, CodeError, type Compression, floatsOf, OTHER_COMPRESSIONS, unpacked } from './unpack.js';

/** A file may unpack to this many times its size, and to this many bytes beyond. */
const RATIO = 4096;
const SLACK = 2 ** 24;

interface Layout {
  readonly width: number;
  readonly height: number;
  /** Of a value. */
  readonly bits: 1 | 2 | 4 | 8 | 16 | 32;
  /** Values of a pixel. */
  readonly samples: number;
  readonly planar: boolean;
  readonly photometric: number;
  readonly compression: Compression;
  readonly predictor: number;
  readonly little: boolean;
  /** Of a strip or a tile. */
  readonly block: { readonly width: number; readonly height: number };
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * @param source the file's name, for messages
 * @throws InputError ('image') when the file is damaged, has several pages or more pixels than the limit, or stores
 * what is not read; TruncatedImageError when it is cut short
 */
export function decodeTiff(bytes: Uint8Array, source: string, pixelLimit = 2 ** 28): Image {
  const missing = cutShort(bytes);
  if (missing) throw truncatedImage(source, 'a complete image', missing);
  const directory = readDirectory(bytes);
  if (typeof directory === 'string') throw damaged(source, directory);
  const layout = layoutOf(directory, bytes.length, source, pixelLimit);
  const { width, height, bits, samples, photometric } = layout;
  const values = valuesOf(bytes, layout, source, directory.values('fillOrder')[0] === 2);
  const size = width * height;
  const kept = photometric === 2 ? 3 : 1;
  const largest = bits === 32 ? 1 : bits === 16 ? 65535 : 255;
  const transparent = samples > kept && values.subarray(kept * size).some((alpha) => alpha < largest);
  if (transparent && directory.values('extraSamples')[0] === 1) {
    throw unsupported(source, 'colours beside their opacity', 'colours that were multiplied by it');
  }
  let data = values.subarray(0, kept * size);
  let channels: 1 | 3 = kept;
  if (photometric === 0) data = data.map((value) => largest - value);
  if (photometric === 3) {
    data = coloured(data, directory.values('colours'), 2 ** bits, source);
    channels = data.length === size ? 1 : 3;
  }
  const orientation = exifOrientation(directory.values('orientation')[0]);
  return {
    ...upright(data.length === values.length ? data : data.slice(), [height, width], orientation),
    channels,
    ...(orientation === 1 ? {} : { orientation }),
    ...(transparent ? { transparent } : {}),
    bitDepth: bits === 32 ? 32 : bits === 16 ? 16 : 8,
    maximum: largest,
    source,
  };
}

function layoutOf({ values, pages, little }: Directory, length: number, source: string, pixelLimit: number): Layout {
  const [width = 0, height = 0] = [values('width')[0], values('height')[0]];
  if (pages > 1) {
    throw refuse(source, 'a single image', `${pages} pages`, 'Store each page in a file of its own.');
  }
  if (width === 0 || height === 0) throw damaged(source, `an image of ${width} × ${height} pixels`);
  if (width * height > pixelLimit) {
    const found = `${width} × ${height} = ${width * height}`;
    throw refuse(source, `at most ${pixelLimit} pixels`, found, 'Cut the image into tiles or reduce its size.');
  }
  const code = values('compression')[0] ?? 1;
  const compression = COMPRESSIONS[code];
  if (!compression) {
    const found = OTHER_COMPRESSIONS[code] ?? `the compression ${code}`;
    throw unsupported(source, 'TIFF without compression, or with LZW, deflate or PackBits', found);
  }
  const [samples = 1, photometric = 1] = [values('samples')[0], values('photometric')[0]];
  const allBits = values('bits').length > 0 ? values('bits') : [1];
  const formats = values('sampleFormat').length > 0 ? values('sampleFormat') : [1];
  const [bits = 1, format = 1] = [allBits[0], formats[0]];
  const same = allBits.every((one) => one === bits) && formats.every((one) => one === format);
  const float = format === 3 && bits === 32;
  const whole = format === 1 && [1, 2, 4, 8, 16].includes(bits);
  if (!same || !(float || whole)) {
    const names: Readonly<Record<number, string>> = { 2: 'signed', 3: 'floating-point' };
    const found = same ? `${names[format] ?? 'unsigned'} values of ${bits} bits` : 'channels of several kinds';
    throw unsupported(source, 'values of 8 bits, 16 bits (unsigned) or 32-bit floating point', found);
  }
  const colours = photometric === 2 ? 3 : 1;
  const palette = photometric === 3 && samples === 1 && bits <= 8;
  const plain = [0, 1, 2].includes(photometric) && (samples === colours || samples === colours + 1);
  if (!(palette || plain) || ((bits < 8 || float) && samples > 1)) {
    const found = `the colour model ${photometric} with ${samples} values of ${bits} bits`;
    throw unsupported(source, 'gray, RGB or a palette', found);
  }
  if (height * Math.ceil((width * samples * bits) / 8) > length * RATIO + SLACK) {
    throw damaged(source, `${width} × ${height} pixels in ${length} bytes`);
  }
  const planar = samples > 1 && values('planar')[0] === 2;
  const tiled = values('tileOffsets').length > 0;
  const block = tiled
    ? { width: values('tileWidth')[0] ?? 0, height: values('tileHeight')[0] ?? 0 }
    : { width, height: Math.min(height, values('rowsPerStrip')[0] || height) };
  const offsets = values(tiled ? 'tileOffsets' : 'stripOffsets');
  const lengths = values(tiled ? 'tileLengths' : 'stripLengths');
  const count = Math.ceil(width / block.width) * Math.ceil(height / block.height) * (planar ? samples : 1);
  const tooLarge = block.width * block.height * samples * bits > 8 * (length * RATIO + SLACK);
  if (!(count >= 1 && offsets.length >= count && lengths.length >= count) || tooLarge) {
    throw damaged(source, `${offsets.length} strips or tiles of ${block.width} × ${block.height} pixels`);
  }
  const predictor = compression === 'lzw' || compression === 'deflate' ? (values('predictor')[0] ?? 1) : 1;
  if (!(predictor === 1 || (predictor === 2 && bits >= 8) || (predictor === 3 && float))) {
    throw unsupported(source, 'whole values, or differences of them', `the predictor ${predictor} of ${bits} bits`);
  }
  return {
    ...{ width, height, bits: bits as Layout['bits'], samples, planar, photometric },
    ...{ compression, predictor, little, block, offsets, lengths },
  };
}

/** `[samples, H, W]`; values of fewer than 8 bits are spread to 255, but not the numbers of a palette. */
function valuesOf(bytes: Uint8Array, layout: Layout, source: string, reversed: boolean): Float32Array {
  const { width, height, bits, samples, planar, photometric, block, offsets, lengths, compression } = layout;
  const data = new Float32Array(width * height * samples);
  const scale = bits < 8 && photometric !== 3 ? 255 / (2 ** bits - 1) : 1;
  const stride = planar ? 1 : samples;
  const [across, down] = [Math.ceil(width / block.width), Math.ceil(height / block.height)];
  const rowBytes = Math.ceil((block.width * stride * bits) / 8);
  for (let index = 0; index < across * down * (planar ? samples : 1); index++) {
    const plane = Math.floor(index / (across * down));
    const top = Math.floor((index % (across * down)) / across) * block.height;
    const left = (index % across) * block.width;
    const rows = Math.min(block.height, height - top);
    const columns = Math.min(block.width, width - left);
    const [from, length] = [offsets[index]!, lengths[index]!];
    if (from + length > bytes.length) throw damaged(source, 'a strip beyond the end of the file');
    const stored = bytes.subarray(from, from + length);
    const values = blockOf(reversed ? stored.map(mirrored) : stored, rows * rowBytes);
    const valueAt = reader(values, bits, rowBytes);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        for (let sample = 0; sample < stride; sample++) {
          const target = ((plane + sample) * height + top + y) * width + left + x;
          data[target] = valueAt(y, x * stride + sample) * scale;
        }
      }
    }
  }
  return data;

  /** The values of a strip or tile, in the byte order of the machine where they are wider than a byte. */
  function blockOf(packed: Uint8Array, wanted: number): Uint8Array | Uint16Array | Float32Array {
    let plain: Uint8Array;
    try {
      // A copy: what is not packed lies in the file, and a Buffer's slice would share its memory.
      plain = Uint8Array.from(unpacked(packed, compression, wanted, block.height * rowBytes));
    } catch (cause) {
      if (cause instanceof CodeError) throw damaged(source, cause.message, cause);
      throw cause;
    }
    const { predictor, little } = layout;
    const row = block.width * stride;
    if (predictor === 3) return floatsOf(plain, row, stride);
    const view = new DataView(plain.buffer);
    if (bits === 16) {
      const values = Uint16Array.from({ length: plain.length / 2 }, (_, at) => view.getUint16(2 * at, little));
      if (predictor === 2) addUp(values, row, stride);
      return values;
    }
    if (bits === 32) {
      const values = Uint32Array.from({ length: plain.length / 4 }, (_, at) => view.getUint32(4 * at, little));
      if (predictor === 2) addUp(values, row, stride);
      return new Float32Array(values.buffer);
    }
    if (predictor === 2) addUp(plain, row, stride);
    return plain;
  }
}

/** Reads the value of a row by its number in the row. */
function reader(values: Uint8Array | Uint16Array | Float32Array, bits: number, rowBytes: number) {
  if (bits >= 8) {
    const row = (8 * rowBytes) / bits;
    return (y: number, at: number) => values[y * row + at]!;
  }
  const largest = 2 ** bits - 1;
  return (y: number, at: number) =>
    (values[y * rowBytes + ((at * bits) >> 3)]! >> (8 - bits - ((at * bits) & 7))) & largest;
}

/** Through a palette of 16 bits, of which the upper 8 count: one channel where all of its colours are gray. */
function coloured(numbers: Float32Array, palette: readonly number[], count: number, source: string): Float32Array {
  if (palette.length < 3 * count) throw damaged(source, `a palette of ${palette.length / 3} colours`);
  const wide = palette.some((value) => value > 255);
  const of = (number: number, channel: number) => {
    const value = palette[channel * count + number]!;
    return wide ? value >> 8 : value;
  };
  const all = Array.from({ length: count }, (_, number) => number);
  const gray = all.every((number) => of(number, 0) === of(number, 1) && of(number, 0) === of(number, 2));
  const size = numbers.length;
  const data = new Float32Array(gray ? size : 3 * size);
  for (let at = 0; at < data.length; at++) data[at] = of(numbers[at % size]!, Math.floor(at / size));
  return data;
}

/** A byte with its lowest bit first. */
function mirrored(byte: number): number {
  let back = 0;
  for (let bit = 0; bit < 8; bit++) back |= ((byte >> bit) & 1) << (7 - bit);
  return back;
}

function refuse(source: string, expected: string, found: string, advice: string, cause?: unknown): InputError {
  return new InputError('image', `${source}: expected ${expected}, found ${found}`, advice, { cause });
}

function unsupported(source: string, expected: string, found: string): InputError {
  return refuse(source, expected, found, 'Save the image as PNG.');
}

function damaged(source: string, words: string, cause?: unknown): InputError {
  const advice = 'Open the file in a viewer and save it again.';
  return refuse(source, 'a TIFF image', `a damaged file (${words})`, advice, cause);
}
