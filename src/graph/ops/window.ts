/**
 * Mixture of Vectors on a window (docs/method.md §3): the logits between a pixel of one map and a window of the other,
 * their softmax, and the expectation of the offset, as one operator. Backward keeps nothing but the exponentials.
 */
import { positionsOf } from '../../core/tensor.js';
import { type Differentiable, shapeError, type Value } from '../graph.js';
import { concat, reshape, slice } from './arrange.js';
import { div, exp, mul, sub } from './elementwise.js';
import { matmul } from './matmul.js';
import { reduceMax, reduceMean, reduceSum } from './reduce.js';
import { plainGrid } from './window-grid.js';
import { productsByOffset } from './window-products.js';

export interface WindowOptions {
  /** The window reaches from −radius to +radius along each axis. */
  readonly radius: number;
  /** The number of heads J; channel c·J + j belongs to head j. */
  readonly heads: number;
}

/**
 * The expected offset, averaged over the heads.
 * @param query `[N, d·J, ...S]`
 * @param key `[N, d·J, ...S]`
 * @returns `[N, nd, ...S]`, in pixels of this grid
 */
export function windowVectors(query: Value, key: Value, options: WindowOptions): Value {
  const { radius, heads } = options;
  const [batch, channels, ...extents] = query.shape as [number, number, ...number[]];
  if (query.shape.join() !== key.shape.join() || channels % heads !== 0 || radius < 1) {
    throw shapeError('Window', `expected two [N, d·${heads}, ...S] and a radius of at least 1`, query.shape, key.shape);
  }
  const vectors = expectation(query, key, options);
  return reshape(reduceMean(vectors, [2]), [batch, extents.length, ...extents]);
}

/** `[N, nd, J, P]` */
function expectation(query: Value, key: Value, options: WindowOptions): Value {
  return query.graph.record(query.graph.unrecorded(() => expectationRule(query, key, options)));
}

function expectationRule(query: Value, key: Value, { radius, heads }: WindowOptions): Differentiable {
  const { graph } = query;
  const whole = graph.lowering.windowVectors?.(query, key, radius, heads);
  if (whole) {
    return {
      name: 'Window',
      inputs: [query, key],
      outputs: [whole.vectors],
      backward: ([dv], [wantQuery, wantKey]) => {
        const gradients = whole.gradients(dv!);
        return [wantQuery ? gradients.query : null, wantKey ? gradients.key : null];
      },
    };
  }
  const [batch, channels, ...extents] = query.shape as [number, number, ...number[]];
  const rank = extents.length;
  const depth = channels / heads;
  const offsets = windowOffsets(rank, radius);
  const count = offsets.length;
  const split = [batch, depth, heads, ...extents];
  const scale = 1 / Math.sqrt(depth);
  const operands = { scaled: mul(reshape(query, split), scale), key: reshape(key, split), scale, radius, offsets };
  const { lowering } = graph;
  const window =
    lowering.window?.(operands) ??
    productsByOffset(operands, lowering.windowGrid?.(extents, radius) ?? plainGrid(extents, radius));
  const weights = exp(sub(window.products, reduceMax(window.products, [1])));
  const template = graph.constant(
    [...extents.map((_, axis) => offsets.map((offset) => offset[axis]!)), offsets.map(() => 1)].flat(),
    [rank + 1, count],
  );
  const sums = matmul(template, weights);
  const total = slice(sums, [1], [rank], [rank + 1]);
  const mean = div(slice(sums, [1], [0], [rank]), total);
  return {
    name: 'Window',
    inputs: [query, key],
    outputs: [window.taken(mean)],
    backward: ([dv], [wantQuery, wantKey]) => {
      const upstream = div(window.laid(dv!), total);
      const centre = mul(reduceSum(mul(upstream, mean), [1]), -1);
      const columns = graph.constant(
        offsets.flatMap((offset) => [...offset, 1]),
        [count, rank + 1],
      );
      const slopes = mul(matmul(columns, concat([upstream, centre], 1)), weights);
      return [
        wantQuery ? reshape(window.queryGradient(slopes), query.shape) : null,
        wantKey ? reshape(window.keyGradient(slopes), key.shape) : null,
      ];
    },
  };
}

/** All offsets of a window, in row-major order. */
export function windowOffsets(rank: number, radius: number): number[][] {
  const grid = Array.from({ length: rank }, () => 2 * radius + 1);
  return positionsOf(grid).map((position) => position.map((index) => index - radius));
}
