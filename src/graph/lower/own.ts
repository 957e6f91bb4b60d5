/**
 * What operators of ours do better on x86-64: convolutions of 3 × 3 and 3 × 3 × 3,
 * normalisation, pooling, upsampling, windows of the Mixture of Vectors, and warps.
 */
import type { Value } from '../graph.js';
import type { Lowering } from '../lowering.js';
import { BLOCK, partsOfBlocks } from './blocks.js';
import { kernelAdjoint, kernelConv, kernelWeightGradient, suitsKernel } from './kernel-conv.js';
import { kernelNorm } from './kernel-norm.js';
import { kernelPool, kernelUpsample, kernelUpsampleGradient } from './kernel-scale.js';
import { kernelSample, kernelSlopes, kernelSpread } from './kernel-warp.js';
import { kernelWindowVectors } from './kernel-window.js';
import { x64 } from './x64.js';

export const own: Lowering<Value> = {
  ...x64,
  target: 'own',
  convParts: (x, weight) => (suitsKernel(x, weight) ? partsOfBlocks(x) : x64.convParts!(x, weight)),
  conv: (parts, weight, bias) =>
    suitsKernel(parts[0]!, weight) ? kernelConv(parts, weight, bias) : x64.conv!(parts, weight, bias),
  convAdjoint: (dy, weight, begin, count) =>
    suitsKernel(dy, weight) && count % BLOCK === 0 ? kernelAdjoint(dy, weight, begin, count) : undefined,
  norm: kernelNorm,
  maxPool: (x) => kernelPool(x) ?? x64.maxPool!(x),
  upsample: (x) => kernelUpsample(x) ?? x64.upsample!(x),
  upsampleGradient: (dy) => kernelUpsampleGradient(dy) ?? x64.upsampleGradient!(dy),
  windowVectors: kernelWindowVectors,
  sample: kernelSample,
  spread: (dy, read) => kernelSpread(dy, read) ?? x64.spread!(dy, read),
  slopes: kernelSlopes,
  convWeightGradient: (parts, dy, kernel) => {
    const channels = parts.map(({ shape }) => shape[1]!);
    const suits =
      channels.every((count) => count % BLOCK === 0) && suitsKernel(dy, { shape: [dy.shape[1]!, BLOCK, ...kernel] });
    return suits ? kernelWeightGradient(parts, dy, kernel) : x64.convWeightGradient!(parts, dy, kernel);
  },
};
