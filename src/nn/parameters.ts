/**
 * Parameters: a list of named shapes, laid one after the other in a single flat vector. The names are those of the
 * authors' PyTorch state dict. The optimiser sees one vector; a layer sees its tensors.
 */
import { InputError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { reshape, split, type Value } from '../graph/index.js';

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

export type Parameters = ReadonlyMap<string, Value>;

export function parameterCount(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
}

/** Cuts the flat vector `theta` `[parameterCount]` into the named tensors. */
export function unflatten(theta: Value, specs: readonly ParameterSpec[]): Parameters {
  const extents = specs.map((spec) => sizeOf(spec.shape));
  const parts = split(theta, extents, 0);
  return new Map(specs.map((spec, index) => [spec.name, reshape(parts[index]!, spec.shape)]));
}

/** The flat vector of named tensors. */
export function packParameters(tensors: ReadonlyMap<string, Tensor>, specs: readonly ParameterSpec[]): Float32Array {
  const flat = new Float32Array(parameterCount(specs));
  let offset = 0;
  for (const { name, shape } of specs) {
    const found = tensors.get(name);
    if (found?.shape.join() !== shape.join()) {
      const what = found ? `has the shape [${found.shape.join(', ')}]` : 'is missing';
      throw new InputError('weights', `the parameter "${name}" ${what}; expected [${shape.join(', ')}]`);
    }
    flat.set(found.data, offset);
    offset += found.data.length;
  }
  return flat;
}

/** The named tensors of a flat vector; they share its memory. */
export function unpackParameters(flat: Float32Array, specs: readonly ParameterSpec[]): Map<string, Tensor> {
  let offset = 0;
  return new Map(
    specs.map(({ name, shape }) => {
      const data = flat.subarray(offset, offset + sizeOf(shape));
      offset += data.length;
      return [name, { shape, data }] as const;
    }),
  );
}

/**
 * Fresh parameters: convolution weights Kaiming-normal (fan in, gain √2), normalisation weights 1, biases 0. Each
 * parameter has its own random stream, so adding one changes no other.
 */
export function initialParameters(specs: readonly ParameterSpec[], seed: number): Float32Array {
  const flat = new Float32Array(parameterCount(specs));
  for (const [name, { shape, data }] of unpackParameters(flat, specs)) {
    if (shape.length > 1) {
      const deviation = Math.sqrt(2 / sizeOf(shape.slice(1)));
      randomStream(seed, 'parameter', name).normals(data, deviation);
    } else if (name.endsWith('.weight')) data.fill(1);
  }
  return flat;
}
