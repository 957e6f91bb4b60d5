/** Products of what is swapped before them, by an operator of ONNX Runtime that reads it as it lies. */
import type { Shape, Value } from '../graph.js';
import { lastSwapped } from '../ops/matmul.js';

export function fusedProduct(a: Value, b: Value, shape: Shape): Value | undefined {
  const [left, right] = [beforeSwap(a), beforeSwap(b)];
  if (!left && !right) return undefined;
  const attributes = { transA: left ? 1 : 0, transB: right ? 1 : 0 };
  return a.graph.node('com.microsoft.FusedMatMul', [left ?? a, right ?? b], attributes, [{ shape }])[0]!;
}

/** What `swapLast` has been given, where `x` comes from it. */
function beforeSwap(x: Value): Value | undefined {
  const { op, inputs, attributes } = x.node;
  const swapped = op === 'Transpose' && String(attributes.perm) === String(lastSwapped(x.shape.length));
  return swapped ? inputs[0] : undefined;
}
