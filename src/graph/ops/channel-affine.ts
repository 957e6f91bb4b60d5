/** `f(scale·x + shift + plus)` with numbers per channel. */
import type { Value } from '../graph.js';
import type { Activation, Affine } from '../lowering.js';
import { reshape } from './arrange.js';
import { add, mul } from './elementwise.js';

/**
 * Has no gradient of its own.
 * @param x `[N, C, P]`
 * @returns `[N, C, P]`
 */
export function channelAffine(x: Value, options: Affine<Value>): Value {
  return x.graph.lowering.affine?.(x, options) ?? plain(x, options);
}

/**
 * `scale·x + shift + plus` of vectors, in as few passes; `scale` and `shift` are values of one element. Has no
 * gradient.
 */
export function vectorAffine(
  x: Value,
  { scale, shift, plus }: { readonly scale: Value; readonly shift?: Value; readonly plus?: Value },
): Value {
  const one = (value: Value) => reshape(value, [1, 1, 1]);
  const row = (value: Value) => reshape(value, [1, 1, x.shape[0]!]);
  const options = { scale: one(scale), ...(shift && { shift: one(shift) }), ...(plus && { plus: row(plus) }) };
  return reshape(channelAffine(row(x), options), x.shape);
}

function plain(x: Value, { scale, shift, plus, activation }: Affine<Value>): Value {
  let y = mul(x, typeof scale === 'number' ? scale : ofChannels(scale, x));
  if (shift) y = add(y, ofChannels(shift, x));
  if (plus) y = add(y, plus);
  return activation ? activated(y, activation) : y;
}

/** Numbers per channel or group as those of the channels of `x`, `[N, C, 1]`. */
function ofChannels(value: Value, x: Value): Value {
  return reshape(perChannel(value, x.shape[1]!), [...x.shape.slice(0, 2), 1]);
}

/** Numbers per channel or group, each `times` in succession for every channel: `[N, G, C / G, times]`. */
export function perChannel(value: Value, channels: number, times = 1): Value {
  const ofGroup = channels / value.shape[1]!;
  const one = reshape(value, [...value.shape, 1]);
  if (times === 1 && value.shape[2] === ofGroup) return one;
  return mul(one, value.graph.constant(new Float32Array(ofGroup * times).fill(1), [ofGroup, times]));
}

export function activated(x: Value, activation: Activation): Value {
  const { graph, shape } = x;
  if (activation.name === 'LeakyRelu') {
    return graph.node('LeakyRelu', [x], { alpha: { float: activation.slope } }, [{ shape }])[0]!;
  }
  const bounds = [graph.constant(activation.low), graph.constant(activation.high)];
  return graph.node('Clip', [x, ...bounds], {}, [{ shape }])[0]!;
}
