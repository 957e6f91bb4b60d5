/**
 * The program that turns a micro-batch into gradients: backbone, head, loss and their derivatives as one graph. Parameters
 * come in two groups, each a flat vector: a frozen backbone has no gradient, and none is computed.
 */
import { Graph, type Target, type Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from '../nn/index.js';
import { gradientOutputs, type ParameterInputs, parameterInputs } from '../train/parameter-inputs.js';
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
 * Inputs: the parameters as the vectors `backbone` and `head`, `image` `[N, C, ...S]`, `target` `[N, 1, ...]`, `total` `[1]` (the weight of
 * the whole batch's targets), and with `accumulate`, the vector `<group>.gradient` so far and `keep` (0 drops it, 1 adds to it).
 * Outputs: the next `<group>.gradient` for each learning group, `loss` and its parts.
 */
export function finetuneGraph(groups: Groups, task: TaskNetwork, options: GradientOptions): Record<string, Value> {
  const { learning, batch, inputs, crop, accumulate = false, target = 'cpu' } = options;
  const graph = new Graph(target);
  const vectors = groupInputs(graph, groups);
  const image = graph.input('image', [batch, inputs, ...crop]);
  const truth = graph.input('target', [batch, 1, ...task.targetShape]);
  const { loss, parts } = task.loss(parametersOf(vectors), image, truth, graph.input('total', [1]));
  const wanted = learning.map((name) => [gradientName(name), { specs: groups[name], inputs: vectors[name].inputs }]);
  const keep = accumulate ? graph.input('keep', [1]) : null;
  return { loss, ...parts, ...gradientOutputs(loss, Object.fromEntries(wanted), keep) };
}

/** The name of a group's gradient, as a vector of the graph and as a state. */
export function gradientName(group: GroupName): string {
  return `${group}.gradient`;
}

/** Inputs: the vectors `backbone` and `head`, and `image`; output: `probabilities`. */
export function probabilityGraph(
  groups: Groups,
  task: TaskNetwork,
  shape: readonly number[],
  target: Target = 'cpu',
): Record<string, Value> {
  const graph = new Graph(target);
  const parameters = parametersOf(groupInputs(graph, groups));
  return { probabilities: task.probabilities(parameters, graph.input('image', shape)) };
}

function groupInputs(graph: Graph, groups: Groups): Record<GroupName, ParameterInputs> {
  const inputs = groupNames.map((name) => [name, parameterInputs(graph, name, groups[name])] as const);
  return Object.fromEntries(inputs) as Record<GroupName, ParameterInputs>;
}

function parametersOf(vectors: Record<GroupName, ParameterInputs>): Parameters {
  return new Map(groupNames.flatMap((name) => [...vectors[name].parameters]));
}
