/**
 * Windows by matrix products: of the queries of a tile with all keys that it sees in the lines of the window. What
 * belongs to the window is a band of such a product: a constant matrix takes it out, and another one puts slopes back
 * into it. Whether a key lies outside of the map is a channel of its own.
 */
import { positionsOf, sizeOf, stridesOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { OUTSIDE, type WindowOperands, type WindowProducts } from '../lowering.js';
import { concat, reshape, slice } from '../ops/arrange.js';
import { add, mul } from '../ops/elementwise.js';
import { matmul, swapLast } from '../ops/matmul.js';
import { Tiles } from './tiles.js';

export function windowByTiles({ scaled, key, scale, radius }: WindowOperands<Value>): WindowProducts<Value> {
  const { graph } = key;
  const extents = key.shape.slice(3);
  const tiles = new Tiles(key, radius);
  const { reach, size, seen, count } = tiles;
  const inKeys: Places = { count: seen * size, of: (pixel, offset) => (pixel + offset) * size + pixel };
  const inKeysByPixel: Places = { count: seen * size, of: (pixel, offset) => pixel * seen + pixel + offset };
  const inOffsets: Places = { count: reach * size, of: (pixel, offset) => offset * size + pixel };
  /** 1 where pixel and offset of row and column are the same, and so are their keys. */
  const band = (rows: Places, columns: Places) => {
    const ones = new Float32Array(rows.count * columns.count);
    for (let pixel = 0; pixel < size; pixel++) {
      for (let offset = 0; offset < reach; offset++) {
        ones[rows.of(pixel, offset) * columns.count + columns.of(pixel, offset)] = 1;
      }
    }
    return graph.constant(ones, [rows.count, columns.count]);
  };

  const queries = tiles.laid(withChannel(scaled, new Float32Array(sizeOf(extents)).fill(1)));
  const keys = tiles.keys(withChannel(tiles.winged(key), outsideOf(extents, tiles.padded, radius)));
  const take = band(inKeys, inOffsets);
  const products = keys.map((ofGroup) => {
    const all = matmul(ofGroup, queries);
    return reshape(matmul(reshape(all, [count * reach, seen * size]), take), [count, reach ** 2, size]);
  });

  return {
    products: concat(products, 1),
    laid: (map) => tiles.laid(map),
    taken: (laid) => tiles.taken(laid),
    queryGradient(slopes) {
      const put = band(inOffsets, inKeys);
      // Scaled, these are values of their own: the keys of the forward pass are not kept.
      const terms = tiles.keys(tiles.winged(mul(key, scale))).map((ofGroup, group) => {
        const own = slice(slopes, [1], [group * reach ** 2], [(group + 1) * reach ** 2]);
        const spread = matmul(reshape(own, [count * reach, reach * size]), put);
        return matmul(swapLast(ofGroup), reshape(spread, [count, reach * seen, size]));
      });
      return tiles.taken(terms.reduce((a, b) => add(a, b)));
    },
    keyGradient(slopes) {
      const put = band(inOffsets, inKeysByPixel);
      const seenBy = tiles.queries(scaled);
      const terms = tiles.slopesOf(slopes).map((ofGroup, group) => {
        const spread = matmul(reshape(ofGroup, [count * reach, reach * size]), put);
        return matmul(swapLast(reshape(spread, [count, reach * size, seen])), seenBy[group]!);
      });
      return tiles.added(terms.reduce((a, b) => add(a, b)));
    },
  };
}

/** `[N, c, J, ...S]` with a channel more, the same for all samples and heads. */
function withChannel(map: Value, channel: Float32Array): Value {
  const { graph, shape } = map;
  const [batch, , heads, ...space] = shape as [number, number, number, ...number[]];
  const copies = graph.constant(new Float32Array(batch * heads).fill(1), [batch, 1, heads, ...space.map(() => 1)]);
  return concat([map, mul(copies, graph.constant(channel, [1, 1, 1, ...space]))], 1);
}

/** Where the product of a tile's pixel with the key at an offset from it lies, in a line of the window. */
interface Places {
  readonly count: number;
  of(pixel: number, offset: number): number;
}

/** What is added to the product of a key, for extents with all around them that is seen. */
function outsideOf(extents: readonly number[], padded: readonly number[], radius: number): Float32Array {
  const outside = new Float32Array(sizeOf(padded)).fill(OUTSIDE);
  const strides = stridesOf(padded);
  for (const row of positionsOf(extents.slice(0, -1))) {
    const begin = [...row, 0].reduce((place, at, axis) => place + (at + radius) * strides[axis]!, 0);
    outside.fill(0, begin, begin + extents.at(-1)!);
  }
  return outside;
}
