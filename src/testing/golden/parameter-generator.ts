/** Deterministic parameters by name and position, as the golden index's `parameter_generator` describes them. */
import { hash32 } from '../../core/random.js';
import { sizeOf } from '../../core/tensor.js';
import { type ParameterSpec, parameterCount, unpackParameters } from '../../nn/index.js';

export function generatedParameters(specs: readonly ParameterSpec[], salt = 0): Float32Array {
  const flat = new Float32Array(parameterCount(specs));
  for (const [name, { shape, data }] of unpackParameters(flat, specs)) {
    const start = hash32(name) ^ salt;
    const bound = 0.5 * Math.sqrt(6 / sizeOf(shape.slice(1)));
    for (let index = 0; index < data.length; index++) {
      let x = (start + Math.imul(index, 0x9e3779b9)) | 0;
      x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
      const v = (2 * ((x ^ (x >>> 16)) >>> 0)) / 4294967296 - 1;
      data[index] = shape.length > 1 ? v * bound : name.endsWith('.weight') ? 1 + 0.1 * v : 0.05 * v;
    }
  }
  return flat;
}
