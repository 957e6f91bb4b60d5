/**
 * Linear resizing over any number of spatial axes, one axis after the other. Sample points lie at pixel centres (the
 * half-pixel rule), and beyond the border the border value is taken: the same as linear interpolation without aligned
 * corners in PyTorch, and as `cv2.resize`. No low-pass filter is applied before reducing.
 */
import { invariant } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';

/**
 * Resizes every channel.
 * @param input [C, ...S]
 * @param shape the new spatial extents, as many as S has
 * @param span how many pixels of the input, from its first corner and possibly with a fraction, the new grid covers along
 *   each axis; all of S by default. With `span = shape` the input is cropped, not resized
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
  let result = input;
  shape.forEach((extent, axis) => {
    const same = result.shape[axis + 1] === extent && span[axis] === extent;
    if (!same) result = resizeAxis(result, axis + 1, extent, span[axis]!);
  });
  return result === input ? tensor(input.shape, input.data.slice()) : result;
}

function resizeAxis(input: Tensor, axis: number, extent: number, span: number): Tensor {
  const before = input.shape[axis]!;
  const outer = sizeOf(input.shape.slice(0, axis));
  const inner = sizeOf(input.shape.slice(axis + 1));
  const { low, high, weight } = weights(before, span, extent);
  const data = new Float32Array(outer * extent * inner);
  for (let block = 0; block < outer; block++) {
    for (let index = 0; index < extent; index++) {
      const from = (block * before + low[index]!) * inner;
      const to = (block * before + high[index]!) * inner;
      const target = (block * extent + index) * inner;
      const share = weight[index]!;
      for (let element = 0; element < inner; element++) {
        const value = input.data[from + element]!;
        data[target + element] = value + share * (input.data[to + element]! - value);
      }
    }
  }
  return tensor(
    input.shape.map((size, index) => (index === axis ? extent : size)),
    data,
  );
}

/** For each new position the two neighbours and the share of the second. */
function weights(
  before: number,
  span: number,
  after: number,
): { low: Int32Array; high: Int32Array; weight: Float64Array } {
  const low = new Int32Array(after);
  const high = new Int32Array(after);
  const weight = new Float64Array(after);
  for (let index = 0; index < after; index++) {
    const position = Math.min(Math.max(((index + 0.5) * span) / after - 0.5, 0), before - 1);
    low[index] = Math.floor(position);
    high[index] = Math.min(low[index]! + 1, before - 1);
    weight[index] = position - low[index]!;
  }
  return { low, high, weight };
}
