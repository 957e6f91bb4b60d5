/**
 * Mixed precision: a differentiated graph again, with its maps in float16. Parameters, sums, statistics, losses and
 * coordinates stay float32, and so do inputs and outputs. Convolutions take float16; what moves or scales elements is
 * float16 where one of its maps is, so that no map is kept in both; everything else computes in float32. A product of
 * many terms stays float32 as well, because WebGPU adds its terms in the type of its result.
 */
import { sizeOf } from '../../core/tensor.js';
import { Graph, type GraphNode, reachable, type Value } from '../graph.js';
import { cast } from '../ops/elementwise.js';

/** How a value is held in half the bytes. */
export interface HalfFormat {
  lowered(full: Value): Value;
  raised(half: Value): Value;
  /** What an operator has computed of values in the format. */
  computed(value: Value): Value;
  readonly dtype: 'float16' | 'float32';
}

const float16: HalfFormat = {
  dtype: 'float16',
  lowered: (full) => cast(full, 'float16'),
  raised: (half) => cast(half, 'float32'),
  computed: (value) => value,
};

/** The most terms of a product in float16: of a convolution, and of matrices, whose terms are those of many pixels. */
const TERMS = { Conv: 4096, MatMul: 1024 } as const;

/** Operators that give elements of their first input as they are. */
const MOVES = new Set(['Reshape', 'Slice', 'Pad', 'Split', 'Transpose', 'Gather', 'Expand']);
/** Operators on maps of one extent, or of one with what is spread over it. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Neg', 'Abs', 'Max', 'Less', 'LessOrEqual', 'Equal', 'Where']);
/** Operators whose first input is a map, the others being numbers. */
const OF_ONE_MAP = new Set(['LeakyRelu', 'Clip', 'MaxPool', 'Resize']);

/**
 * The outputs as values of another graph.
 * @param outputs by name, of a graph without operators of the runtime's own
 */
export function mixedPrecision(
  outputs: Readonly<Record<string, Value>>,
  format: HalfFormat = float16,
): Record<string, Value> {
  const values = Object.values(outputs);
  const graph = new Graph(values[0]!.graph.lowering);
  const full = new Map<Value, Value>();
  const half = new Map<Value, Value>();
  /** What is computed in float16; other values are cast to it where an operator needs it. */
  const maps = new Set<Value>();

  const inFull = (value: Value): Value => {
    const known = full.get(value);
    if (known) return known;
    const raised = format.raised(half.get(value)!);
    full.set(value, raised);
    return raised;
  };
  const inHalf = (value: Value): Value => {
    const known = half.get(value);
    if (known) return known;
    const { node } = value;
    // What is moved before it is cast is cast once for all that it is moved to.
    if (MOVES.has(node.op) && !isConstant(node.inputs[0]!)) {
      rebuilt(node, true);
      return half.get(value)!;
    }
    const lowered = format.lowered(inFull(value));
    half.set(value, lowered);
    return lowered;
  };
  const rebuilt = (node: GraphNode, asHalf: boolean) => {
    const inputs = node.inputs.map((input, index) => {
      // The scales of a Resize have a type of their own.
      const lowers = asHalf && isFloat(input) && (node.op !== 'Resize' || index === 0);
      return (lowers ? inHalf : inFull)(input);
    });
    const types = node.outputs.map(({ shape, dtype }) => ({
      shape,
      dtype: asHalf && dtype === 'float32' ? format.dtype : dtype,
    }));
    const made = graph.node(node.op, inputs, node.attributes, types);
    node.outputs.forEach((output, index) => {
      if (!asHalf || !isFloat(output)) full.set(output, made[index]!);
      else half.set(output, MOVES.has(node.op) ? made[index]! : format.computed(made[index]!));
    });
  };
  const nodes = reachable(values);
  const ofCoordinates = coordinates(nodes);
  for (const node of nodes) {
    const [value] = node.outputs;
    if (node.op === 'Input') full.set(value!, graph.input(node.name!, value!.shape, value!.dtype));
    else if (node.data) full.set(value!, constantOf(graph, node));
    else {
      const asHalf = !ofCoordinates.has(node) && takesHalf(node, maps);
      rebuilt(node, asHalf);
      if (asHalf) for (const output of node.outputs) if (isFloat(output)) maps.add(output);
    }
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, inFull(value)]));
}

/** What positions in a map are made of, back to what computes it: in float16 they would be off by parts of a pixel. */
function coordinates(nodes: readonly GraphNode[]): Set<GraphNode> {
  const found = new Set<GraphNode>();
  const open = nodes.flatMap(({ op, inputs }) =>
    op === 'Floor' ? inputs : op === 'GridSample' ? inputs.slice(1) : [],
  );
  while (open.length > 0) {
    const { node } = open.pop()!;
    if (found.has(node) || !(MOVES.has(node.op) || ELEMENTWISE.has(node.op) || node.op === 'Concat')) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  return found;
}

/** @param maps what is computed in float16 so far */
function takesHalf({ op, inputs, outputs }: GraphNode, maps: ReadonlySet<Value>): boolean {
  const [first, second] = inputs;
  if (op === 'Conv') return sizeOf(second!.shape.slice(1)) <= TERMS.Conv;
  if (MOVES.has(op) || OF_ONE_MAP.has(op)) return maps.has(first!);
  const computed = inputs.filter((input) => isFloat(input) && !isConstant(input));
  const all = (values: readonly Value[]) => values.length > 0 && values.every((value) => maps.has(value));
  if (op === 'MatMul') return first!.shape.at(-1)! <= TERMS.MatMul && all(computed);
  if (op === 'Concat') return all(computed);
  // A square may leave the range of float16, and is summed next.
  if (!ELEMENTWISE.has(op) || (op === 'Mul' && first === second)) return false;
  const elements = sizeOf(outputs[0]!.shape);
  return computed.some((value) => maps.has(value) && sizeOf(value.shape) === elements);
}

const isFloat = ({ dtype }: Value) => dtype === 'float32';
const isConstant = ({ node }: Value) => node.data !== undefined;

function constantOf(graph: Graph, { data, outputs: [value] }: GraphNode): Value {
  if (data instanceof BigInt64Array) return graph.integers(Array.from(data, Number), value!.shape);
  return graph.constant(data as Float32Array, value!.shape);
}
