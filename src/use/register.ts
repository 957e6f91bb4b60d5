/**
 * Registration: one image laid over another by the field that a pretrained network predicts between the two
 * (docs/method.md §4). The network sees both at one size; the field is then brought to the fixed image's own pixels, so
 * that image and labels are read once, from the moving image's own pixels. Nothing is optimised for the pair.
 */
import { sizeOf, stridesOf, type Tensor, tensor } from '../core/tensor.js';
import type { CaseInput } from '../data/input.js';
import { valuesOf } from '../data/labelled/recipe.js';
import { foldedShare } from '../features/jacobian.js';
import { type ImageSimilarity, imageSimilarity } from '../features/similarity.js';
import { resizeLinear } from '../image/index.js';
import { type Region, warpLinear } from '../views/index.js';
import { predictField } from './field.js';
import type { Network } from './network.js';
import { type SizeOptions, workingShape } from './working-size.js';

/** Two images and the field between them, on the pixels of the fixed one, F. */
export interface Registration {
  /**
   * `[nd, ...F]`: pixel p of the fixed image is pixel `p + field(p)` of the moving one, each counted on its own grid.
   */
  readonly field: Tensor;
  /** `[nd, ...F]`, in pixels of the fixed image: what the network adds to `start`. */
  readonly displacement: Tensor;
  /**
   * `[nd, ...F]`: the field of images of other extents that are laid over each other edge to edge, without the network.
   */
  readonly start: Tensor;
  /** `[C, ...F]`: the moving image by `start`; the same as `moving` where the extents are equal. */
  readonly before: Tensor;
  /** `[C, ...F]`: the moving image by `field`; 0 outside. */
  readonly warped: Tensor;
  readonly measures: RegistrationMeasures;
}

export interface RegistrationMeasures {
  /** Mean and greatest length of what the network adds to `start`, in the unit of the spacing. */
  readonly meanDisplacement: number;
  readonly largestDisplacement: number;
  /** The share of pixels at which the displacement folds: Jacobian determinant ≤ 0. */
  readonly foldedShare: number;
  /** The share of pixels whose place lies outside of the moving image. */
  readonly outsideShare: number;
  /** Moving and fixed image, over the pixels whose place lies inside; null where there is none. */
  readonly similarityBefore: ImageSimilarity | null;
  readonly similarityAfter: ImageSimilarity | null;
}

export interface RegisterOptions extends SizeOptions {
  /** Edges of a pixel of the fixed image along its axes, which lengths are measured in; all 1 (pixels) by default. */
  readonly spacing?: readonly number[] | undefined;
}

/**
 * Lays `moving` over `fixed`. Both go through the network at the size of `fixed` (see `workingShape`).
 * @param moving `[C, ...M]` in [0, 1], or a volume with its grids
 * @param fixed `[C, ...F]` in [0, 1], likewise
 * @throws InputError ('weights') when the model has a backbone but no projections, ('config') for a wrong size
 * @example
 * const { warped, measures } = await register(network, a, b);
 * console.log(measures.foldedShare, measures.similarityAfter?.correlation);
 */
export async function register(
  network: Network,
  moving: CaseInput,
  fixed: CaseInput,
  { spacing, ...options }: RegisterOptions = {},
): Promise<Registration> {
  const own = valuesOf(fixed).shape.slice(1);
  const size = workingShape(network.model.config, own, options);
  const { field: predicted } = await predictField(network, moving, fixed, { size });
  return registration(valuesOf(moving), valuesOf(fixed), predicted, spacing);
}

/**
 * The registration by a given field.
 * @param predicted `[nd, ...W]` in pixels of W, a grid of any extents over both images
 */
export function registration(
  moving: Tensor,
  fixed: Tensor,
  predicted: Tensor,
  spacing: readonly number[] = predicted.shape.slice(1).map(() => 1),
): Registration {
  const [from, to] = [moving.shape.slice(1), fixed.shape.slice(1)];
  const working = predicted.shape.slice(1);
  const count = sizeOf(to);
  const displacement = resizeLinear(predicted, to);
  const start = edgeToEdge(from, to);
  const field = tensor(start.shape, start.data.slice());
  const squares = new Float64Array(count);
  for (let axis = 0; axis < to.length; axis++) {
    const own = displacement.data.subarray(axis * count, (axis + 1) * count);
    const [ofFixed, ofMoving] = [to[axis]! / working[axis]!, from[axis]! / working[axis]!];
    for (let pixel = 0; pixel < count; pixel++) {
      field.data[axis * count + pixel]! += own[pixel]! * ofMoving;
      own[pixel]! *= ofFixed;
      squares[pixel]! += (own[pixel]! * spacing[axis]!) ** 2;
    }
  }
  const region = between(from, to);
  const warpedBy = ({ data }: Tensor) => tensor([moving.shape[0]!, ...to], warpLinear(moving, data, region));
  const [before, warped] = [warpedBy(start), warpedBy(field)];
  const inside = insideOf(field, from);
  let [sum, largest] = [0, 0];
  for (const square of squares) {
    sum += Math.sqrt(square);
    largest = Math.max(largest, Math.sqrt(square));
  }
  return {
    field,
    displacement,
    start,
    before,
    warped,
    measures: {
      meanDisplacement: sum / count,
      largestDisplacement: largest,
      foldedShare: foldedShare(displacement),
      outsideShare: 1 - inside.reduce((total, value) => total + value, 0) / count,
      similarityBefore: imageSimilarity(before.data, fixed.data, inside),
      similarityAfter: imageSimilarity(warped.data, fixed.data, inside),
    },
  };
}

/** The region by which arrays on the grid of the moving image are read at the pixels of the fixed one. */
export function between(moving: readonly number[], fixed: readonly number[]): Region {
  return { shape: moving, start: moving.map(() => 0), size: fixed };
}

/** `[nd, ...F]`: what lays one box over another, so that their edges meet; 0 where the extents are equal. */
function edgeToEdge(moving: readonly number[], fixed: readonly number[]): Tensor {
  const count = sizeOf(fixed);
  const strides = stridesOf(fixed);
  const result = tensor([fixed.length, ...fixed]);
  fixed.forEach((extent, axis) => {
    if (extent === moving[axis]) return;
    for (let pixel = 0; pixel < count; pixel++) {
      const at = Math.floor(pixel / strides[axis]!) % extent;
      // The outer half of a border pixel belongs to the image: its value is that of the border.
      const place = Math.min(Math.max(((at + 0.5) * moving[axis]!) / extent - 0.5, 0), moving[axis]! - 1);
      result.data[axis * count + pixel] = place - at;
    }
  });
  return result;
}

/** `[...F]`: 1 where `p + field(p)` lies between the outer pixel centres of the moving image. */
function insideOf(field: Tensor, moving: readonly number[]): Uint8Array {
  const grid = field.shape.slice(1);
  const strides = stridesOf(grid);
  const count = sizeOf(grid);
  return Uint8Array.from({ length: count }, (_, pixel) => {
    const within = grid.every((extent, axis) => {
      const at = (Math.floor(pixel / strides[axis]!) % extent) + field.data[axis * count + pixel]!;
      return at >= 0 && at <= moving[axis]! - 1;
    });
    return within ? 1 : 0;
  });
}
