/** A method as graphs: the program that turns a batch into a gradient, and the one that looks at validation samples. */
import { Graph, type Shape, type Target, type Value } from '../graph/index.js';
import { gradientOutputs, parameterInputs } from '../train/parameter-inputs.js';
import type { Method, Values } from './method.js';

/** The part of a method that makes graphs. */
export type GraphMethod = Pick<Method, 'specs' | 'sampleShapes' | 'totals' | 'losses' | 'look' | 'lookInputs'>;

/**
 * Inputs: the parameters as the vector `theta`, the arrays of `batch` samples, the totals of the whole batch, and with
 * `accumulate` the vector `gradient` so far and `keep` (0 drops it, 1 adds to it). Outputs: the next `gradient` and the sums of the
 * method, all of which add up over micro-batches.
 */
export function gradientGraph(
  method: GraphMethod,
  batch: number,
  extents: Shape,
  { accumulate = false, target = 'cpu' as Target } = {},
): Values {
  const graph = new Graph(target);
  const { specs } = method;
  const { parameters, inputs: theta } = parameterInputs(graph, 'theta', specs);
  const inputs = arrayInputs(graph, method, batch, extents);
  for (const name of Object.keys(method.totals)) inputs[name] = graph.input(name, [1]);
  const { objective, sums } = method.losses(parameters, inputs);
  const keep = accumulate ? graph.input('keep', [1]) : null;
  return { ...gradientOutputs(objective, { gradient: { specs, inputs: theta } }, keep), ...sums };
}

/** Inputs: the vector `theta` and the arrays that the method looks at. Outputs: those of its look. */
export function lookGraph(method: GraphMethod, batch: number, extents: Shape, target: Target = 'cpu'): Values {
  const graph = new Graph(target);
  const { parameters } = parameterInputs(graph, 'theta', method.specs);
  return method.look(parameters, arrayInputs(graph, method, batch, extents, method.lookInputs));
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
