/**
 * What may stand around a static graph in an ONNX file: nodes that are written by name, for what a static graph cannot
 * say, such as images whose extents are known only when the file runs. Nothing here is differentiated or checked for
 * shapes.
 */
import type { Attribute } from '../graph/graph.js';

/** The element types of the standard, by their number. */
export const elementTypes = { float32: 1, uint8: 2, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
export type ElementType = keyof typeof elementTypes;

export interface NamedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface NamedConstant {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** An input or an output; an extent that varies has a name. */
export interface NamedValue {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly (number | string)[];
}

/** The nodes before make the static graph's inputs by their names; those behind take its outputs. */
export interface Surroundings {
  readonly before: readonly NamedNode[];
  readonly after: readonly NamedNode[];
  readonly constants: readonly NamedConstant[];
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
}

/** Collects nodes and constants in the order in which they run. */
export class NodeList {
  readonly nodes: NamedNode[] = [];
  readonly constants: NamedConstant[] = [];
  readonly #prefix: string;

  /** @param prefix of the names that are made up; no two lists of a file share one */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * Adds a node and returns the name of its output.
   * @param output a name of its own, where another part looks for it
   */
  add(op: string, inputs: readonly string[], attributes: NamedNode['attributes'] = {}, output = this.#next()): string {
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  cast(value: string, to: ElementType): string {
    return this.add('Cast', [value], { to: elementTypes[to] });
  }

  integers(values: readonly number[]): string {
    return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A scalar. */
  integer(value: number): string {
    return this.#constant('int64', [], BigInt64Array.of(BigInt(value)));
  }

  /** A scalar, or a list. */
  doubles(values: number | readonly number[]): string {
    if (typeof values === 'number') return this.#constant('float64', [], Float64Array.of(values));
    return this.#constant('float64', [values.length], Float64Array.from(values));
  }

  /** A scalar. */
  float(value: number): string {
    return this.#constant('float32', [], Float32Array.of(value));
  }

  #constant(dtype: ElementType, shape: readonly number[], values: ArrayBufferView): string {
    const name = this.#next();
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.constants.push({ name, dtype, shape, bytes });
    return name;
  }

  #next(): string {
    return `${this.#prefix}${this.nodes.length + this.constants.length}`;
  }
}
