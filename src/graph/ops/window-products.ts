/**
 * The products of a pixel's query with the keys of its window, and the gradients of both from that of the products: by
 * one offset of the window after the other, on maps that are laid in a grid.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { OUTSIDE, type WindowGrid, type WindowOperands, type WindowProducts } from '../lowering.js';
import { concat, reshape, slice } from './arrange.js';
import { add, mul } from './elementwise.js';
import { reduceSum } from './reduce.js';

export function productsByOffset(operands: WindowOperands<Value>, grid: WindowGrid<Value>): WindowProducts<Value> {
  const { scaled, key, scale, radius, offsets } = operands;
  const { graph } = key;
  const [batch, , heads] = key.shape as [number, number, number];
  const line = 2 * radius + 1;
  const count = offsets.length;
  const pixels = sizeOf(grid.shape);
  const queries = grid.laid(scaled);
  const keys = grid.winged(key);
  const products = offsets.map((offset) => reduceSum(mul(queries, grid.window(keys, offset)), [1]));
  const outside = new Float32Array(count * pixels).fill(OUTSIDE);
  offsets.forEach((offset, index) => {
    for (const [from, to] of grid.inside(offset)) outside.fill(0, index * pixels + from, index * pixels + to);
  });
  const logits = add(concat(products, 1), graph.constant(outside, [1, count, 1, ...grid.shape]));
  const inGrid = (laid: Value) => reshape(laid, [batch, laid.shape[1]!, heads, ...grid.shape]);
  const flat = (map: Value) => reshape(map, [batch, map.shape[1]!, heads * pixels]);
  return {
    products: flat(logits),
    laid: (map) => flat(grid.laid(map)),
    taken: (laid) => grid.taken(inGrid(laid)),
    queryGradient(slopes) {
      // Scaled, these are values of their own: the windows of the forward pass are not kept.
      const scaledKeys = grid.winged(mul(key, scale));
      const ofOffsets = inGrid(slopes);
      const terms = offsets.map((offset, index) =>
        mul(grid.window(scaledKeys, offset), slice(ofOffsets, [1], [index], [index + 1])),
      );
      return grid.taken(sum(terms, line));
    },
    keyGradient(slopes) {
      const around = grid.winged(scaled);
      const wide = grid.widened(inGrid(slopes));
      const terms = offsets.map((offset, index) => {
        const back = offset.map((o) => -o);
        return mul(grid.window(around, back), grid.window(wide, back, [index, index + 1]));
      });
      return grid.taken(sum(terms, line));
    },
  };
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
