/** ONNX Runtime in a page: as on any CPU, but it adds one number after the other, so that sums go in two stages. */
import type { Value } from '../graph.js';
import type { Lowering } from '../lowering.js';
import { cpu } from './cpu.js';
import { reduceInStages } from './staged-sums.js';

export const wasm: Lowering<Value> = { ...cpu, target: 'wasm', reduce: reduceInStages };
