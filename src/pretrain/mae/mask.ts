/** Masks of patches: whole cells of a regular grid are hidden, a given share of them, drawn anew for every sample. */
import { permutation, type Random } from '../../core/random.js';
import { sizeOf, stridesOf } from '../../core/tensor.js';

export interface PatchMaskOptions {
  /** The side of a patch, in pixels; a divisor of every extent. */
  readonly patch: number;
  /** The share of the patches that are hidden, above 0 and below 1. */
  readonly ratio: number;
}

/**
 * One where a pixel is hidden. The number of hidden patches is the nearest to the share, at least one and never all.
 * @param extents `[...S]`
 * @returns `[1, ...S]`, flat
 */
export function drawPatchMask(
  extents: readonly number[],
  { patch, ratio }: PatchMaskOptions,
  random: Random,
): Float32Array {
  const grid = extents.map((extent) => extent / patch);
  const cells = sizeOf(grid);
  const hidden = Math.min(cells - 1, Math.max(1, Math.round(ratio * cells)));
  const chosen = new Set(permutation(cells, random).slice(0, hidden));
  const [strides, steps] = [stridesOf(extents), stridesOf(grid)];
  return Float32Array.from({ length: sizeOf(extents) }, (_, pixel) => {
    const cell = extents.reduce((place, extent, axis) => {
      const at = Math.floor(pixel / strides[axis]!) % extent;
      return place + Math.floor(at / patch) * steps[axis]!;
    }, 0);
    return chosen.has(cell) ? 1 : 0;
  });
}
