/**
 * How much memory a graph needs at once: the nodes run in the runtime's order, and a value is kept from the node that
 * makes it to the last one that reads it. What a runtime adds (packing, alignment, fragmentation) is not counted.
 */
import { type DType, sizeOf } from '../core/tensor.js';
import { type GraphNode, reachable, type Value } from './graph.js';
import { NCHWC } from './lowering.js';
import { fileOrder, runtimeOrder } from './order.js';

const BYTES: Readonly<Record<DType, number>> = { float32: 4, float16: 2, int64: 8, bool: 1 };

/** Operators that give another view of the same elements. */
const VIEWS = new Set(['Reshape']);

/** Which value's memory each value lies in. */
export class Owners {
  readonly #owners = new Map<Value, Value>();

  /** @param nodes in the order in which they are computed */
  constructor(nodes: readonly GraphNode[]) {
    for (const node of nodes) {
      const source = VIEWS.has(node.op) ? node.inputs[0] : addedTo(node);
      if (source) this.#owners.set(node.outputs[0]!, this.of(source));
    }
  }

  of(value: Value): Value {
    return this.#owners.get(value) ?? value;
  }
}

/** What a convolution in blocks of channels adds to, where that lies. */
export function addedTo({ op, inputs }: GraphNode): Value | undefined {
  return op === `${NCHWC}.Conv` ? inputs[3] : undefined;
}

/**
 * Bytes of the values that are alive at the fullest moment, without inputs and constants, which exist anyway.
 * @param outputs the values to compute; they are kept to the end
 * @param given values that exist already
 */
export function peakBytes(outputs: readonly Value[], given: ReadonlySet<Value> = new Set()): number {
  const nodes = runtimeOrder(fileOrder(reachable(outputs, given)));
  const owners = new Owners(nodes);
  const ownerOf = (value: Value) => owners.of(value);
  const lastRead = new Map<Value, GraphNode>();
  for (const node of nodes) for (const input of node.inputs) lastRead.set(ownerOf(input), node);
  for (const output of outputs) lastRead.delete(ownerOf(output));

  const kept = new Set(outputs.map(ownerOf));
  let alive = 0;
  let peak = 0;
  for (const node of nodes) {
    const made = node.outputs.filter((value) => ownerOf(value) === value);
    for (const value of made) alive += bytesOf(value);
    peak = Math.max(peak, alive);
    for (const value of made) if (!lastRead.has(value) && !kept.has(value)) alive -= bytesOf(value);
    for (const input of node.inputs) {
      const value = ownerOf(input);
      if (lastRead.get(value) !== node || value.node.op === 'Input' || value.node.data || given.has(value)) continue;
      alive -= bytesOf(value);
      lastRead.delete(value);
    }
  }
  return peak;
}

/** Bytes of the constants that the outputs depend on. */
export function constantBytes(outputs: readonly Value[]): number {
  return reachable(outputs).reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
}

/** Bytes of the largest value that nodes compute. */
export function largestBytes(nodes: readonly GraphNode[]): number {
  const computing = nodes.filter(({ op, data }) => op !== 'Input' && !data);
  return computing.reduce((most, { outputs }) => Math.max(most, ...outputs.map(bytesOf)), 0);
}

/** Bytes of a value. */
export function bytesOf({ dtype, shape }: Value): number {
  return BYTES[dtype] * sizeOf(shape);
}
