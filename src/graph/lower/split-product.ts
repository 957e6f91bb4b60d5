/**
 * Products of few channels over very many pixels for a graphics card, which computes each tile of a result by one group
 * of threads: the pixels are cut into parts, whose products are a batch that fills the card, and summed.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { reshape, transpose } from '../ops/arrange.js';
import { matmul, swapLast } from '../ops/matmul.js';
import { reduceSum } from '../ops/reduce.js';

/** Rows and columns that a group of threads computes. */
const TILE = 32;
/** Groups that fill a large card several times over. */
const GROUPS = 4096;
/** Pixels of a part from which on its product weighs more than its own sum. */
const PART = 256;

/**
 * `Σ_p rows[n, r, p] · columns[n, c, p]`
 * @param rows `[N, R, P]`
 * @param columns `[N, C, P]`
 * @returns `[N, R, C]`
 */
export function splitProduct(rows: Value, columns: Value): Value {
  const [batch, r, pixels] = rows.shape as [number, number, number];
  const c = columns.shape[1]!;
  const parts = partsOf([batch, r, c], pixels, 1);
  if (parts === 1) return matmul(rows, swapLast(columns));
  const cut = (map: Value, order: readonly number[]) =>
    transpose(reshape(map, [batch, map.shape[1]!, parts, pixels / parts]), order);
  const products = matmul(cut(rows, [0, 2, 1, 3]), cut(columns, [0, 2, 3, 1]));
  const sums = reduceSum(reshape(products, [batch, parts, sizeOf([r, c])]), [1]);
  return reshape(sums, [batch, r, c]);
}

/**
 * Into how many equal parts pixels are cut so that their products fill a large card.
 * @param result the shape of the product, `[N, R, C]`
 * @param units what is cut, each of `size` pixels
 */
export function partsOf(
  [batch, rows, columns]: readonly [number, number, number],
  units: number,
  size: number,
): number {
  const wanted = GROUPS / (batch * Math.ceil(rows / TILE) * Math.ceil(columns / TILE));
  let most = 1;
  for (let parts = 2; parts <= (units * size) / PART && most < wanted; parts++) if (units % parts === 0) most = parts;
  return most;
}
