/** A method as graphs: the program that turns a batch into a gradient, and the one that looks at validation samples. */
import { add, Graph, gradients, mul, type Shape, type Target, type Value } from '../graph/index.js';
import { parameterCount, unflatten } from '../nn/index.js';
import type { Method, Values } from './method.js';

/** The part of a method that makes graphs. */
export type GraphMethod = Pick<Method, 'specs' | 'sampleShapes' | 'totals' | 'losses' | 'look' | 'lookInputs'>;

/**
 * Inputs: `theta` (flat parameters), the arrays of `batch` samples, the totals of the whole batch, and with `accumulate`
 * the `gradient` so far and `keep` (0 drops it, 1 adds to it). Outputs: `gradientNext` and the sums of the method, all of which
 * add up over micro-batches.
 */
export function gradientGraph(
  method: GraphMethod,
  batch: number,
  extents: Shape,
  { accumulate = false, target = 'cpu' as Target } = {},
): Values {
  const graph = new Graph(target);
  const theta = graph.input('theta', [parameterCount(method.specs)]);
  const inputs = arrayInputs(graph, method, batch, extents);
  for (const name of Object.keys(method.totals)) inputs[name] = graph.input(name, [1]);
  const { objective, sums } = method.losses(unflatten(theta, method.specs), inputs);
  const seed = graph.constant([1], objective.shape);
  const gradient = gradients([{ value: objective, seed }], [theta])[0]!;
  const total = accumulate
    ? add(mul(graph.input('gradient', gradient.shape), graph.input('keep', [1])), gradient)
    : gradient;
  return { gradientNext: total, ...sums };
}

/** Inputs: `theta` and the arrays that the method looks at. Outputs: those of its look. */
export function lookGraph(method: GraphMethod, batch: number, extents: Shape, target: Target = 'cpu'): Values {
  const graph = new Graph(target);
  const theta = graph.input('theta', [parameterCount(method.specs)]);
  const inputs = arrayInputs(graph, method, batch, extents, method.lookInputs);
  return method.look(unflatten(theta, method.specs), inputs);
}

function arrayInputs(
  graph: Graph,
  method: GraphMethod,
  batch: number,
  extents: Shape,
  wanted?: readonly string[],
): Record<string, Value> {
  const shapes = method.sampleShapes(extents);
  const names = wanted ?? Object.keys(shapes);
  return Object.fromEntries(names.map((name) => [name, graph.input(name, [batch, ...shapes[name]!])]));
}
