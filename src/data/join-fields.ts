/** Samples as batches. */
import { InputError } from '../core/errors.js';
import type { SampleKey } from './batch.js';

/** Says which sample could not be made, at what stage and why. */
export function sampleError(
  key: SampleKey,
  describe: (key: SampleKey) => string,
  stage: string,
  cause: unknown,
): InputError {
  const name = describe(key);
  const message = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    cause instanceof InputError ? cause.code : 'data',
    `sample ${key.sample} of epoch ${key.epoch}${name ? ` (${name})` : ''}: ${stage} failed: ${message}`,
    undefined,
    { cause },
  );
}

/** [samples][fields] to [fields], each with the samples one after the other. */
export function joinFields(
  samples: readonly (readonly Float32Array[])[],
  keys: readonly SampleKey[],
  describe: (key: SampleKey) => string,
): Float32Array[] {
  const first = samples[0];
  if (!first) return [];
  samples.forEach((fields, index) => {
    if (fields.length === first.length && fields.every((field, at) => field.length === first[at]!.length)) return;
    const [expected, found] = [first, fields].map((list) => `[${list.map((field) => field.length).join(', ')}]`);
    const cause = new Error(`expected fields of ${expected} values as in the first sample, found ${found}`);
    throw sampleError(keys[index]!, describe, 'joining the batch', cause);
  });
  return first.map((field, at) => {
    const joined = new Float32Array(field.length * samples.length);
    samples.forEach((fields, index) => {
      joined.set(fields[at]!, index * field.length);
    });
    return joined;
  });
}
