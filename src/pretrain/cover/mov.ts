/** Mixture of Vectors (docs/method.md §3): from the features of two views, at one level, to displacement vectors. */
import { add, conv, groupNorm, reshape, type Value } from '../../graph/index.js';
import type { ParameterSpec, Parameters } from '../../nn/index.js';

/** Channels per head. */
export const HEAD_CHANNELS = 8;

/** The parameters of one level's projection; the release numbers its levels from the deepest, as here. */
export function projectionSpecs(level: number, channels: number, heads: number, dims: number): ParameterSpec[] {
  const width = HEAD_CHANNELS * heads;
  return [
    { name: `proj.${level}.norm.weight`, shape: [width] },
    { name: `proj.${level}.norm.bias`, shape: [width] },
    { name: `proj.${level}.proj.weight`, shape: [width, channels, ...Array.from({ length: dims }, () => 1)] },
    { name: `proj.${level}.proj.bias`, shape: [width] },
  ];
}

/** `P_l`: a 1×1 convolution to 8·J channels, then GroupNorm with one group. */
export function projection(parameters: Parameters, level: number, features: Value): Value {
  const { weight, bias } = convolution(parameters, level);
  return normalised(parameters, level, conv(features, weight, bias));
}

/**
 * `P_l` of features that are warped first. The convolution mixes channels and the warp mixes pixels, so their order
 * does not matter: the map of fewer channels is warped.
 * @param move the warp, zero outside
 */
export function warpedProjection(
  parameters: Parameters,
  level: number,
  features: Value,
  move: (map: Value) => Value,
): Value {
  const { weight, bias } = convolution(parameters, level);
  if (features.shape[1]! <= weight.shape[0]!) return projection(parameters, level, move(features));
  const moved = move(conv(features, weight));
  const perChannel = reshape(bias, [1, bias.shape[0]!, ...moved.shape.slice(2).map(() => 1)]);
  return normalised(parameters, level, add(moved, perChannel));
}

function convolution(parameters: Parameters, level: number): { readonly weight: Value; readonly bias: Value } {
  const name = `proj.${level}.proj`;
  return { weight: parameters.get(`${name}.weight`)!, bias: parameters.get(`${name}.bias`)! };
}

function normalised(parameters: Parameters, level: number, projected: Value): Value {
  const [scale, shift] = [parameters.get(`proj.${level}.norm.weight`)!, parameters.get(`proj.${level}.norm.bias`)!];
  return groupNorm(projected, scale, shift, { groups: 1 });
}
