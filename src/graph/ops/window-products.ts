/**
 * What a window gives for each of its offsets: the product of a pixel's query with the key there, and the gradients of
 * queries and keys from those of the products. Large maps are moved by one offset after the other; small ones by all at
 * once, for there an operator's start costs more than what it computes.
 */
import type { Value } from '../graph.js';
import type { WindowGrid } from '../lowering.js';
import { reshape, slice } from './arrange.js';
import { mul } from './elementwise.js';
import { reduceSum } from './reduce.js';

export interface WindowOperands {
  /** `[N, d, J, ...S]`, times `scale`. */
  readonly scaled: Value;
  /** `[N, d, J, ...S]` */
  readonly key: Value;
  readonly scale: number;
  readonly radius: number;
  /** All offsets of the window, in row-major order. */
  readonly offsets: readonly (readonly number[])[];
}

export interface WindowProducts {
  /** `[N, 1, J, ...S]` for each offset, or one value of all, `[N, count, J, ...S]`. */
  readonly products: readonly Value[];
  /** @param slopes the gradient of the products, `[N, count, J, ...S]` */
  queryGradient(slopes: Value): Value;
  keyGradient(slopes: Value): Value;
}

/** Moved by one offset after the other, on maps that are laid in a grid. */
export function productsByOffset(operands: WindowOperands, grid: WindowGrid<Value>): WindowProducts {
  const { scaled, key, scale, radius, offsets } = operands;
  const line = 2 * radius + 1;
  const queries = grid.laid(scaled);
  const keys = grid.winged(key);
  return {
    products: offsets.map((offset) => reduceSum(mul(queries, grid.window(keys, offset)), [1])),
    queryGradient(slopes) {
      // Scaled, these are values of their own: the windows of the forward pass are not kept.
      const scaledKeys = grid.winged(mul(key, scale));
      const terms = offsets.map((offset, index) =>
        mul(grid.window(scaledKeys, offset), slice(slopes, [1], [index], [index + 1])),
      );
      return grid.taken(sum(terms, line));
    },
    keyGradient(slopes) {
      const around = grid.winged(scaled);
      const wide = grid.widened(slopes);
      const terms = offsets.map((offset, index) => {
        const back = offset.map((o) => -o);
        return mul(grid.window(around, back), grid.window(wide, back, [index, index + 1]));
      });
      return grid.taken(sum(terms, line));
    },
  };
}

/**
 * Moved by all offsets at once: a convolution whose kernels are 1 at one offset and 0 elsewhere. Its adjoint adds what
 * each offset's map holds where it came from.
 */
export function productsAtOnce({ scaled, key, scale, radius, offsets }: WindowOperands): WindowProducts {
  const { graph } = key;
  const [batch, depth, heads, ...extents] = key.shape as [number, number, number, ...number[]];
  const count = offsets.length;
  const window = extents.map(() => 2 * radius + 1);
  const kernel = graph.constant(oneAtEach(count, heads), [count * heads, heads, ...window]);
  const attributes = { kernel_shape: window, pads: [...extents, ...extents].map(() => radius) };
  const moved = (op: string, map: Value, channels: number): Value => {
    const shape = [batch * depth, channels, ...extents];
    const inputs = [reshape(map, [batch * depth, map.shape[2]!, ...extents]), kernel];
    return graph.node(op, inputs, attributes, [{ shape }])[0]!;
  };
  const all = [batch, depth, count, heads, ...extents];
  const one = [batch, depth, 1, heads, ...extents];
  const ofAll = [batch, 1, count, heads, ...extents];
  const keys = reshape(moved('Conv', key, count * heads), all);
  const queries = reshape(scaled, one);
  return {
    products: [reshape(reduceSum(mul(queries, keys), [1]), [batch, count, heads, ...extents])],
    queryGradient: (slopes) => mul(reshape(reduceSum(mul(keys, reshape(slopes, ofAll)), [2]), key.shape), scale),
    keyGradient(slopes) {
      const terms = mul(queries, reshape(slopes, ofAll));
      const ofOffsets = reshape(terms, [batch, depth, count * heads, ...extents]);
      return reshape(moved('ConvTranspose', ofOffsets, heads), key.shape);
    },
  };
}

/** `[count · J, J, ...kernel]`: channel o·J + j takes head j from where offset o points. */
function oneAtEach(count: number, heads: number): Float32Array {
  const kernels = new Float32Array(count * heads * heads * count);
  for (let offset = 0; offset < count; offset++) {
    for (let head = 0; head < heads; head++) {
      kernels[((offset * heads + head) * heads + head) * count + offset] = 1;
    }
  }
  return kernels;
}

/** The sum over a window, a line at a time: no more than a line of terms is alive at once. */
function sum(terms: readonly Value[], line: number): Value {
  const { graph, shape } = terms[0]!;
  let total: Value | undefined;
  for (let begin = 0; begin < terms.length; begin += line) {
    const addends = terms.slice(begin, begin + line);
    const all = total ? [total, ...addends] : addends;
    total = graph.lowering.total?.(all) ?? graph.node('Sum', all, {}, [{ shape }])[0]!;
  }
  return total!;
}
