/** Moves elements along an axis by one padding, of which a negative count removes elements. */
import type { Value } from '../graph.js';

export function shiftByPad(x: Value, axis: number, by: number): Value {
  const { graph, shape } = x;
  const zeros = (count: number) => shape.map((_, other) => (other === axis ? count : 0));
  const pads = graph.integers([...zeros(by), ...zeros(-by)]);
  return graph.node('Pad', [x, pads], { mode: 'constant' }, [{ shape }])[0]!;
}
