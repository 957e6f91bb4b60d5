/**
 * The program that turns a micro-batch into gradients: backbone, head, loss and their derivatives as one graph. Parameters
 * come in two groups, each a flat vector: a frozen backbone has no gradient, and none is computed.
 */
import { add, Graph, gradients, mul, type Target, type Value } from '../graph/index.js';
import { type ParameterSpec, type Parameters, parameterCount, unflatten } from '../nn/index.js';
import type { TaskNetwork } from './task.js';

export const groupNames = ['backbone', 'head'] as const;
export type GroupName = (typeof groupNames)[number];

/** The parameters of each group. */
export type Groups = Readonly<Record<GroupName, readonly ParameterSpec[]>>;

export interface GradientOptions {
  /** The groups whose gradients are computed. */
  readonly learning: readonly GroupName[];
  readonly batch: number;
  readonly inputs: number;
  readonly crop: readonly number[];
  /** Add to the gradient so far, for micro-batches. */
  readonly accumulate?: boolean;
  readonly target?: Target;
}

/**
 * Inputs: `backbone` and `head` (flat parameters), `image` `[N, C, ...S]`, `target` `[N, 1, ...]`, `total` `[1]` (the weight of
 * the whole batch's targets), and with `accumulate`, `<group>.gradient` and `keep` (0 drops it, 1 adds to it). Outputs:
 * `<group>.gradientNext` for each learning group, `loss` and its parts.
 */
export function finetuneGraph(groups: Groups, task: TaskNetwork, options: GradientOptions): Record<string, Value> {
  const { learning, batch, inputs, crop, accumulate = false, target = 'cpu' } = options;
  const graph = new Graph(target);
  const { flat, parameters } = parameterInputs(graph, groups);
  const image = graph.input('image', [batch, inputs, ...crop]);
  const truth = graph.input('target', [batch, 1, ...task.targetShape]);
  const { loss, parts } = task.loss(parameters, image, truth, graph.input('total', [1]));
  const seed = graph.constant([1], loss.shape);
  const found = gradients(
    [{ value: loss, seed }],
    learning.map((name) => flat[name]),
  );
  const outputs: Record<string, Value> = { loss, ...parts };
  learning.forEach((name, index) => {
    const gradient = found[index]!;
    outputs[`${name}.gradientNext`] = accumulate
      ? add(mul(graph.input(`${name}.gradient`, gradient.shape), keepInput(graph)), gradient)
      : gradient;
  });
  return outputs;
}

/** Inputs `backbone`, `head` and `image`; output `probabilities`. */
export function probabilityGraph(
  groups: Groups,
  task: TaskNetwork,
  shape: readonly number[],
  target: Target = 'cpu',
): Record<string, Value> {
  const graph = new Graph(target);
  const { parameters } = parameterInputs(graph, groups);
  return { probabilities: task.probabilities(parameters, graph.input('image', shape)) };
}

function parameterInputs(graph: Graph, groups: Groups) {
  const flat = Object.fromEntries(
    groupNames.map((name) => [name, graph.input(name, [parameterCount(groups[name])])]),
  ) as Record<GroupName, Value>;
  const parameters: Parameters = new Map(groupNames.flatMap((name) => [...unflatten(flat[name], groups[name])]));
  return { flat, parameters };
}

function keepInput(graph: Graph): Value {
  const known = graph.nodes.find((node) => node.name === 'keep');
  return known ? known.outputs[0]! : graph.input('keep', [1]);
}
