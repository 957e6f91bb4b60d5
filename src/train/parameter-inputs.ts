/**
 * A flat vector of parameters as inputs of a graph, and its gradient as outputs. On the CPU each parameter is an input
 * of its own, a view of the vector where it lies, and each gradient is written to its place: nothing is cut, joined or
 * copied. A GPU buffer has no views: there the vector is one input, and the graph cuts it.
 */
import { sizeOf } from '../core/tensor.js';
import type { StatePart } from '../engine/index.js';
import { add, div, type Graph, gradients, mul, reshape, type Target, type Value } from '../graph/index.js';
import { type ParameterSpec, type Parameters, parameterCount, unflatten } from '../nn/index.js';

export interface ParameterInputs {
  readonly parameters: Parameters;
  /** The inputs that the parameters come from, in the order of their places in the vector. */
  readonly inputs: readonly Value[];
}

/** @param vector the name of the vector, with which the names of the inputs begin */
export function parameterInputs(graph: Graph, vector: string, specs: readonly ParameterSpec[]): ParameterInputs {
  const inputs = partsOf(graph.target, specs).map(({ name, shape }) => graph.input(vector + name, shape));
  if (graph.target === 'gpu') return { parameters: unflatten(inputs[0]!, specs), inputs };
  return { parameters: new Map(specs.map(({ name }, index) => [name, inputs[index]!])), inputs };
}

/**
 * The gradient of `loss` (one element) as outputs of the graph; zeros for a parameter that the loss does not depend on.
 * @param vectors for each name of a gradient the parameters that it belongs to
 * @param keep with it, each output is the gradient plus `keep` (`[1]`) times an input of the name of the gradient so
 * far
 * @param scale with it (`[1]`), the loss is multiplied by it on the way to the gradients, which are divided by it
 */
export function gradientOutputs(
  loss: Value,
  vectors: Readonly<Record<string, { readonly specs: readonly ParameterSpec[]; readonly inputs: readonly Value[] }>>,
  keep: Value | null,
  scale: Value | null = null,
): Record<string, Value> {
  const { graph } = loss;
  const seed = scale ? reshape(scale, loss.shape) : graph.constant([1], loss.shape);
  const unscaled = (gradient: Value) => (scale ? mul(gradient, div(1, scale)) : gradient);
  const wrt = Object.values(vectors).flatMap(({ inputs }) => inputs);
  const found = gradients([{ value: loss, seed }], wrt);
  const parts = Object.entries(vectors).flatMap(([vector, { specs, inputs }]) =>
    partsOf(graph.target, specs).map(({ name, shape }, index) => ({
      name: vector + name,
      shape,
      input: inputs[index]!,
    })),
  );
  const totals = parts.map((part, index) => ({ ...part, scaled: found[index] }));
  // The last end of a graph is computed first: so these are made in the order in which the gradients were.
  const inOrder = totals.toSorted((a, b) => (a.scaled?.id ?? 0) - (b.scaled?.id ?? 0));
  const outputs = new Map<string, Value>();
  for (const { name, shape, input, scaled } of inOrder) {
    const gradient = scaled ? unscaled(scaled) : mul(input, 0);
    outputs.set(name, keep ? add(mul(graph.input(name, shape), keep), gradient) : gradient);
  }
  return Object.fromEntries(parts.map(({ name }) => [nextName(name), outputs.get(name)!]));
}

/** For a run: which part of the state `state` each input of a vector reads. */
export function vectorState(
  target: Target,
  vector: string,
  specs: readonly ParameterSpec[],
  state = vector,
): Record<string, StatePart> {
  return Object.fromEntries(
    partsOf(target, specs).map(({ name, begin, shape }) => [vector + name, { name: state, begin, shape }]),
  );
}

/** For a run: which part of the state `state` each output of a gradient replaces. */
export function vectorUpdate(
  target: Target,
  vector: string,
  specs: readonly ParameterSpec[],
  state = vector,
): Record<string, StatePart> {
  const read = vectorState(target, vector, specs, state);
  return Object.fromEntries(Object.entries(read).map(([name, part]) => [nextName(name), part]));
}

const nextName = (name: string) => `${name}.next`;

interface Part {
  /** What stands behind the vector's name. */
  readonly name: string;
  readonly begin: number;
  readonly shape: readonly number[];
}

function partsOf(target: Target, specs: readonly ParameterSpec[]): Part[] {
  if (target === 'gpu') return [{ name: '', begin: 0, shape: [parameterCount(specs)] }];
  let begin = 0;
  return specs.map(({ name, shape }) => {
    const part = { name: `/${name}`, begin, shape };
    begin += sizeOf(shape);
    return part;
  });
}
