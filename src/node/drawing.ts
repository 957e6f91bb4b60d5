/** Draws what a large network begins with on a thread of its own, while the graph and the engine are made ready. */
import { Worker } from 'node:worker_threads';
import { initialParameters, type ParameterSpec, parameterCount } from '../nn/index.js';
import type { DrawingStart } from './drawing-worker.js';

/** Parameters from which on a thread begins sooner than it would take to draw them. */
const MANY = 2 ** 21;

/** @returns what waits for the parameters; those of a small network are drawn then */
export function drawAside(specs: readonly ParameterSpec[], seed: number): () => Promise<Float32Array> {
  if (parameterCount(specs) < MANY) return async () => initialParameters(specs, seed);
  const workerData: DrawingStart = { specs: specs.map(({ name, shape }) => ({ name, shape: [...shape] })), seed };
  const worker = new Worker(new URL('./drawing-worker.js', import.meta.url), { workerData });
  const drawn = new Promise<Float32Array>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  drawn.catch(() => {}); // It is thrown where it is awaited.
  // Until it is awaited nothing waits for it: what ends before may end.
  worker.unref();
  return () => {
    worker.ref();
    return drawn;
  };
}
