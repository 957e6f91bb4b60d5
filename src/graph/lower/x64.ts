/** What ONNX Runtime does better on x86-64: besides what it does on any CPU, convolutions in blocks of channels. */
import type { Value } from '../graph.js';
import type { Lowering } from '../lowering.js';
import { affineInBlocks } from './blocked-affine.js';
import { blockedConv, partsInBlocks } from './blocked-conv.js';
import { adjointInBlocks, upsampledInBlocks } from './blocked-upsample.js';
import { cpu } from './cpu.js';
import { fusedProduct } from './fused-product.js';

export const x64: Lowering<Value> = {
  ...cpu,
  target: 'x64',
  product: fusedProduct,
  affine: (x, options) => affineInBlocks(x, options) ?? cpu.affine?.(x, options),
  convParts: partsInBlocks,
  conv: blockedConv,
  upsample: upsampledInBlocks,
  upsampleGradient: adjointInBlocks,
};
