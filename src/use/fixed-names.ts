/** Names of what graphs compute of a network's weights, so that what several of them need is computed once. */
import type { Value } from '../graph/index.js';

/** Gives values the same name where they are computed in the same way, whatever their graph, and others another. */
export function namesByContent(): (value: Value) => string {
  const names = new Map<string, string>();
  const known = new WeakMap<Value, string>();
  return function nameOf(value: Value): string {
    const before = known.get(value);
    if (before) return before;
    const { op, name, data, inputs, attributes, outputs } = value.node;
    const position = outputs.indexOf(value);
    const content = data ? [value.dtype, value.shape, textOf(data)] : [name, inputs.map(nameOf), attributes, position];
    const key = JSON.stringify([op, ...content]);
    const found = names.get(key) ?? `fixed${names.size}`;
    names.set(key, found);
    known.set(value, found);
    return found;
  };
}

/** Zeros keep their sign, as they do where a graph tells constants apart. */
function textOf(data: Float32Array | BigInt64Array): string {
  return Array.from<unknown, string>(data, (number) => (Object.is(number, -0) ? '-0' : String(number))).join();
}
