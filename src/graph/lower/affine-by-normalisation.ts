/** Scale and shift in one pass: a batch normalisation whose running mean is 0 and variance 1. */
import type { Value } from '../graph.js';
import type { Affine } from '../lowering.js';
import { reshape } from '../ops/arrange.js';
import { activated, perChannel } from '../ops/channel-affine.js';
import { add } from '../ops/elementwise.js';

export function affineByNormalisation(x: Value, { scale, shift, plus, activation }: Affine<Value>): Value | undefined {
  if (typeof scale === 'number' || !shift) return undefined;
  const { graph } = x;
  const [batch, channels, pixels] = x.shape as [number, number, number];
  const count = batch * channels;
  const shape = [1, count, pixels];
  const numbers = (value: Value) => reshape(perChannel(value, channels), [count]);
  const inputs = [
    reshape(x, shape),
    numbers(scale),
    numbers(shift),
    graph.constant(new Float32Array(count), [count]),
    graph.constant(new Float32Array(count).fill(1), [count]),
  ];
  const normalised = graph.node('BatchNormalization', inputs, { epsilon: { float: 0 } }, [{ shape }])[0]!;
  let y = reshape(normalised, x.shape);
  if (plus) y = add(y, plus);
  return activation ? activated(y, activation) : y;
}
