/** Reverse-mode differentiation: walks the recorded operators backwards and lets each build its gradient as nodes. */
import { invariant } from '../core/errors.js';
import { shapeError, type Value } from './graph.js';
import { add } from './ops/elementwise.js';

/**
 * The gradients of `Σ <seed, output>` with respect to `wrt`.
 * @param outputs values and their upstream gradients of the same shape
 * @returns one gradient per element of `wrt`; `null` where the outputs do not depend on it
 */
export function gradients(
  outputs: readonly { readonly value: Value; readonly seed: Value }[],
  wrt: readonly Value[],
): (Value | null)[] {
  const graph = outputs[0]?.value.graph;
  invariant(graph, 'gradients: no outputs');
  const records = graph.records.slice();
  const depends = new Set(wrt);
  for (const record of records) {
    if (record.inputs.some((input) => depends.has(input))) for (const output of record.outputs) depends.add(output);
  }
  const total = new Map<Value, Value>();
  const accumulate = (value: Value, gradient: Value) => {
    if (gradient.shape.join() !== value.shape.join()) {
      throw shapeError('gradients', 'a gradient has another shape than its value', gradient.shape, value.shape);
    }
    const known = total.get(value);
    total.set(value, known ? graph.unrecorded(() => add(known, gradient)) : gradient);
  };
  for (const { value, seed } of outputs) accumulate(value, seed);
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index]!;
    const upstream = record.outputs.map((output) => total.get(output) ?? null);
    const wanted = record.inputs.map((input) => depends.has(input));
    if (upstream.every((gradient) => gradient === null) || !wanted.includes(true)) continue;
    const found = graph.unrecorded(() => record.backward(upstream, wanted));
    record.inputs.forEach((input, position) => {
      const gradient = found[position];
      if (wanted[position] && gradient) accumulate(input, gradient);
    });
  }
  return wrt.map((value) => total.get(value) ?? null);
}
