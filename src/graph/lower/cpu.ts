/** What ONNX Runtime does well on any CPU. */
import type { Value } from '../graph.js';
import type { Lowering } from '../lowering.js';
import { affineByNormalisation } from './affine-by-normalisation.js';
import { clippedSlope } from './clipped-slope.js';
import { shiftByPad } from './negative-pad.js';
import { spreadInGroups } from './spread-groups.js';
import { poolWithIndices } from './unpool.js';
import { weightGradientByProducts } from './weight-gradient.js';
import { windowByTiles } from './window-tiles.js';

export const cpu: Lowering<Value> = {
  target: 'cpu',
  operatorSet: 20,
  recomputes: true,
  shift: shiftByPad,
  affine: affineByNormalisation,
  leakyGradient: clippedSlope,
  convWeightGradient: weightGradientByProducts,
  maxPool: poolWithIndices,
  spread: spreadInGroups,
  window: windowByTiles,
};
