/** The thread that draws parameters, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { initialParameters } from '../nn/initial-parameters.js';
import type { ParameterSpec } from '../nn/parameters.js';

/** What the thread is started with. */
export interface DrawingStart {
  readonly specs: readonly ParameterSpec[];
  readonly seed: number;
}

const { specs, seed } = workerData as DrawingStart;
const drawn = initialParameters(specs, seed);
parentPort!.postMessage(drawn, [drawn.buffer as ArrayBuffer]);
