/** The operators of ours, by name, and what they are told of their shapes in the attribute `shape`. */
import type { Assembler } from './assembler.js';
import { conv } from './conv.js';
import { filter } from './filter.js';
import type { Kernel } from './kernel.js';
import { weightGradient } from './weight-gradient.js';

type Operator = (code: Assembler, shape: readonly number[]) => Kernel;

export const operators: Readonly<Record<string, Operator>> = {
  /** `[batch, out, height, width, bias, ...channels of each part]` */
  Conv: (code, [batch, out, height, width, bias, ...channels]) =>
    conv(code, { batch: batch!, channels, out: out!, height: height!, width: width!, bias: bias === 1 }),
  /** `[out, channels]`, or `[out, channels, all, begin]` of an adjoint */
  Filter: (code, [out, channels, all, begin]) =>
    filter(code, {
      ...{ out: out!, channels: channels! },
      adjoint: all === undefined ? null : { all, begin: begin! },
    }),
  /** `[batch, out, height, width, ...channels of each part]` */
  WeightGradient: (code, [batch, out, height, width, ...channels]) =>
    weightGradient(code, { batch: batch!, channels, out: out!, height: height!, width: width! }),
};
