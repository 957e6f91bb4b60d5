/** Brings a graph onto an engine. */
import type { Target, Value } from '../graph/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import type { Engine } from './engine.js';

/** Graphs for these are laid out as the runtime computes: its search would take long and change nothing that counts. */
const LAID_OUT: ReadonlySet<Target> = new Set(['x64', 'own', 'wasm']);

/**
 * Makes a program that computes `outputs`.
 * @param given values that it takes as inputs of these names, and does not compute
 */
export function loadGraph(
  engine: Engine,
  outputs: Readonly<Record<string, Value>>,
  given: ReadonlyMap<Value, string> = new Map(),
): Promise<number> {
  const { target } = Object.values(outputs)[0]!.graph;
  return engine.load(encodeOnnx(outputs, { given, blur: target !== 'gpu' }), {
    optimise: !LAID_OUT.has(target),
    handOver: true,
  });
}
