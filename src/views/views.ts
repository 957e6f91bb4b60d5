/**
 * Views that label themselves (paper: Self-Vector Regression). From one image x: the fixed view `x_b = warp(x, psi)`,
 * the moving view `x_a = appearance(x)`, and the displacement field psi that was drawn, all cut out by one random
 * window. `warp(x_a, psi)` shows the anatomy of `x_b`, so psi is the target of the regression.
 */
import { InputError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { Tensor } from '../core/tensor.js';
import { type AppearanceOptions, applyAppearance, drawAppearance } from './appearance.js';
import { drawSpatialTransform } from './draw-transform.js';
import type { ElasticOptions } from './elastic.js';
import { warpLinear } from './field.js';
import { validMask } from './mask.js';
import { cropRegion, type Region } from './region.js';
import { displacementField } from './spatial.js';

/** How views are drawn. */
export interface ViewOptions {
  /** The views' extents `[...S]` in pixels; their number is nd. */
  readonly crop: readonly number[];
  /** The image's extents are this many times the crop's, so that the window has room. */
  readonly margin: number;
  /** Strength of the affine transformation; 0 is the identity. */
  readonly degree: number;
  /** The elastic part, or `null` for none. */
  readonly elastic: ElasticOptions | null;
  readonly appearance: AppearanceOptions;
  /** Views of which fewer pixels than this share have a source in the crop are drawn again, up to 20 times. */
  readonly minimumValidShare: number;
}

/** Two views of one image and their label. `S` is the crop. */
export interface Views {
  /** `[C, ...S]` */
  readonly moving: Float32Array;
  /** `[C, ...S]` */
  readonly fixed: Float32Array;
  /** `[nd, ...S]`, pixels: `warp(moving, field)` shows the anatomy of `fixed`. */
  readonly field: Float32Array;
  /** `[...S]`, 1 where the source of a pixel lies inside of the crop. */
  readonly mask: Float32Array;
  /** The mean of the mask. */
  readonly validShare: number;
}

const REDRAWS = 20;

/** The released setting without its elastic part, for views of the given extents. */
export function defaultViewOptions(crop: readonly number[]): ViewOptions {
  return {
    crop,
    margin: 1.5,
    degree: 1.5,
    elastic: null,
    appearance: {
      noise: [0, 0.02],
      blur: [0, 0],
      contrast: [0.5, 1.5],
      brightness: 0.1,
      inpaint: { blocks: 10, probability: 0.95 },
    },
    minimumValidShare: 0.05,
  };
}

/** The extents `[...S]` to which an image is resized before its views are drawn: margin × crop, in whole pixels. */
export function viewImageShape({ crop, margin }: ViewOptions): number[] {
  return crop.map((extent) => Math.max(extent, Math.floor(extent * margin)));
}

/**
 * Draws the two views of one image and their label.
 * @param image `[C, ...S]` with values in [0, 1]; S is at least the crop, usually margin × crop
 * @param random the stream of this sample; equal streams give equal views
 * @throws InputError ('shape') when the image has other axes than the crop or is smaller
 *
 * @example
 * const options = defaultViewOptions([128, 128]);
 * const image = resizeLinear(slice, viewImageShape(options)); // [1, 192, 192]
 * const { moving, fixed, field, mask } = drawViews(image, options, randomStream(seed, epoch, sample, 'views'));
 */
export function drawViews(image: Tensor, options: ViewOptions, random: Random): Views {
  checkShape(image, options.crop);
  const { region, field, mask, validShare } = drawLabel(image.shape.slice(1), options, random);
  const appearance = drawAppearance(random, options.appearance, image.shape);
  return {
    moving: cropRegion(applyAppearance(image, appearance), region),
    fixed: warpLinear(image, field, region),
    field,
    mask,
    validShare,
  };
}

interface Label {
  readonly region: Region;
  readonly field: Float32Array;
  readonly mask: Float32Array;
  readonly validShare: number;
}

/** A window and a field with enough valid pixels; the best one of all draws when none has. */
function drawLabel(shape: readonly number[], options: ViewOptions, random: Random): Label {
  let best: Label | undefined;
  for (let draw = 0; draw <= REDRAWS; draw++) {
    const transform = drawSpatialTransform(random, options, shape);
    const start = shape.map((extent, axis) => random.integer(0, extent - options.crop[axis]! + 1));
    const region: Region = { shape, start, size: options.crop };
    const field = displacementField(transform, region);
    const mask = validMask(field, options.crop);
    const validShare = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    if (!best || validShare > best.validShare) best = { region, field, mask, validShare };
    if (best.validShare >= options.minimumValidShare) break;
  }
  return best!;
}

function checkShape(image: Tensor, crop: readonly number[]): void {
  const shape = image.shape.slice(1);
  if (shape.length !== crop.length || shape.some((extent, axis) => extent < crop[axis]!)) {
    throw new InputError(
      'shape',
      `expected an image of [C, ${crop.map((extent) => `≥ ${extent}`).join(', ')}], found [${image.shape.join(', ')}]`,
      'Resize the image to margin × crop, or choose a smaller crop.',
    );
  }
}
