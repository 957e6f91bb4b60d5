/** The LeakyReLU and its gradient. */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import { reshape } from './arrange.js';
import { channelAffine } from './channel-affine.js';
import { less, mul, where } from './elementwise.js';

/** Near the largest float32. */
const STEEP = 3.4e38;

/** `x > 0 ? x : slope · x`; the gradient at exactly 0 is `slope`, as in PyTorch. */
export function leakyRelu(x: Value, slope = 0.2): Value {
  const y = x.graph.node('LeakyRelu', [x], { alpha: { float: slope } }, [{ shape: x.shape }])[0]!;
  return x.graph.record({
    name: 'LeakyRelu',
    inputs: [x],
    outputs: [y],
    backward: ([dy]) => [leakyGradient(dy!, y, slope)],
  });
}

/**
 * The gradient before a LeakyReLU, from the sign of its output. On a CPU the factor is `clip(∞ · y, slope, 1)` with a
 * number near the largest for ∞: two fast passes, or one, for three slow ones.
 */
export function leakyGradient(dy: Value, y: Value, slope: number): Value {
  if (y.graph.target === 'gpu') return where(less(0, y), dy, mul(dy, slope));
  const row = reshape(y, [1, 1, sizeOf(y.shape)]);
  const factor = channelAffine(row, { scale: STEEP, activation: { name: 'Clip', low: slope, high: 1 } });
  return mul(dy, reshape(factor, y.shape));
}
