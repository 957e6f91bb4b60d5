/**
 * A static tensor graph. Values have a type and a shape; nodes are ONNX operators. Operators (`ops/`) add nodes and,
 * where they can be differentiated, a rule that builds the gradient from more nodes. Pure: it knows no runtime, so it
 * works in a page as it does in Node. Equal nodes are built once.
 */
import { InputError, invariant } from '../core/errors.js';
import { type DType, sizeOf } from '../core/tensor.js';
import type { Lowering, Shape, Target } from './lowering.js';

export type { Shape, Target } from './lowering.js';

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

/** One tensor of the graph. */
export interface Value {
  readonly graph: Graph;
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly node: GraphNode;
}

/** One ONNX operator, an input or a constant. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: Value[];
  /** The name of an input. */
  readonly name?: string;
  /** The values of a constant. */
  readonly data?: Float32Array | BigInt64Array;
  /** Whether every run computes the same: it follows from constants and fixed inputs alone. */
  readonly fixed: boolean;
}

/** What an operator needs to be differentiated: gradients of its outputs in, gradients of its inputs out. */
export interface Differentiable {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** `wanted[i]` tells whether the gradient of input `i` is needed; a gradient of `null` is zero. */
  readonly backward: (gradients: readonly (Value | null)[], wanted: readonly boolean[]) => readonly (Value | null)[];
}

export interface OutputType {
  readonly shape: Shape;
  readonly dtype?: DType;
}

export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly records: Differentiable[] = [];
  /** What the target of this graph does otherwise than the plain operators. */
  readonly lowering: Lowering<Value>;
  readonly #known = new Map<string, GraphNode>();
  #count = 0;
  readonly #recorded = new Set<Value>();
  #recording = true;

  constructor(lowering: Lowering<Value>) {
    this.lowering = lowering;
  }

  get target(): Target {
    return this.lowering.target;
  }

  /** A named input, fed when the graph runs. @param fixed whether it is the same in every run */
  input(name: string, shape: Shape, dtype: DType = 'float32', fixed = false): Value {
    if (this.nodes.some((node) => node.name === name)) throw shapeError('input', `the name "${name}" is taken`);
    return this.#add({ op: 'Input', inputs: [], attributes: {}, name, fixed }, [{ shape, dtype }]).outputs[0]!;
  }

  /** A float32 constant; a number makes a scalar. */
  constant(data: number | Float32Array | readonly number[], shape?: Shape): Value {
    const values = typeof data === 'number' ? Float32Array.of(data) : new Float32Array(data);
    return this.#constant(values, shape ?? (typeof data === 'number' ? [] : [values.length]), 'float32');
  }

  /** An int64 constant, for shapes, axes and indices. */
  integers(data: ArrayLike<number>, shape: Shape = [data.length]): Value {
    const values = new BigInt64Array(data.length);
    // By the words: to make a BigInt of each takes ten times as long.
    const words = wordsOf(values);
    for (let index = 0; index < data.length; index++) {
      const value = data[index]!;
      invariant(Number.isSafeInteger(value), `constant: ${value} is no integer`);
      words[2 * index] = value;
      words[2 * index + 1] = Math.floor(value / 2 ** 32);
    }
    return this.#constant(values, shape, 'int64');
  }

  /** Adds an ONNX operator, or finds the equal one that is there. */
  node(op: string, inputs: readonly Value[], attributes: Attributes, outputs: readonly OutputType[]): readonly Value[] {
    for (const input of inputs) invariant(input.graph === this, `${op}: an input belongs to another graph`);
    const key = `${op}|${inputs.map((input) => input.id).join()}|${JSON.stringify(attributes)}|${outputs.length}`;
    const known = this.#known.get(key);
    if (known) return known.outputs;
    const fixed = inputs.every((input) => input.node.fixed);
    const node = this.#add({ op, inputs, attributes, fixed }, outputs);
    this.#known.set(key, node);
    return node.outputs;
  }

  /**
   * Computes a node once more, from these inputs, just before another one. Of a graph that is complete, in which no
   * equal nodes are looked for any more.
   */
  repeat(node: GraphNode, inputs: readonly Value[], before: GraphNode): readonly Value[] {
    const again = this.#made({ ...node, inputs }, node.outputs);
    this.nodes.splice(this.nodes.indexOf(before), 0, again);
    return again.outputs;
  }

  /** Lets a node of a complete graph take other values of the same shapes. */
  redirect(node: GraphNode, inputs: readonly Value[]): void {
    (node as { inputs: readonly Value[] }).inputs = inputs;
  }

  /**
   * Registers the gradient rule of an operator, once where equal ones share their nodes, and returns its first output.
   */
  record(rule: Differentiable): Value {
    const output = rule.outputs[0]!;
    if (this.#recording && !this.#recorded.has(output)) {
      this.#recorded.add(output);
      this.records.push(rule);
    }
    return output;
  }

  /** Builds nodes whose own gradient rules are not registered: the inside of an operator with a rule for the whole. */
  unrecorded<T>(build: () => T): T {
    const before = this.#recording;
    this.#recording = false;
    try {
      return build();
    } finally {
      this.#recording = before;
    }
  }

  #constant(data: Float32Array | BigInt64Array, shape: Shape, dtype: DType): Value {
    invariant(data.length === sizeOf(shape), `constant: ${data.length} values for the shape ${show(shape)}`);
    const key = `constant|${dtype}|${shape.join()}|${digest(data)}`;
    const known = this.#known.get(key);
    if (known?.data && sameWords(known.data, data)) return known.outputs[0]!;
    const node = this.#add({ op: 'Constant', inputs: [], attributes: {}, data, fixed: true }, [{ shape, dtype }]);
    this.#known.set(key, node);
    return node.outputs[0]!;
  }

  #add(content: Omit<GraphNode, 'outputs'>, outputs: readonly OutputType[]): GraphNode {
    const node = this.#made(content, outputs);
    this.nodes.push(node);
    return node;
  }

  #made(content: Omit<GraphNode, 'outputs'>, outputs: readonly OutputType[]): GraphNode {
    const node: GraphNode = { ...content, outputs: [] };
    for (const { shape, dtype = 'float32' } of outputs) {
      node.outputs.push({ graph: this, id: this.#count++, dtype, shape, node });
    }
    return node;
  }
}

type Data = NonNullable<GraphNode['data']>;

/** Words of 32 bits; of an integer of 64 the lower one comes first, as everywhere that JavaScript runs. */
function wordsOf(data: Data): Int32Array {
  return new Int32Array(data.buffer, data.byteOffset, data.byteLength / Int32Array.BYTES_PER_ELEMENT);
}

function sameWords(a: Data, b: Data): boolean {
  const [these, those] = [wordsOf(a), wordsOf(b)];
  return these.length === those.length && these.every((word, index) => word === those[index]);
}

/**
 * A number that differs for most arrays that differ: FNV-1a over words of 32 bits. High bits are carried down, for
 * short fractions differ in those alone.
 */
function digest(data: Data): number {
  let hash = 0x811c9dc5;
  for (const word of wordsOf(data)) {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

type Container = Pick<ReadonlySet<Value>, 'has'>;

/** The error of a shape rule: names the operator and the shapes, when the graph is built. */
export function shapeError(operator: string, problem: string, ...shapes: readonly Shape[]): InputError {
  const found = shapes.length ? ` (shapes ${shapes.map(show).join(', ')})` : '';
  return new InputError('shape', `${operator}: ${problem}${found}`);
}

export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/**
 * The nodes that the outputs depend on, in an order that can be executed.
 * @param given values that need not be computed
 */
export function reachable(outputs: readonly Value[], given: Container = new Set()): GraphNode[] {
  const all = outputs[0]?.graph.nodes ?? [];
  const needed = new Set<GraphNode>();
  const need = (value: Value) => given.has(value) || needed.add(value.node);
  outputs.forEach(need);
  const nodes: GraphNode[] = [];
  for (let place = all.length - 1; place >= 0; place--) {
    const node = all[place]!;
    if (!needed.has(node)) continue;
    node.inputs.forEach(need);
    nodes.push(node);
  }
  return nodes.reverse();
}

/**
 * Where a graph can be cut so that what is the same in every run is computed once: float32 values that are fixed, and
 * that others which are not, or the outputs, are made of. Constants stay.
 */
export function fixedValues(outputs: readonly Value[]): Value[] {
  const found = new Set<Value>();
  const seen = new Set<Value>();
  const stack = [...outputs];
  while (stack.length) {
    const value = stack.pop()!;
    if (seen.has(value)) continue;
    seen.add(value);
    const { fixed, data, inputs } = value.node;
    if (fixed && !data && value.dtype === 'float32') found.add(value);
    else stack.push(...inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}
