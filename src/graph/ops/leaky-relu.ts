/** The LeakyReLU and its gradient. */
import type { Value } from '../graph.js';
import { less, mul, where } from './elementwise.js';

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

/** The gradient before a LeakyReLU, from the sign of its output. */
export function leakyGradient(dy: Value, y: Value, slope: number): Value {
  return y.graph.lowering.leakyGradient?.(dy, y, slope) ?? where(less(0, y), dy, mul(dy, slope));
}
