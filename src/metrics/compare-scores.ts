/** Compares two methods by one metric of one class, with the cases matched by name. */
import { InputError } from '../core/errors.js';
import type { BootstrapOptions } from './bootstrap.js';
import { comparePaired, type PairedComparison } from './paired.js';
import type { CaseScore, SegmentationMetric } from './segmentation.js';

/**
 * @param a rows of `scoreSegmentation` of method A; the order of the cases does not matter
 * @param b rows of method B for the same cases
 * @throws InputError ('data') where a class is in neither, or where a case has a row in one method only.
 * @example compareScores(pretrained, fromScratch, 'left lung', 'dice').difference.value // 0.021
 */
export function compareScores(
  a: readonly CaseScore[],
  b: readonly CaseScore[],
  className: string,
  metric: SegmentationMetric,
  options: BootstrapOptions = {},
): PairedComparison {
  const [first, second] = [valuesOf(a, className, metric), valuesOf(b, className, metric)];
  if (first.size === 0 && second.size === 0) {
    const names = [...new Set([...a, ...b].map((row) => row.class))];
    throw new InputError(
      'data',
      `expected a class that was scored, found ${className}`,
      `The classes are ${names.join(', ') || 'none'}.`,
    );
  }
  for (const [here, there, name] of [
    [first, second, 'second'],
    [second, first, 'first'],
  ] as const) {
    const missing = [...here.keys()].find((id) => !there.has(id));
    if (missing === undefined) continue;
    throw new InputError(
      'data',
      `the case ${missing} has no ${className} in the ${name} method`,
      'Score both methods on the same cases.',
    );
  }
  const cases = [...first.keys()];
  return comparePaired(
    cases.map((id) => first.get(id)!),
    cases.map((id) => second.get(id)!),
    options,
  );
}

function valuesOf(scores: readonly CaseScore[], className: string, metric: SegmentationMetric) {
  return new Map(scores.filter((row) => row.class === className).map((row) => [row.case, row[metric]]));
}
