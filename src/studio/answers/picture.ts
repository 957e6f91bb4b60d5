/** An image or a volume as the page shows it: real values, so that window and level can be set there. */

import { InputError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import type { Decoded } from '../../data/decoded.js';
import { type Image, spacingOf, toUnitVolume, type Volume } from '../../image/index.js';
import type { FrameArray } from '../shared/frame.js';
import type { Answer } from './answer.js';

/** What comes before the values, `[C, ...S]`. */
export interface PictureFacts {
  /** `[H, W]`, or of a volume `[z, y, x]` in RAS. */
  readonly shape: readonly number[];
  /** Edges of a pixel along the axes: in mm of volumes, else 1. */
  readonly spacing: readonly number[];
  readonly channels: number;
  /** The values that are black and white: of the bit depth, or of a volume's usual window. */
  readonly range: readonly [number, number];
}

/** The most pixels that are shown. */
const MOST = 2 ** 26;

/** @throws InputError ('shape') for an image that is too large */
export function pictureOf(decoded: Decoded): Answer<PictureFacts> {
  const { shape } = decoded.kind === 'images' ? decoded.image : decoded.volume;
  if (sizeOf(shape) > MOST) {
    throw new InputError('shape', `expected at most ${MOST} pixels, found ${shape.join(' × ')}`);
  }
  if (decoded.kind === 'images') {
    const { channels, maximum } = decoded.image;
    const facts: PictureFacts = { shape, spacing: shape.map(() => 1), channels, range: [0, maximum] };
    return { facts, arrays: { values: valuesOfImage(decoded.image) } };
  }
  const { lower, upper } = toUnitVolume(decoded.volume);
  const facts: PictureFacts = { shape, spacing: spacingOf(decoded.volume), channels: 1, range: [lower, upper] };
  return { facts, arrays: { values: valuesOfVolume(decoded.volume) } };
}

function valuesOfImage({ data, bitDepth }: Image): FrameArray {
  return bitDepth === 8 ? Uint8Array.from(data) : bitDepth === 16 ? Uint16Array.from(data) : data;
}

function valuesOfVolume({ data, slope, intercept }: Volume): FrameArray {
  const stored = slope === 1 && intercept === 0;
  if (stored && (data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Int16Array)) return data;
  return Float32Array.from(data, (value) => value * slope + intercept);
}
