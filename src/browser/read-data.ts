/** What the bytes of a file hold, as a page reads them. */
import { InputError } from '../core/errors.js';
import type { Decoded } from '../data/decoded.js';
import type { DataKind } from '../data/options.js';
import { decodePng, isPng } from '../image/decode-png.js';
import type { Image } from '../image/index.js';

/**
 * @param name the file's name, for messages; the content decides what it is
 * @throws InputError ('image') when the format is not known or the file is damaged; TruncatedImageError when it is cut short
 */
export async function readData(bytes: Uint8Array, name: string, kind: DataKind): Promise<Decoded> {
  if (kind === 'images') return { kind, image: await readImage(bytes, name) };
  throw new InputError('image', `${name}: expected an image, found a volume`);
}

export async function readImage(bytes: Uint8Array, name: string): Promise<Image> {
  if (isPng(bytes)) return decodePng(bytes, name);
  throw new InputError('image', `${name}: expected a PNG image, found something else`, 'Convert the file to PNG.');
}
