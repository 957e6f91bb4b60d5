/**
 * What the bytes of a file hold, as a page reads them. PNG, TIFF, NIfTI, NRRD, MetaImage and MGH give the values that
 * they give under Node, to the bit, and so does DICOM without JPEG of 8 bits. That, JPEG and WebP are decoded by the
 * browser.
 */
import { InputError } from '../core/errors.js';
import { compareNames } from '../core/names.js';
import type { Decoded } from '../data/decoded.js';
import { oneSeries } from '../data/one-series.js';
import type { DataKind } from '../data/options.js';
import { decodePng, isPng } from '../image/decode-png.js';
import { cutShort } from '../image/formats/cut-short.js';
import { decodeDicomImage } from '../image/formats/dicom/decode-image.js';
import { isDicom } from '../image/formats/dicom/parse.js';
import { dicomFilesIn, seriesAmong } from '../image/formats/dicom/series.js';
import { volumeOfSeries } from '../image/formats/dicom/series-volume.js';
import { decodeTiff } from '../image/formats/tiff/decode.js';
import { isTiff } from '../image/formats/tiff/directory.js';
import { truncatedImage } from '../image/formats/truncated.js';
import { type Image, readVolumeBytes, toCanonical, type Volume } from '../image/index.js';
import { toPlanes } from '../image/planes.js';
import { decodedPixels } from './decoded-pixels.js';
import { pageDecoders } from './dicom-decoders.js';
import { jpegComponents } from './jpeg-components.js';

/** The bytes of a file; of a DICOM series those of its files, by their names. */
export type FileContent = Uint8Array | ReadonlyMap<string, Uint8Array>;

/**
 * @param name the file's name, for messages; the content decides what it is
 * @throws InputError ('image') when the format is not known or the file is damaged; TruncatedImageError when it is cut
 * short
 */
export async function readData(content: FileContent, name: string, kind: DataKind): Promise<Decoded> {
  if (kind === 'images') return { kind, image: await readImage(content, name) };
  const stored = await readVolume(content, name);
  return { kind, volume: toCanonical(stored), stored };
}

/**
 * A volume on its own grid. Of files in DICOM the one series that makes a volume is read.
 * @throws InputError as `readData` does, and where files hold several series or none
 * @example const volume = await readVolume(new Uint8Array(await file.arrayBuffer()), file.name);
 */
export async function readVolume(content: FileContent, name: string): Promise<Volume> {
  if (content instanceof Uint8Array && !isDicom(content)) return readVolumeBytes(content, name);
  const files = content instanceof Uint8Array ? new Map([[name, content]]) : content;
  const all = dicomFilesIn(files, pageDecoders);
  const series = oneSeries(name, await seriesAmong([...files.keys()].sort(compareNames), all), false);
  return volumeOfSeries(series, all, name);
}

/** @throws InputError as `readData` does */
export async function readImage(bytes: FileContent, name: string): Promise<Image> {
  if (!(bytes instanceof Uint8Array)) {
    throw new InputError('image', `${name}: expected an image, found a folder`, 'A DICOM series is a volume.');
  }
  if (isPng(bytes)) return decodePng(bytes, name);
  // The preamble of a DICOM file may be the head of a TIFF file.
  if (isDicom(bytes)) return decodeDicomImage(bytes, name, pageDecoders, { window: 'auto' });
  if (isTiff(bytes)) return decodeTiff(bytes, name);
  const missing = cutShort(bytes);
  if (missing) throw truncatedImage(name, 'a complete image', missing);
  const components = jpegComponents(bytes);
  if (components === 4) {
    throw new InputError(
      'image',
      `${name}: expected JPEG in gray or colour, found four components (CMYK)`,
      'Save it as PNG, or read it under Node.',
    );
  }
  if (components !== null) return decodedByBrowser(bytes, name, 'image/jpeg', components === 1 ? 1 : 3);
  if (isWebp(bytes)) return decodedByBrowser(bytes, name, 'image/webp', 3);
  throw new InputError(
    'image',
    `${name}: expected a PNG, JPEG, TIFF, WebP or DICOM image, found something else`,
    'Convert the file, for example to PNG.',
  );
}

function isWebp(bytes: Uint8Array): boolean {
  const text = (start: number) => String.fromCharCode(...bytes.subarray(start, start + 4));
  return text(0) === 'RIFF' && text(8) === 'WEBP';
}

/** The stored values: colour profiles are ignored, EXIF orientation is applied, alpha is dropped. */
async function decodedByBrowser(bytes: Uint8Array, name: string, type: string, channels: 1 | 3): Promise<Image> {
  let pixels: ImageData;
  try {
    pixels = await decodedPixels(bytes, type);
  } catch (cause) {
    throw new InputError(
      'image',
      `${name}: expected an image, found a damaged file (${(cause as Error).message})`,
      'Open the file in a viewer and save it again.',
      { cause },
    );
  }
  const { width, height, data } = pixels;
  return {
    shape: [height, width],
    channels,
    data: toPlanes(data, width * height, channels, 4),
    bitDepth: 8,
    maximum: 255,
    source: name,
  };
}
