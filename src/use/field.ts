/**
 * The displacement field between two images by the pyramid of a pretrained network (docs/method.md §4), for whole
 * images.
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { CaseInput } from '../data/input.js';
import { valuesOf } from '../data/labelled/recipe.js';
import { divisibleShape, padEdge, resizeLinear } from '../image/index.js';
import { DIVISOR } from '../nn/index.js';
import { methodOf } from '../pretrain/methods.js';
import { warpLinear } from '../views/index.js';
import type { Model } from './model.js';
import type { Network, NetworkBuilder } from './network.js';
import { type SizeOptions, workingImage, workingShape } from './working-size.js';

/** A pair of images at the size that the network saw, and what it says of them. */
export interface PairField {
  /** `[C, ...S]` in [0, 1] */
  readonly moving: Tensor;
  /** `[C, ...S]` in [0, 1] */
  readonly fixed: Tensor;
  /** `[nd, ...S]`, in pixels of S: pixel p of `fixed` lies at `p + field(p)` in `moving`. */
  readonly field: Tensor;
  /** `[C, ...S]`: `moving` read at `p + field(p)`, which shows it in the shape of `fixed`; 0 outside. */
  readonly warped: Tensor;
}

/**
 * @param axes of what the field is wanted of
 * @throws InputError ('weights') when a model cannot predict a displacement field, and ('shape') where it sees volumes
 * slice by slice
 */
export function requireField({ config, hasProjections, source, backbone }: Model, axes: number = backbone.dims): void {
  const { slices } = config.data;
  if (axes === 3 && slices) {
    throw new InputError(
      'shape',
      `${source}: a displacement field of volumes needs a network of volumes, found one of ${slices} slices`,
      'Points can be found: cover match with --point.',
    );
  }
  if (hasProjections) return;
  if (!methodOf(config).flows) {
    throw new InputError(
      'weights',
      `${source}: a displacement field needs a network pretrained by the method cover, found one by ${config.method}`,
      'Its features can be used: cover embed, or cover match with --point.',
    );
  }
  throw new InputError(
    'weights',
    `${source}: a displacement field needs the projections, found the backbone alone`,
    'Use the checkpoint that the backbone was exported from.',
  );
}

/**
 * Predicts the field that lays `moving` over `fixed`. Both go through the network at one size: that of `moving`.
 * @param moving `[C, ...S]` in [0, 1], or a volume with its grids
 * @param fixed `[C, ...S']` in [0, 1], likewise
 * @throws InputError ('weights') when the model has a backbone but predicts no field
 * @example const { field, warped } = await predictField(network, a, b);
 */
export async function predictField(
  network: Network,
  moving: CaseInput,
  fixed: CaseInput,
  size: SizeOptions = {},
): Promise<PairField> {
  const { config } = network.model;
  const own = valuesOf(moving).shape.slice(1);
  requireField(network.model, own.length);
  const working = workingShape(config, own, size);
  const seen = (input: CaseInput) => workingImage(config, valuesOf(input), working);
  const pair = { moving: seen(moving), fixed: seen(fixed) };
  const padded = (image: Tensor) => {
    const { shape, data } = padEdge(image, divisibleShape(working, DIVISOR));
    return tensor([1, ...shape], data);
  };
  const build: NetworkBuilder = (_, parameters, inputs) => ({
    predicted: methodOf(config).flows!(parameters, inputs.moving!, inputs.fixed!).at(-1)!,
  });
  const feeds = { moving: padded(pair.moving), fixed: padded(pair.fixed) };
  const { predicted } = await network.run('field', build, feeds);
  const whole = tensor(predicted!.shape.slice(1), predicted!.data);
  const field = resizeLinear(whole, working, working);
  return { ...pair, field, warped: tensor(pair.moving.shape, warpLinear(pair.moving, field.data)) };
}

/** A field in numbers: lengths in pixels of the size that the network saw, differences in shares of the unit range. */
export interface FieldMeasures {
  readonly shape: readonly number[];
  readonly meanLength: number;
  readonly largestLength: number;
  /** The mean absolute difference of the images, and with `moving` warped. */
  readonly differenceBefore: number;
  readonly differenceAfter: number;
}

export function fieldMeasures({ field, moving, fixed, warped }: PairField): FieldMeasures {
  const { shape, data } = field;
  const pixels = data.length / shape[0]!;
  let [sum, largest] = [0, 0];
  for (let pixel = 0; pixel < pixels; pixel++) {
    let square = 0;
    for (let at = pixel; at < data.length; at += pixels) square += data[at]! ** 2;
    const length = Math.sqrt(square);
    sum += length;
    largest = Math.max(largest, length);
  }
  return {
    shape: shape.slice(1),
    meanLength: sum / pixels,
    largestLength: largest,
    differenceBefore: difference(moving.data, fixed.data),
    differenceAfter: difference(warped.data, fixed.data),
  };
}

function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;
}
