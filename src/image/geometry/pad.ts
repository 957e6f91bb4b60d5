/**
 * Enlarging an image without changing its values: by repeating its last row and column, the border that a network sees
 * where an image does not fit, or by zeros on all sides, which is what lies around a volume.
 */
import { invariant } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';

/**
 * @param input [C, ...S]
 * @param shape extents of at least S, as many as S has
 * @returns [C, ...shape]: the input in the first corner, its border repeated beyond; the input itself where nothing is
 * added
 */
export function padEdge(input: Tensor, shape: readonly number[]): Tensor {
  let result = input;
  shape.forEach((extent, axis) => {
    result = padAxis(result, axis + 1, extent);
  });
  return result;
}

/**
 * @param input [C, ...S]
 * @param shape extents of at least S, as many as S has
 * @returns [C, ...shape]: the input in the middle (where it cannot be, half a pixel before it), zeros around it; the
 * input itself where nothing is added
 */
export function padZeros(input: Tensor, shape: readonly number[]): Tensor {
  const own = input.shape.slice(1);
  invariant(
    own.every((extent, axis) => extent <= shape[axis]!),
    `[${own.join(', ')}] cannot be padded to [${shape.join(', ')}]`,
  );
  let result = input;
  shape.forEach((extent, axis) => {
    const before = Math.floor((extent - own[axis]!) / 2);
    if (extent > own[axis]!) result = placeAxis(result, axis + 1, extent, before);
  });
  return result;
}

/** The least extents of at least `shape` that are divisible by `divisor`. */
export function divisibleShape(shape: readonly number[], divisor: number): number[] {
  return shape.map((extent) => Math.ceil(extent / divisor) * divisor);
}

function padAxis(input: Tensor, axis: number, extent: number): Tensor {
  const before = input.shape[axis]!;
  invariant(before >= 1 && extent >= before, `an axis of ${before} cannot be padded to ${extent}`);
  if (before === extent) return input;
  const outer = sizeOf(input.shape.slice(0, axis));
  const inner = sizeOf(input.shape.slice(axis + 1));
  const data = new Float32Array(outer * extent * inner);
  for (let block = 0; block < outer; block++) {
    for (let index = 0; index < extent; index++) {
      const from = (block * before + Math.min(index, before - 1)) * inner;
      data.set(input.data.subarray(from, from + inner), (block * extent + index) * inner);
    }
  }
  return tensor(input.shape.with(axis, extent), data);
}

function placeAxis(input: Tensor, axis: number, extent: number, before: number): Tensor {
  const outer = sizeOf(input.shape.slice(0, axis));
  const run = sizeOf(input.shape.slice(axis));
  const inner = sizeOf(input.shape.slice(axis + 1));
  const data = new Float32Array(outer * extent * inner);
  for (let block = 0; block < outer; block++) {
    data.set(input.data.subarray(block * run, (block + 1) * run), (block * extent + before) * inner);
  }
  return tensor(input.shape.with(axis, extent), data);
}
