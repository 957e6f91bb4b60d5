/** What a network begins with. A thread that draws it loads nothing else. */
import { randomStream } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import type { ParameterSpec } from './parameters.js';

/**
 * Fresh parameters: convolution weights Kaiming-normal (fan in, gain √2), normalisation weights 1, biases 0. Each
 * parameter has its own random stream, so adding one changes no other.
 */
export function initialParameters(specs: readonly ParameterSpec[], seed: number): Float32Array {
  const flat = new Float32Array(specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  let offset = 0;
  for (const { name, shape } of specs) {
    const data = flat.subarray(offset, offset + sizeOf(shape));
    offset += data.length;
    if (shape.length > 1) {
      const deviation = Math.sqrt(2 / sizeOf(shape.slice(1)));
      randomStream(seed, 'parameter', name).normals(data, deviation);
    } else if (name.endsWith('.weight')) data.fill(1);
  }
  return flat;
}
