/**
 * Windows by matrix products: of the queries of a tile with all keys that it sees in the lines of the window. What
 * belongs to the window is a band of such a product: a constant matrix takes it out, and another one puts slopes back
 * into it. Whether a key lies outside of the map is a channel of its own.
 */
import { positionsOf, sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { OUTSIDE, type WindowOperands, type WindowProducts } from '../lowering.js';
import { concat, reshape, slice } from '../ops/arrange.js';
import { add, mul } from '../ops/elementwise.js';
import { matmul, swapLast } from '../ops/matmul.js';
import { transposed } from './minimal-filter.js';
import { Tiles } from './tiles.js';

export function windowByTiles({ scaled, key, scale, radius }: WindowOperands<Value>): WindowProducts<Value> {
  const { graph } = key;
  const extents = key.shape.slice(3);
  const tiles = new Tiles(key, radius);
  const { reach, size, seen, count } = tiles;
  const band = bandOf(size, seen, reach);
  const matrix = (rows: readonly (readonly number[])[]) => graph.constant(rows.flat(), [rows.length, rows[0]!.length]);

  const queries = tiles.laid(withChannel(scaled, new Float32Array(sizeOf(extents)).fill(1)));
  const keys = tiles.keys(withChannel(tiles.winged(key), outsideOf(extents, tiles.padded, radius)));
  const take = matrix(band);
  const products = keys.map((ofGroup) => {
    const all = matmul(ofGroup, queries);
    return reshape(matmul(reshape(all, [count * reach, seen * size]), take), [count, reach ** 2, size]);
  });

  return {
    products: concat(products, 1),
    laid: (map) => tiles.laid(map),
    taken: (laid) => tiles.taken(laid),
    queryGradient(slopes) {
      const put = matrix(transposed(band));
      // Scaled, these are values of their own: the keys of the forward pass are not kept.
      const terms = tiles.keys(tiles.winged(mul(key, scale))).map((ofGroup, group) => {
        const own = slice(slopes, [1], [group * reach ** 2], [(group + 1) * reach ** 2]);
        const spread = matmul(reshape(own, [count * reach, reach * size]), put);
        return matmul(swapLast(ofGroup), reshape(spread, [count, reach * seen, size]));
      });
      return tiles.taken(terms.reduce((a, b) => add(a, b)));
    },
    keyGradient(slopes) {
      const put = matrix(byPixel(band, size, seen));
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

/** 1 where key c that a tile sees is the one at offset o of pixel x: rows (c, x), columns (o, x). */
function bandOf(size: number, seen: number, reach: number): number[][] {
  return positionsOf([seen, size]).map(([c, x]) =>
    positionsOf([reach, size]).map(([o, other]) => (x === other && c === x! + o! ? 1 : 0)),
  );
}

/** The same with rows (o, x) and columns (x, c). */
function byPixel(band: readonly (readonly number[])[], size: number, seen: number): number[][] {
  return transposed(positionsOf([size, seen]).map(([x, c]) => [...band[c! * size + x!]!]));
}

/** What is added to the product of a key, for extents with all around them that is seen. */
function outsideOf(extents: readonly number[], padded: readonly number[], radius: number): Float32Array {
  return Float32Array.from(positionsOf(padded), (position) =>
    position.every((at, axis) => at >= radius && at < radius + extents[axis]!) ? 0 : OUTSIDE,
  );
}
