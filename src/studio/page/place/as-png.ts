/** Stored values as a PNG. */
import { encodePng } from '../../../image/encode-png';
import type { Picture } from './place';

/**
 * An image as a PNG of 8 bits where 255 is white, else of 16 bits, in which values are scaled so that 65535 is white:
 * they are off by at most half a step of 65535.
 */
export async function asPng({ shape, channels, range, values }: Picture): Promise<Uint8Array<ArrayBuffer>> {
  const [height, width] = shape as [number, number];
  const [, maximum] = range;
  const pixels = width * height;
  const depth = maximum === 255 ? 8 : 16;
  const [scale, data] =
    depth === 8 ? [1, new Uint8Array(values.length)] : [65535 / maximum, new Uint16Array(values.length)];
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      data[pixel * channels + channel] = Math.round(values[channel * pixels + pixel]! * scale);
    }
  }
  return encodePng({ width, height, data });
}
