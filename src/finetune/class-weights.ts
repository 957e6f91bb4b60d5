/** How much each class counts in the cross-entropy. */
import { classCounts, LARGEST_SET } from '../core/label-sets.js';

/**
 * Weights by the inverse share of each class in the labels, with a mean of 1 over the classes that occur.
 * @param parts class indices of the cases, or sets of classes; those of `classes` and above do not count
 * @returns one weight for each class; 1 for a class that does not occur
 * @example inverseWeights([Uint8Array.of(0, 0, 0, 1)], 2) // [0.5, 1.5]
 */
export function inverseWeights(parts: readonly Uint8Array[], classes: number, sets = false): number[] {
  const counts = classCounts(parts, classes, sets);
  const inverse = counts.map((count) => (count > 0 ? 1 / count : 0));
  const present = counts.filter((count) => count > 0).length;
  const sum = inverse.reduce((total, value) => total + value, 0);
  return inverse.map((value) => (value > 0 ? (value * present) / sum : 1));
}

/** The sum of the weights of targets; a target that is no class weighs nothing. */
export function weightOf(targets: Float32Array, weights: readonly number[]): number {
  let sum = 0;
  for (const target of targets) sum += weights[target] ?? 0;
  return sum;
}

/** The same of sets: every class is decided for every pixel but those of no class. */
export function weightOfSets(targets: Float32Array, weights: readonly number[]): number {
  const each = weights.slice(1).reduce((sum, weight) => sum + weight, 0);
  let known = 0;
  for (const target of targets) if (target < 2 ** LARGEST_SET) known++;
  return known * each;
}
