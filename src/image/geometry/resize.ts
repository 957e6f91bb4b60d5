/**
 * Linear resizing over any number of spatial axes, one axis after the other. Sample points lie at pixel centres (the
 * half-pixel rule), and beyond the border the border value is taken: the same as linear interpolation without aligned
 * corners in PyTorch, and as `cv2.resize`. Interpolation alone takes two pixels along an axis, however far apart the
 * new ones lie, so noise and detail that the smaller image cannot hold come back as false detail (aliasing). Images are
 * therefore averaged where they become smaller (`reduce.ts`); maps of features, fields and products are not.
 */
import { invariant } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { reduceAxis } from './reduce.js';

/** How images are resized. */
export interface ResizeOptions {
  /** Whether an axis that becomes shorter is averaged over what lies between its new pixels. */
  readonly antialias: boolean;
}

/**
 * Resizes an image. Axes that become longer are interpolated; an image that keeps its extents keeps its values.
 * @param input [C, ...S]
 * @param shape the new spatial extents, as many as S has
 * @returns [C, ...shape], always memory of its own
 * @example
 * resizeImage(tensor([1, 1, 4], Float32Array.of(0, 4, 0, 4)), [1, 2], { antialias: true }).data // 1.71…, 2.28…
 */
export function resizeImage(input: Tensor, shape: readonly number[], { antialias }: ResizeOptions): Tensor {
  if (!antialias) return resizeLinear(input, shape);
  const reduced = shape.reduce((result, extent, axis) => {
    const scale = input.shape[axis + 1]! / extent;
    if (scale <= 1) return result;
    const centres = Float64Array.from({ length: extent }, (_, index) => (index + 0.5) * scale - 0.5);
    return reduceAxis(result, axis + 1, centres, scale);
  }, input);
  return resizeLinear(reduced, shape);
}

/**
 * Resizes every channel.
 * @param input [C, ...S]
 * @param shape the new spatial extents, as many as S has
 * @param span how many pixels of the input, from its first corner and possibly with a fraction, the new grid covers
 * along each axis; all of S by default. With `span = shape` the input is cropped, not resized
 * @returns [C, ...shape], always memory of its own
 * @example resizeLinear(tensor([1, 1, 2], Float32Array.of(0, 4)), [1, 4]).data // 0, 1, 3, 4
 */
export function resizeLinear(
  input: Tensor,
  shape: readonly number[],
  span: readonly number[] = input.shape.slice(1),
): Tensor {
  invariant(
    shape.length === input.shape.length - 1,
    `[${input.shape.join(', ')}] cannot take the shape [${shape.join(', ')}]`,
  );
  invariant(
    [...shape, ...input.shape].every((extent) => extent >= 1),
    'an empty image cannot be resized',
  );
  const places = shape.map((extent, axis) => {
    const before = input.shape[axis + 1]!;
    return before === extent && span[axis] === extent ? null : resizedPlaces(before, span[axis]!, extent);
  });
  const result = sampleLinear(input, places);
  return result === input ? tensor(input.shape, input.data.slice()) : result;
}

/**
 * Linear interpolation at places along each spatial axis.
 * @param input [C, ...S]
 * @param places of the new pixels among the old ones, from 0 to the axis's extent − 1; null leaves an axis as it is
 * @returns [C, ...new extents]; the input itself where all axes stay
 */
export function sampleLinear(input: Tensor, places: readonly (Float64Array | null)[]): Tensor {
  return places.reduce<Tensor>((result, along, axis) => (along ? sampleAxis(result, axis + 1, along) : result), input);
}

function sampleAxis(input: Tensor, axis: number, places: Float64Array): Tensor {
  const before = input.shape[axis]!;
  const outer = sizeOf(input.shape.slice(0, axis));
  const inner = sizeOf(input.shape.slice(axis + 1));
  const extent = places.length;
  const low = Int32Array.from(places, Math.floor);
  const high = low.map((index) => Math.min(index + 1, before - 1));
  const share = places.map((place, index) => place - low[index]!);
  const data = new Float32Array(outer * extent * inner);
  for (let block = 0; block < outer; block++) {
    for (let index = 0; index < extent; index++) {
      const from = (block * before + low[index]!) * inner;
      const to = (block * before + high[index]!) * inner;
      const target = (block * extent + index) * inner;
      const weight = share[index]!;
      for (let element = 0; element < inner; element++) {
        const value = input.data[from + element]!;
        data[target + element] = value + weight * (input.data[to + element]! - value);
      }
    }
  }
  return tensor(input.shape.with(axis, extent), data);
}

/** The half-pixel rule. */
function resizedPlaces(before: number, span: number, after: number): Float64Array {
  return Float64Array.from({ length: after }, (_, index) =>
    Math.min(Math.max(((index + 0.5) * span) / after - 0.5, 0), before - 1),
  );
}
