/**
 * A batch computed in parts whose gradients add up to that of the whole (docs/method.md, losses): which parts there can
 * be, their samples, and what tells a gradient program to begin a sum or to go on with it.
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';

/** @throws InputError ('config') when `micro` does not divide `batch` */
export function checkMicro(batch: number, micro: number): void {
  if (batch % micro === 0) return;
  throw new InputError(
    'config',
    `batch.micro: ${micro} does not divide the batch of ${batch}`,
    `Allowed: ${divisorsOf(batch).join(', ')}.`,
  );
}

/** The divisors of a whole number, ascending. */
export function divisorsOf(number: number): number[] {
  const small: number[] = [];
  for (let k = 1; k * k <= number; k++) if (number % k === 0) small.push(k);
  const large = small.map((k) => number / k).reverse();
  return [...new Set([...small, ...large])];
}

/** The values of part `index` of `parts`, a copy; of a single part the values themselves. */
export function partOf(data: Float32Array, index: number, parts: number): Float32Array {
  if (parts === 1) return data;
  const length = data.length / parts;
  return data.slice(index * length, (index + 1) * length);
}

/** The feed `keep` of a program that adds to the gradient: 0 for the first part, which drops what was there, else 1. */
export function keepFeed(index: number): { readonly keep: Tensor } {
  return { keep: tensor([1], Float32Array.of(index === 0 ? 0 : 1)) };
}
