/** Brings a graph onto an engine. */
import type { Value } from '../graph/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import type { Engine } from './engine.js';

/** Makes a program that computes `outputs`. */
export function loadGraph(engine: Engine, outputs: Readonly<Record<string, Value>>): Promise<number> {
  const { target } = Object.values(outputs)[0]!.graph;
  return engine.load(encodeOnnx(outputs), { optimise: target !== 'x64' });
}
