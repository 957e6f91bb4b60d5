/**
 * Less memory for a few passes more: a large value that a pass over another one makes, and that is not asked for until
 * much later, is made again then in place of being kept. What follows a convolution (scale, shift and activation,
 * upsampling, another layout) is such, and what it is made from, the result of the convolution, is kept for the
 * gradient anyway. The numbers are the same to the bit.
 */
import { type GraphNode, reachable, type Value } from './graph.js';
import { addedTo, bytesOf, largestBytes, Owners } from './liveness.js';
import { NCHWC, OWN } from './lowering.js';
import { fileOrder, runtimeOrder } from './order.js';

/** Nodes between two that ask for a value from which on it is made again. */
const APART = 200;
/** Bytes below which a value is kept: as a share of the largest one, and where that is small, any. */
const SHARE = 1 / 32;
const LARGEST = 2 ** 22;
/** Elements of a matrix that is small: multiplied with it, a map is gone through once. */
const MATRIX = 2 ** 14;

/** Operators that go once through what they take. */
const PASSES = new Set([
  ...['BatchNormalization', 'LeakyRelu', 'Pad', 'Resize', 'Slice', 'Transpose'],
  ...['ReorderInput', 'ReorderOutput', 'Upsample'].map((name) => `${NCHWC}.${name}`),
  ...['Normed', 'Upsample'].map((name) => `${OWN}.${name}`),
]);

/** A value that is made again, and the versions of what its node takes: values as they are, or made again too. */
interface Again {
  readonly value: Value;
  readonly from: readonly (Value | Again)[];
}

/** @param outputs all that is computed by a graph that is complete: its nodes take other values then */
export function recompute(outputs: readonly Value[]): void {
  const nodes = reachable(outputs);
  const largest = largestBytes(nodes);
  if (largest < LARGEST) return;
  const asked = askedAgain(nodes, SHARE * largest);
  const { graph } = outputs[0]!;
  const made = new Map<Again, Value>();
  for (const node of nodes) {
    const versions = asked.get(node);
    if (!versions) continue;
    const current = (version: Value | Again): Value => {
      if (!('from' in version)) return version;
      const { value, from } = version;
      const place = value.node.outputs.indexOf(value);
      const found = made.get(version) ?? graph.repeat(value.node, from.map(current), node)[place]!;
      made.set(version, found);
      return found;
    };
    graph.redirect(node, versions.map(current));
  }
}

/** What those nodes take that are to take something that is made again. @param least bytes of what is large */
function askedAgain(nodes: readonly GraphNode[], least: number): Map<GraphNode, readonly (Value | Again)[]> {
  const order = runtimeOrder(fileOrder(nodes));
  const owners = new Owners(order);
  const isLarge = (value: Value) => value.node.op !== 'Input' && !value.node.fixed && bytesOf(value) >= least;
  const lastAsked = new Map<Value, number>();
  order.forEach(({ inputs }, place) => {
    for (const input of inputs) if (isLarge(input)) lastAsked.set(owners.of(input), place);
  });

  /** Where a value was made, or asked for, the last time. */
  const seen = new Map<Value, number>();
  const newest = new Map<Value, Again>();
  const views = new Map<Again, Map<Value, Again>>();
  const isThere = (owner: Value, place: number) => place - seen.get(owner)! <= APART;
  const canBeMade = ({ node }: Value, place: number): boolean =>
    isPass(node) &&
    node.inputs.every((input) => {
      const owner = owners.of(input);
      return !isLarge(owner) || isThere(owner, place) || lastAsked.get(owner)! >= place || canBeMade(owner, place);
    });
  const viewOf = (value: Value, source: Again): Again => {
    const ofSource = views.get(source) ?? new Map<Value, Again>();
    views.set(source, ofSource);
    const view = ofSource.get(value) ?? { value, from: [source, value.node.inputs[1]!] };
    ofSource.set(value, view);
    return view;
  };
  const ask = (value: Value, place: number): Value | Again => {
    if (!isLarge(value)) return value;
    if (value.node.op === 'Reshape') {
      const source = ask(value.node.inputs[0]!, place);
      return 'from' in source ? viewOf(value, source) : value;
    }
    const owner = owners.of(value);
    if (!isThere(owner, place) && canBeMade(value, place)) {
      newest.set(value, { value, from: value.node.inputs.map((input) => ask(input, place)) });
    }
    seen.set(owner, place);
    return newest.get(value) ?? value;
  };

  const asked = new Map<GraphNode, readonly (Value | Again)[]>();
  order.forEach((node, place) => {
    // A view asks for nothing by itself.
    if (node.op === 'Reshape') return;
    for (const output of node.outputs) seen.set(owners.of(output), place);
    if (!node.inputs.some(isLarge)) return;
    const versions = node.inputs.map((input) => ask(input, place));
    if (versions.some((version) => 'from' in version)) asked.set(node, versions);
  });
  return asked;
}

function isPass(node: GraphNode): boolean {
  const { op, inputs, attributes, outputs } = node;
  if (op === 'MatMul') return inputs.some(({ node: { data } }) => data && data.length <= MATRIX);
  if (op === `${NCHWC}.Conv`) {
    const kernel = attributes.kernel_shape as readonly number[];
    return attributes.group === outputs[0]!.shape[1] && kernel.every((taps) => taps === 1) && !addedTo(node);
  }
  return PASSES.has(op);
}
