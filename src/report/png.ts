/** PNG bytes of a raster, gray or RGB. */
import { encode } from 'fast-png';
import { invariant } from '../core/errors.js';

/** 8 bit pixels, row-major, one or three channels interleaved. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Encodes without loss; `data.length` says whether it is gray (`H·W`) or RGB (`H·W·3`). */
export async function encodePng({ height, width, data }: Raster): Promise<Uint8Array> {
  const channels = data.length / (height * width);
  invariant(channels === 1 || channels === 3, `a raster of ${height}x${width} has 1 or 3 channels, found ${channels}`);
  return encode({ width, height, data, channels, depth: 8 });
}
