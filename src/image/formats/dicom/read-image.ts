/** One DICOM frame of a file as a 2D image. */
import { readFile } from 'node:fs/promises';
import { InputError } from '../../../core/errors.js';
import { type DicomImage, type DicomImageOptions, decodeDicomImage } from './decode-image.js';
import { nodeDecoders } from './node-decoders.js';

/**
 * Reads one frame of a DICOM file.
 *
 * `maximum` is the largest value of the stored bits: 4095 for 12. Values of 32 bits or floating point have no scale
 * (`bitDepth` 32, `maximum` 1): give a window for these.
 * @param path a DICOM file; its extension does not matter
 * @returns `[C, H, W]`: one channel for gray, three for RGB, YCbCr and palettes
 * @throws InputError ('image') when the file is missing, is no DICOM image, or its coding is not supported
 * @throws TruncatedImageError when the file is cut short
 * @example const lung = await readDicomImage('ct.dcm', { window: { center: -600, width: 1500 } }); // [0, 1]
 */
export async function readDicomImage(path: string, options: DicomImageOptions = {}): Promise<DicomImage> {
  return decodeDicomImage(await readBytes(path), path, nodeDecoders, options);
}

/**
 * The bytes of a DICOM file.
 * @throws InputError ('image') when the file cannot be read
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = { ENOENT: 'no such file', EISDIR: 'a folder', EACCES: 'a file that may not be read' }[code ?? ''];
    throw new InputError(
      'image',
      `${path}: expected a DICOM file, found ${found ?? message}`,
      code === 'EISDIR' ? 'Read the folder as a series.' : 'Check the path and its permissions.',
      { cause },
    );
  }
}
