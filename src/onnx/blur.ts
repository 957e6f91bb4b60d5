/**
 * Keeps the runtime from holding memory for what comes later. It plans ahead which value takes the memory of one that
 * is needed no more: where two have the same shape, that memory is free for nothing else until then, however many
 * nodes lie between. So maps of the forward pass wait for those of the backward pass, a third of a step's memory at the
 * peak. It does so where it knows the shapes when the session is made. Here a node that makes a large value takes its
 * input with a shape that is known only when the program runs; for those who want to know, what it makes is given its
 * shape again. Both are views, nothing moves. What may be computed in place is left as it is.
 */
import { sizeOf } from '../core/tensor.js';
import type { GraphNode, Value } from '../graph/graph.js';
import { addedTo, bytesOf, largestBytes } from '../graph/liveness.js';
import { type NamedConstant, type NamedNode, NodeList } from './surroundings.js';

/**
 * A value counts as large from this number of bytes on, and from this share of the largest one. More nodes would spare
 * some 2 % more, and the runtime's plan would take half as long again.
 */
const SMALLEST = 2 ** 18;
const SHARE = 1 / 16;

/** Operators whose result the runtime may write where an input of the same shape lies. */
const ELEMENTWISE =
  'Abs Add Clip Div Exp Floor LeakyRelu Log Max Min Mul Neg Reciprocal Relu Sigmoid Sign Sqrt Sub Sum Tanh';
const IN_PLACE = new Set(['ScatterElements', 'ScatterND', ...ELEMENTWISE.split(' ')]);

/** How a node is written: the nodes before and after it, and the names of what it takes and makes. */
export interface Written {
  readonly before: readonly NamedNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly after: readonly NamedNode[];
}

export interface Writer {
  /** To be called for the nodes in the order of the file. @param outputs those that are written */
  write(node: GraphNode, outputs: readonly Value[]): Written;
  /** What the nodes before and after take; complete when all are written. */
  readonly constants: readonly NamedConstant[];
}

export type NameOf = (value: Value) => string;

/** Nodes as they are. */
export function plainWriter(nameOf: NameOf): Writer {
  return {
    write: ({ inputs }, outputs) => ({
      before: [],
      inputs: inputs.map(nameOf),
      outputs: outputs.map(nameOf),
      after: [],
    }),
    constants: [],
  };
}

/** @param nodes all of a file @param kept the file's outputs, whose memory the runtime does not plan */
export function blurringWriter(nodes: readonly GraphNode[], kept: ReadonlySet<Value>, nameOf: NameOf): Writer {
  const large = largeNodes(nodes, kept);
  const source = smallestInput(nodes);
  if (!source || large.size === 0) return plainWriter(nameOf);
  const list = new NodeList('blur');
  let taken = 0;
  const added = () => {
    const since = list.nodes.slice(taken);
    taken = list.nodes.length;
    return since;
  };

  const fixedShapes = new Map<string, string>();
  const lateShapes = new Map<string, string>();
  /** Names of values under which their shapes are not known. */
  const blurred = new Map<Value, string>();
  /** Zero, though the runtime cannot tell: whether a number is more than infinite. */
  const zero = once(new Map<'zero', string>(), () => {
    const number = list.add('Gather', [list.add('Reshape', [nameOf(source), list.integers([-1])]), list.integers([0])]);
    return list.cast(list.add('Greater', [number, list.float(Number.POSITIVE_INFINITY)]), 'int64');
  });
  const fixedShape = ({ shape }: Value) => once(fixedShapes, () => list.integers(shape))(shape.join());
  const lateShape = (value: Value) =>
    once(lateShapes, () => list.add('Add', [fixedShape(value), zero('zero')]))(value.shape.join());
  const blur = (value: Value) => once(blurred, () => list.add('Reshape', [nameOf(value), lateShape(value)]))(value);
  const askedShape = new Set(nodes.flatMap((node) => (large.has(node) || node.op === 'Reshape' ? [] : node.inputs)));

  return {
    constants: list.constants,
    write(node, outputs) {
      const nameAsIs = (value: Value) => blurred.get(value) ?? nameOf(value);
      if (!large.has(node)) {
        const inputs = node.inputs.map(node.op === 'Reshape' ? nameAsIs : nameOf);
        return { before: [], inputs, outputs: outputs.map(nameOf), after: [] };
      }
      const most = Math.max(...node.inputs.map((value) => (value.node.data ? 0 : sizeOf(value.shape))));
      const largest = node.inputs.filter((value) => !value.node.data && sizeOf(value.shape) === most);
      // One part of unknown extent leaves the extent of the whole unknown.
      const unknown = new Set(node.op === 'Concat' ? largest.slice(0, 1) : largest);
      const inputs = node.inputs.map((value, index) => {
        if (node.op === 'Expand' && index === 1) return lateShape(outputs[0]!);
        return unknown.has(value) ? blur(value) : nameAsIs(value);
      });
      const before = added();
      for (const value of outputs) {
        const name = `${nameOf(value)}:blurred`;
        blurred.set(value, name);
        if (askedShape.has(value)) list.add('Reshape', [name, fixedShape(value)], {}, nameOf(value));
      }
      return { before, inputs, outputs: outputs.map(nameAsIs), after: added() };
    },
  };
}

/** Nodes that make a large value in memory of its own. */
function largeNodes(nodes: readonly GraphNode[], kept: ReadonlySet<Value>): Set<GraphNode> {
  const computing = nodes.filter(({ op, data }) => op !== 'Input' && !data);
  const least = Math.max(SMALLEST, SHARE * largestBytes(computing));
  const inPlace = (node: GraphNode) => {
    const { op, inputs, outputs } = node;
    const shape = outputs[0]!.shape.join();
    const fits = () => inputs.some((input) => !input.node.data && input.shape.join() === shape);
    return addedTo(node) !== undefined || (IN_PLACE.has(op) && fits());
  };
  const isLarge = (node: GraphNode) =>
    node.op !== 'Reshape' &&
    node.outputs.some((value) => bytesOf(value) >= least) &&
    !node.outputs.some((value) => kept.has(value)) &&
    !inPlace(node);
  return new Set(computing.filter(isLarge));
}

function smallestInput(nodes: readonly GraphNode[]): Value | undefined {
  return nodes
    .filter(({ op }) => op === 'Input')
    .map(({ outputs: [value] }) => value!)
    .filter(({ dtype }) => dtype === 'float32')
    .toSorted((a, b) => sizeOf(a.shape) - sizeOf(b.shape))[0];
}

/** Makes a value for a key when it is first asked for. */
function once<K, V>(known: Map<K, V>, make: () => V): (key: K) => V {
  return (key) => {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
}
