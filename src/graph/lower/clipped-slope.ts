/**
 * The gradient before a LeakyReLU for a CPU: its factor is `clip(∞ · y, slope, 1)` with a number near the largest for
 * ∞. Two fast passes, or one, for three slow ones.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { reshape } from '../ops/arrange.js';
import { channelAffine } from '../ops/channel-affine.js';
import { mul } from '../ops/elementwise.js';

/** Near the largest float32. */
const STEEP = 3.4e38;

export function clippedSlope(dy: Value, y: Value, slope: number): Value {
  const row = reshape(y, [1, 1, sizeOf(y.shape)]);
  const factor = channelAffine(row, { scale: STEEP, activation: { name: 'Clip', low: slope, high: 1 } });
  return mul(dy, reshape(factor, y.shape));
}
