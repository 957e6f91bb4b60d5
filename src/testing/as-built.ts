/**
 * An engine whose programs are as they were built. The runtime's search for a better layout takes longer than the tests
 * of a graph, and changes no more than the rounding.
 */
import type { Engine } from '../engine/index.js';

export function asBuilt(engine: Engine): Engine {
  return { ...engine, load: (model, options) => engine.load(model, { ...options, optimise: false }) };
}
