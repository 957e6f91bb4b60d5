/** Student's t distribution, for intervals of the mean of few numbers. */
import { invariant } from '../core/errors.js';

/** Stretches that half of the distribution is added up in. */
const STRETCHES = 100_000;

/**
 * The value that Student's t exceeds with the chance `1 − share`. With `t = √ν tan θ` the density is that of `cos θ` to
 * the power of ν − 1, whose sum up to θ is what `share` is of the whole.
 * @param share above 0.5 and below 1
 * @param degrees the degrees of freedom ν, at least 1, whole or not
 * @example studentQuantile(0.975, 2) // 4.303
 */
export function studentQuantile(share: number, degrees: number): number {
  invariant(share > 0.5 && share < 1 && degrees >= 1, `no quantile ${share} of t with ${degrees} degrees of freedom`);
  const width = Math.PI / 2 / STRETCHES;
  const density = (index: number) => Math.cos((index + 0.5) * width) ** (degrees - 1);
  let half = 0;
  for (let index = 0; index < STRETCHES; index++) half += density(index);
  let rest = (2 * share - 1) * half;
  let index = 0;
  while (rest > density(index)) rest -= density(index++);
  return Math.sqrt(degrees) * Math.tan((index + rest / density(index)) * width);
}
