/**
 * A batch computed in parts whose gradients add up to that of the whole (method section 5): which parts there can be, their
 * samples, and what tells a gradient program to begin a sum or to go on with it.
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';

/** @throws InputError ('config') when `micro` does not divide `batch` */
export function checkMicro(batch: number, micro: number): void {
  if (batch % micro === 0) return;
  const divisors = Array.from({ length: batch }, (_, k) => k + 1).filter((k) => batch % k === 0);
  throw new InputError(
    'config',
    `batch.micro: ${micro} does not divide the batch of ${batch}`,
    `Allowed: ${divisors.join(', ')}.`,
  );
}

/** The values of part `index` of `parts`. */
export function partOf(data: Float32Array, index: number, parts: number): Float32Array {
  const length = data.length / parts;
  return data.slice(index * length, (index + 1) * length);
}

/** The feed `keep` of a program that adds to the gradient: 0 for the first part, which drops what was there, else 1. */
export function keepFeed(index: number): { readonly keep: Tensor } {
  return { keep: tensor([1], Float32Array.of(index === 0 ? 0 : 1)) };
}
