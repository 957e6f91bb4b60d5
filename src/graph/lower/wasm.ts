/**
 * ONNX Runtime in a page: as on any CPU, but it adds one number after the other, so that sums go in two stages; and its
 * products take longer beside passes over maps, so that windows go by products where an operator's start counts most.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Value } from '../graph.js';
import type { Lowering } from '../lowering.js';
import { cpu } from './cpu.js';
import { gapGrid } from './gap-grid.js';
import { reduceInStages } from './staged-sums.js';
import { windowByTiles } from './window-tiles.js';

/** Products of windows (queries times offsets) up to which they go by tiles. */
const FEW = 2 ** 19;

export const wasm: Lowering<Value> = {
  ...cpu,
  target: 'wasm',
  reduce: reduceInStages,
  window: (operands) =>
    operands.offsets.length * sizeOf(operands.key.shape) <= FEW ? windowByTiles(operands) : undefined,
  windowGrid: gapGrid,
};
