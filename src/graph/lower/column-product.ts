/**
 * Many products of one matrix with single columns, as one product with rows: a graphics card computes whole tiles of a
 * result.
 */
import type { Shape, Value } from '../graph.js';
import { reshape } from '../ops/arrange.js';
import { matmul, swapLast } from '../ops/matmul.js';

/** @param a `[M, K]` @param b `[B, K, 1]`; others are left to the plain product */
export function columnsAsRows(a: Value, b: Value, shape: Shape): Value | undefined {
  if (a.shape.length !== 2 || b.shape.length !== 3 || b.shape[2] !== 1) return undefined;
  return reshape(matmul(reshape(b, b.shape.slice(0, 2)), swapLast(a)), shape);
}
