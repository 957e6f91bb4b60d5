/** Maps as rows of channels, one for each pixel, and back. */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { reshape, transpose } from './arrange.js';

/** `[N, C, ...S]` as one row of channels per pixel, `[N·P, C]`. */
export function toRows(value: Value): Value {
  const [batch, channels, ...extents] = value.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  return reshape(transpose(reshape(value, [batch, channels, pixels]), [0, 2, 1]), [batch * pixels, channels]);
}

/** The reverse of `toRows`. */
export function fromRows(rows: Value, shape: Shape): Value {
  const [batch, channels, ...extents] = shape as [number, number, ...number[]];
  return reshape(transpose(reshape(rows, [batch, sizeOf(extents), channels]), [0, 2, 1]), shape);
}
