/**
 * An objective as graphs: the program that turns a micro-batch into gradients (forward pass, losses and their
 * derivatives in one), and programs that compute something else from the same parameters. A group that does not learn
 * has no gradient, and none is computed.
 */
import {
  Graph,
  type HalfFormat,
  mixedPrecision,
  recompute,
  type Shape,
  type Target,
  type Value,
} from '../graph/index.js';
import type { Parameters } from '../nn/index.js';
import { joinParameters, type ParameterGroups, partName } from './groups.js';
import type { Objective, Values } from './objective.js';
import { gradientOutputs, type ParameterInputs, parameterInputs } from './parameter-inputs.js';
import { LOSS_SCALE, type Precision } from './precision.js';

export interface GradientOptions {
  /** Samples of a micro-batch. */
  readonly batch: number;
  /** The groups whose gradients are computed; all where absent. */
  readonly learning?: readonly string[];
  /** Add to the gradient so far, for micro-batches. */
  readonly accumulate?: boolean;
  /** Full where absent. */
  readonly precision?: Precision;
  /** How mixed precision holds its maps; as float16 where absent. */
  readonly half?: HalfFormat;
  readonly target?: Target;
}

/** Builds outputs by name from the parameters and the inputs of a graph. */
export type Build = (parameters: Parameters, inputs: Values) => Values;

/** The name of a group's gradient, as a vector of the graph and as a state. */
export function gradientName(group: string): string {
  return partName(group, 'gradient');
}

/**
 * Inputs: the parameters of each group as the vector of its name, the arrays of `batch` samples, the totals of the
 * whole batch `[1]`, with `accumulate` the vector `<group>.gradient` so far and `keep` (0 drops it, 1 adds to it), and
 * in mixed precision the number `lossScale` by which the losses are multiplied where gradients are float16. Outputs:
 * the next `<group>.gradient` of each learning group, and the sums of the objective, all of which add up over
 * micro-batches.
 */
export function gradientGraph(objective: Objective, options: GradientOptions): Record<string, Value> {
  const { groups, sampleShapes, totals } = objective;
  const { batch, learning = Object.keys(groups), accumulate = false, precision, half, target = 'cpu' } = options;
  const graph = new Graph(target);
  const vectors = groupInputs(graph, groups);
  const inputs: Record<string, Value> = {};
  for (const [name, shape] of Object.entries(sampleShapes)) inputs[name] = graph.input(name, [batch, ...shape]);
  for (const name of Object.keys(totals)) inputs[name] = graph.input(name, [1]);
  const { objective: minimised, sums } = objective.losses(parametersOf(vectors), inputs);
  const wanted = learning.map((name) => [gradientName(name), { specs: groups[name]!, inputs: vectors[name]!.inputs }]);
  const keep = accumulate ? graph.input('keep', [1]) : null;
  const mixed = precision === 'mixed';
  const scale = mixed ? graph.input(LOSS_SCALE, [1]) : null;
  const outputs = { ...gradientOutputs(minimised, Object.fromEntries(wanted), keep, scale), ...sums };
  if (mixed) return mixedPrecision(outputs, half);
  if (graph.lowering.recomputes) recompute(Object.values(outputs));
  return outputs;
}

/**
 * Inputs: the parameters of each group as the vector of its name, and inputs of these shapes. Outputs: those of
 * `build`.
 */
export function computeGraph(
  groups: ParameterGroups,
  build: Build,
  shapes: Readonly<Record<string, Shape>>,
  target: Target = 'cpu',
): Values {
  const graph = new Graph(target);
  const parameters = parametersOf(groupInputs(graph, groups));
  const inputs = Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)] as const);
  return build(parameters, Object.fromEntries(inputs));
}

function groupInputs(graph: Graph, groups: ParameterGroups): Record<string, ParameterInputs> {
  const inputs = Object.entries(groups).map(([name, specs]) => [name, parameterInputs(graph, name, specs)] as const);
  return Object.fromEntries(inputs);
}

function parametersOf(vectors: Readonly<Record<string, ParameterInputs>>): Parameters {
  return joinParameters(Object.values(vectors).map(({ parameters }) => parameters));
}
