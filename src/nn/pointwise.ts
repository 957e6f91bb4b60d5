/** A 1×1 convolution with bias, the head of a method or a task: the parameters `name.weight` and `name.bias`. */
import { conv, type Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from './parameters.js';

export function pointwiseSpecs(name: string, inputs: number, outputs: number, dims: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [outputs, inputs, ...Array.from({ length: dims }, () => 1)] },
    { name: `${name}.bias`, shape: [outputs] },
  ];
}

/** `[N, inputs, ...S]` to `[N, outputs, ...S]`. */
export function pointwise(parameters: Parameters, name: string, x: Value): Value {
  return conv(x, parameters.get(`${name}.weight`)!, parameters.get(`${name}.bias`)!);
}
