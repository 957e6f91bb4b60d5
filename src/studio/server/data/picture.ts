/** Images on their way to the page: stored values, so that the page can set window and level, and no file as it is. */
import { readAnyImage } from '../../../data/index.js';
import type { Image } from '../../../image/index.js';
import { encodeFrame, type FrameArray } from '../../shared/frame.js';
import { refused } from '../refused.js';

/** What comes before the values of an image, `[C, H, W]`. */
export interface PictureFacts {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The value that is white: of the bit depth. */
  readonly maximum: number;
}

/** The largest image that is sent. */
const MOST_PIXELS = 2 ** 26;

export async function pictureFrame(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const image = await readAnyImage(path);
  const [height, width] = image.shape as [number, number];
  if (height * width > MOST_PIXELS) {
    throw refused(413, `expected at most ${MOST_PIXELS} pixels, found ${width} × ${height}`);
  }
  const { channels, maximum } = image;
  const facts: PictureFacts = { height, width, channels, maximum };
  return encodeFrame(facts, { values: valuesOf(image) });
}

function valuesOf({ data, bitDepth }: Image): FrameArray {
  return bitDepth === 8 ? Uint8Array.from(data) : bitDepth === 16 ? Uint16Array.from(data) : data;
}
