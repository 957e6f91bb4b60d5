/** Max-pooling that remembers where its maxima lay, for a CPU: their places are what its gradient needs. */
import type { Value } from '../graph.js';
import { pooled } from '../ops/pool.js';

export function poolWithIndices(x: Value) {
  const { graph } = x;
  const { shape, attributes } = pooled(x);
  const [y, indices] = graph.node('MaxPool', [x], attributes, [{ shape }, { shape, dtype: 'int64' }]) as [Value, Value];
  const gradient = (dy: Value) =>
    graph.node('MaxUnpool', [dy, indices, graph.integers(x.shape)], attributes, [{ shape: x.shape }])[0]!;
  return { y, gradient };
}
