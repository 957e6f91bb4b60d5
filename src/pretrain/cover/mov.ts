/** Mixture of Vectors (method section 3): from the features of two views, at one level, to displacement vectors. */
import { conv, groupNorm, type Value, windowVectors } from '../../graph/index.js';
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

/** `P_l`: a 1×1 convolution to 8·J channels, then GroupNorm with one group. `name` is `proj.l`. */
export function projection(parameters: Parameters, name: string, features: Value): Value {
  const projected = conv(features, parameters.get(`${name}.proj.weight`)!, parameters.get(`${name}.proj.bias`)!);
  const [scale, shift] = [parameters.get(`${name}.norm.weight`)!, parameters.get(`${name}.norm.bias`)!];
  return groupNorm(projected, scale, shift, { groups: 1 });
}

/**
 * The vectors from each pixel of the fixed view to where the moving view looks alike.
 * @param fixed `[N, C, ...S]`, features of the fixed view
 * @param moving `[N, C, ...S]`, features of the moving view
 * @returns `[N, nd, ...S]`, in pixels of this level
 */
export function mixtureOfVectors(
  parameters: Parameters,
  level: number,
  fixed: Value,
  moving: Value,
  options: { readonly heads: number; readonly radius: number },
): Value {
  const query = projection(parameters, `proj.${level}`, fixed);
  const key = projection(parameters, `proj.${level}`, moving);
  return windowVectors(query, key, options);
}
