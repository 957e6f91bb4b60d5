/**
 * The appearance of the moving view (paper: Self-Vector Regression): the same anatomy in its own place with other
 * intensities. In this order: noise, blur, contrast, brightness, in-painting. The values are not clipped to [0, 1].
 * Everything random is drawn first (`drawAppearance`), so that applying it is deterministic.
 *
 * Contrast takes the mean of the sample and blur runs along the spatial axes, both of one image alone; the release
 * mixes the samples of a batch.
 */
import type { Random } from '../core/random.js';
import { sizeOf, stridesOf, type Tensor } from '../core/tensor.js';
import { forEachRow } from './region.js';
import { gaussianSmooth } from './smooth.js';

export interface AppearanceOptions {
  /** Range of the standard deviation of the additive noise. */
  readonly noise: readonly [number, number];
  /** Range of the blur's standard deviation in pixels; [0, 0] is no blur. */
  readonly blur: readonly [number, number];
  /** Range of the contrast factor. */
  readonly contrast: readonly [number, number];
  /** Standard deviation of the brightness offset. */
  readonly brightness: number;
  /** At most `blocks` blocks; after each, another one follows with `probability`. */
  readonly inpaint: { readonly blocks: number; readonly probability: number };
}

/** A block of other intensities, the same in all channels. */
export interface InpaintBlock {
  readonly position: readonly number[];
  readonly size: readonly number[];
  /** `[...size]` */
  readonly values: Float32Array;
}

/** Everything that is random about one moving view. */
export interface AppearanceDraws {
  /** `[C, ...S]`, added to the image; `null` for none. */
  readonly noise: Float32Array | null;
  /** In pixels; 0 for none. */
  readonly blurSigma: number;
  /** Factor about the mean; 1 for none. */
  readonly contrast: number;
  /** Offset; 0 for none. */
  readonly brightness: number;
  readonly blocks: readonly InpaintBlock[];
}

/** Draws an appearance for an image of `shape` (`[C, ...S]`). */
export function drawAppearance(random: Random, options: AppearanceOptions, shape: readonly number[]): AppearanceDraws {
  const deviation = random.uniform(...options.noise);
  const noise = deviation > 0 ? random.normals(new Float32Array(sizeOf(shape)), deviation) : null;
  const blurSigma = random.uniform(...options.blur);
  const contrast = random.uniform(...options.contrast);
  const brightness = random.normal(0, options.brightness);
  return { noise, blurSigma, contrast, brightness, blocks: drawBlocks(random, options.inpaint, shape.slice(1)) };
}

/** The image as the draws show it. @param image `[C, ...S]`, left as it is; @returns `[C, ...S]` */
export function applyAppearance({ shape, data }: Tensor, draws: AppearanceDraws): Float32Array {
  const spatialAxes = shape.slice(1).map((_, axis) => axis + 1);
  const view = gaussianSmooth(addNoise(data, draws.noise), shape, spatialAxes, draws.blurSigma, 'reflect');
  adjustContrast(view, draws.contrast);
  addBrightness(view, draws.brightness);
  for (const block of draws.blocks) paintBlock(view, shape, block);
  return view;
}

/** A copy of the image with the noise added. */
export function addNoise(data: Float32Array, noise: Float32Array | null): Float32Array {
  const noisy = data.slice();
  if (noise) for (let i = 0; i < noisy.length; i++) noisy[i]! += noise[i]!;
  return noisy;
}

/** Scales the distance to the mean of all values, in place. */
export function adjustContrast(data: Float32Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]!;
  const rest = (sum / data.length) * (1 - factor);
  for (let i = 0; i < data.length; i++) data[i] = data[i]! * factor + rest;
}

/** Adds an offset to all values, in place. */
export function addBrightness(data: Float32Array, offset: number): void {
  for (let i = 0; i < data.length; i++) data[i]! += offset;
}

/** Fills a block in every channel of an image, in place. @param shape `[C, ...S]` */
export function paintBlock(data: Float32Array, shape: readonly number[], block: InpaintBlock): void {
  const { position, size, values } = block;
  const strides = stridesOf(shape);
  const row = size.at(-1)!;
  for (let channel = 0; channel < shape[0]!; channel++) {
    let from = 0;
    forEachRow(size, (index) => {
      let to = channel * strides[0]!;
      for (let axis = 0; axis < size.length; axis++) to += (position[axis]! + index[axis]!) * strides[axis + 1]!;
      data.set(values.subarray(from, from + row), to);
      from += row;
    });
  }
}

/** Distance in pixels that a block keeps from the border where the image is large enough. */
const BLOCK_BORDER = 3;

function drawBlocks(
  random: Random,
  { blocks, probability }: AppearanceOptions['inpaint'],
  shape: readonly number[],
): InpaintBlock[] {
  const drawn: InpaintBlock[] = [];
  while (drawn.length < blocks && random.uniform() < probability) {
    const size = shape.map((extent) => drawSide(random, extent));
    const position = shape.map((extent, axis) => drawPosition(random, extent - size[axis]!));
    const values = new Float32Array(sizeOf(size));
    for (let i = 0; i < values.length; i++) values[i] = random.uniform();
    drawn.push({ position, size, values });
  }
  return drawn;
}

/** A side of 1/10 to 4/30 of the extent, at least one pixel. */
function drawSide(random: Random, extent: number): number {
  const low = Math.max(1, Math.floor(extent / 10));
  return random.integer(low, Math.max(low + 1, Math.floor((4 * extent) / 30)));
}

/** A first pixel of a block that leaves `room` pixels beside it. */
function drawPosition(random: Random, room: number): number {
  return room > 2 * BLOCK_BORDER ? random.integer(BLOCK_BORDER, room - BLOCK_BORDER) : random.integer(0, room + 1);
}
