/**
 * Linear resizing over any number of spatial axes, one axis after the other. Sample points lie at pixel centres (the
 * half-pixel rule), and beyond the border the border value is taken: the same as linear interpolation without aligned
 * corners in PyTorch. No low-pass filter is applied before reducing.
 */
import { invariant } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';

/**
 * @param input [C, ...S]
 * @param shape the new spatial extents, as many as S has
 * @returns [C, ...shape]
 */
export function resizeLinear(input: Tensor, shape: readonly number[]): Tensor {
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
    if (result.shape[axis + 1] !== extent) result = resizeAxis(result, axis + 1, extent);
  });
  return result === input ? tensor(input.shape, input.data.slice()) : result;
}

function resizeAxis(input: Tensor, axis: number, extent: number): Tensor {
  const before = input.shape[axis]!;
  const outer = sizeOf(input.shape.slice(0, axis));
  const inner = sizeOf(input.shape.slice(axis + 1));
  const { low, high, weight } = weights(before, extent);
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
function weights(before: number, after: number): { low: Int32Array; high: Int32Array; weight: Float64Array } {
  const low = new Int32Array(after);
  const high = new Int32Array(after);
  const weight = new Float64Array(after);
  for (let index = 0; index < after; index++) {
    const position = Math.min(Math.max(((index + 0.5) * before) / after - 0.5, 0), before - 1);
    low[index] = Math.floor(position);
    high[index] = Math.min(low[index]! + 1, before - 1);
    weight[index] = position - low[index]!;
  }
  return { low, high, weight };
}
