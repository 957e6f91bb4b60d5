/**
 * RLE (PS3.5, annex G): a header of sixteen 32-bit numbers, then one packed segment for each byte of each sample, the
 * most significant first. The result is interleaved and little endian, as an uncompressed frame would be.
 */
import { cutShort, refuse } from './refuse.js';

/**
 * Unpacks one frame.
 * @param pixels number of pixels of the frame (of bytes, where one byte holds eight pixels)
 * @param samples samples of a pixel
 * @param width bytes of a sample
 * @returns `pixels · samples · width` bytes
 * @throws InputError ('image') when the segments do not fit the frame
 * @throws TruncatedImageError when a segment ends early
 */
export function decodeRle(
  coded: Uint8Array,
  pixels: number,
  samples: number,
  width: number,
  source: string,
): Uint8Array {
  const planes = samples * width;
  if (coded.length < 64) throw cutShort(source, 'an RLE header of 64 bytes', `${coded.length} bytes`);
  const view = new DataView(coded.buffer, coded.byteOffset, coded.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== planes) {
    throw refuse(source, `${planes} RLE segments`, `${segments}`, 'The header does not fit the pixels: export again.');
  }
  // A packed pair of two bytes yields at most 128: less than this cannot fill the frame.
  if (coded.length * 64 < pixels * planes) {
    throw cutShort(source, `${pixels * planes} bytes from RLE`, `${coded.length} packed bytes`);
  }
  const frame = new Uint8Array(pixels * planes);
  for (let plane = 0; plane < planes; plane++) {
    const start = view.getUint32(4 + 4 * plane, true);
    const end = plane + 1 < planes ? view.getUint32(8 + 4 * plane, true) : coded.length;
    if (end > coded.length) throw cutShort(source, `an RLE segment up to ${end}`, `${coded.length} bytes`);
    if (start < 64 || start > end) {
      throw refuse(source, 'RLE segments in order', `a segment from ${start} to ${end}`, 'Export the file again.');
    }
    const sample = Math.floor(plane / width);
    const first = sample * width + (width - 1 - (plane % width));
    const filled = unpack(coded.subarray(start, end), frame, first, planes, pixels);
    if (filled < pixels) throw cutShort(source, `${pixels} values in an RLE segment`, `${filled}`);
  }
  return frame;
}

/** Unpacks a segment into every `step`-th byte from `first` on; returns how many of `count` bytes it held. */
function unpack(packed: Uint8Array, frame: Uint8Array, first: number, step: number, count: number): number {
  let filled = 0;
  for (let at = 0; at < packed.length && filled < count; ) {
    const head = packed[at++]!;
    if (head === 128) continue;
    if (head < 128) {
      for (let left = head + 1; left > 0 && at < packed.length && filled < count; left--) {
        frame[first + step * filled++] = packed[at++]!;
      }
    } else if (at < packed.length) {
      const value = packed[at++]!;
      for (let left = 257 - head; left > 0 && filled < count; left--) frame[first + step * filled++] = value;
    }
  }
  return filled;
}
