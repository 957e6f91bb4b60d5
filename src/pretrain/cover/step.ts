/** COVER's network: its parameters, and the forward pass of two views. */
import type { Value } from '../../graph/index.js';
import type { ParameterSpec, Parameters } from '../../nn/index.js';
import type { AgreementOptions } from '../agreement.js';
import { type BackboneOptions, backboneSpecs, type PairFeatures, pairFeatures } from '../backbone.js';
import { projectionSpecs } from './mov.js';
import { type PyramidOptions, vectorPyramid } from './vpa.js';

/** Factors of the parts of the loss, 0 or more. */
export interface CoverWeights {
  readonly vector: number;
  readonly consistency: number;
  readonly variance: number;
  readonly covariance: number;
}

export interface CoverOptions extends BackboneOptions, PyramidOptions, AgreementOptions {
  /** The paper's `L_con + L_vec` where absent. */
  readonly weights?: CoverWeights;
}

/** The parameters of the network in the order of the authors' state dict; a level without vectors has no projection. */
export function coverSpecs(options: CoverOptions): ParameterSpec[] {
  const { dims, channels, heads, pyramid = true } = options;
  const last = heads.length - 1;
  return [
    ...backboneSpecs(options),
    ...heads.flatMap((count, level) =>
      pyramid || level === last ? projectionSpecs(level, channels[4 + level]!, count, dims) : [],
    ),
  ];
}

export interface CoverForward extends PairFeatures {
  /** The predicted displacement field `[N, nd, ...S]`. */
  readonly predicted: Value;
}

/**
 * Both views as one batch through the shared backbone, then the pyramid. `moving` and `fixed` are `[N, inputs, ...S]`.
 */
export function coverForward(
  parameters: Parameters,
  moving: Value,
  fixed: Value,
  options: PyramidOptions,
): CoverForward {
  const features = pairFeatures(parameters, moving, fixed);
  const { fixedFeatures, movingFeatures } = features;
  return { predicted: vectorPyramid(parameters, fixedFeatures, movingFeatures, options), ...features };
}
