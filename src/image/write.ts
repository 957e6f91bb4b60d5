/** Writing 8-bit PNG files, for pictures of samples and results. The encoder is loaded when the first is written. */
import { InputError, invariant } from '../core/errors.js';
import { writeFileAtomic } from '../system/files.js';

/** 8-bit pixels as a PNG holds them. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [H, W, C] */
  readonly data: Uint8Array;
}

/**
 * Writes a PNG file atomically and makes its folder where needed.
 * @throws InputError ('image') when the pixels cannot be encoded, ('file') when the file cannot be written.
 */
export async function writePng(path: string, { width, height, channels, data }: Pixels): Promise<void> {
  invariant(
    data.length === width * height * channels,
    `${data.length} values do not fill ${width} × ${height} pixels of ${channels} channels`,
  );
  let bytes: Uint8Array;
  const { default: sharp } = await import('sharp');
  try {
    bytes = await sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .png()
      .toBuffer();
  } catch (cause) {
    throw new InputError('image', `${path}: could not be encoded as PNG (${(cause as Error).message})`, undefined, {
      cause,
    });
  }
  writeFileAtomic(path, bytes);
}
