/**
 * InfoNCE (van den Oord et al. 2018) between corresponding pixels of two views, in both directions: a pixel's positive
 * is the pixel of the other view that shows the same place, its negatives are all other sampled pixels of both views of
 * its image. Images do not mix, so the gradients of micro-batches add up to that of the batch.
 */
import {
  add,
  concat,
  div,
  equal,
  exp,
  log,
  matmul,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  sub,
  swapLast,
  type Value,
  where,
} from '../../graph/index.js';
import { channelNorm } from '../agreement.js';

/** What is added to the logit of a pixel that is no negative: its own, or one without a place in the other view. */
const EXCLUDED = -1000;

/**
 * Every `stride`-th pixel along each axis, the one in the middle of its cell.
 * @param map `[N, C, ...S]`; `stride` divides each extent
 * @returns `[N, C, ...S/stride]`
 */
export function strided(map: Value, stride: number): Value {
  const [batch, channels, ...extents] = map.shape as [number, number, ...number[]];
  let picked = map;
  // One axis at a time, so that no reshape needs more than one axis beside those of the map.
  extents.forEach((extent, spatial) => {
    const axis = spatial + 2;
    const { shape } = picked;
    const cells = [...shape.slice(0, axis), extent / stride, stride, ...shape.slice(axis + 1)];
    const middle = slice(reshape(picked, cells), [axis + 1], [stride >> 1], [(stride >> 1) + 1]);
    picked = reshape(middle, [batch, channels, ...shape.slice(2).with(spatial, extent / stride)]);
  });
  return picked;
}

/** How many pixels of one channel of a batch `strided` takes with a value above 0. */
export function stridedCount(mask: Float32Array, extents: readonly number[], stride: number): number {
  let count = 0;
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] === 0) continue;
    let rest = index;
    let taken = true;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      if ((rest % extents[axis]!) % stride !== stride >> 1) taken = false;
      rest = Math.floor(rest / extents[axis]!);
    }
    if (taken) count++;
  }
  return count;
}

/**
 * The sum of `−log softmax` of each pixel's positive over both views.
 * @param fixed `[N, D, P]`
 * @param moving `[N, D, P]`; pixel p of both shows the same place
 * @param weights `[N, 1, P]`, 1 where p has a place in both views, else 0: it is no anchor and no negative
 * @returns `[N, 1, 1]`
 */
export function infoNce(fixed: Value, moving: Value, weights: Value, temperature: number): Value {
  const { graph } = fixed;
  const unit = (x: Value) => div(x, channelNorm(x));
  const [a, b] = [unit(fixed), unit(moving)];
  const all = concat([a, b], 2);
  const pixels = all.shape[2]!;
  const similarities = div(matmul(swapLast(all), all), temperature);
  const positions = Array.from({ length: pixels }, (_, index) => index);
  const own = equal(graph.constant(positions, [1, pixels, 1]), graph.constant(positions, [1, 1, pixels]));
  const present = concat([weights, weights], 2);
  const others = add(where(own, EXCLUDED, similarities), mul(sub(1, present), EXCLUDED));
  const highest = reduceMax(others, [2]);
  const total = add(log(reduceSum(exp(sub(others, highest)), [2])), highest);
  const positive = div(reduceSum(mul(a, b), [1]), temperature);
  const surprise = sub(swapLast(total), concat([positive, positive], 2));
  return reduceSum(mul(surprise, present), [1, 2]);
}
