/**
 * Two methods on the same cases: the mean difference with its bootstrap interval, and the Wilcoxon signed-rank test.
 * Cases vary more than methods do, so the difference within each case tells far more than two separate intervals.
 */

import { InputError } from '../core/errors.js';
import { meanDefined } from '../core/statistics.js';
import { type BootstrapOptions, bootstrapMean, type Estimate } from './bootstrap.js';
import { type SignedRank, signedRank } from './wilcoxon.js';

/** Differences are rounded to this part of the largest value, so that what is equal on paper is a tie here. */
const ROUNDING = 1e-12;

export interface PairedComparison {
  /** Means of both methods over the compared cases. */
  readonly meanA: number | null;
  readonly meanB: number | null;
  /** A minus B. */
  readonly difference: Estimate;
  readonly test: SignedRank;
  /** Cases in which A is greater, in which B is, and in which they are equal. */
  readonly greaterA: number;
  readonly greaterB: number;
  readonly equal: number;
  /** Cases that were left out because a value is not defined in one method or both. */
  readonly leftOut: number;
}

/**
 * @param a one value for each case, of method A; `null` where it is not defined
 * @param b the values of method B for the same cases, in the same order
 * @throws InputError ('data') where the numbers of cases differ, or where a value is not finite.
 * @example
 * const { difference, test } = comparePaired([0.91, 0.88, 0.93], [0.89, 0.87, 0.90]);
 * // difference.value 0.02, test.p 0.25: three cases can't give less
 */
export function comparePaired(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  options: BootstrapOptions = {},
): PairedComparison {
  if (a.length !== b.length) {
    throw new InputError(
      'data',
      `expected the same cases of both methods, found ${a.length} and ${b.length}`,
      'Pass both lists in the order of the same case names.',
    );
  }
  const pairs: [number, number][] = [];
  a.forEach((first, index) => {
    const second = b[index]!;
    if (first === null || second === null) return;
    if (!Number.isFinite(first) || !Number.isFinite(second)) {
      throw new InputError(
        'data',
        `case ${index}: expected two finite values, found ${first} and ${second}`,
        'Give null for a value that is not defined.',
      );
    }
    pairs.push([first, second]);
  });
  const grain = ROUNDING * Math.max(...pairs.flat().map(Math.abs)) || 1;
  const differences = pairs.map(([first, second]) => Math.round((first - second) / grain) * grain);
  return {
    meanA: meanDefined(pairs.map(([first]) => first)),
    meanB: meanDefined(pairs.map(([, second]) => second)),
    difference: bootstrapMean(differences, options),
    test: signedRank(differences),
    greaterA: differences.filter((difference) => difference > 0).length,
    greaterB: differences.filter((difference) => difference < 0).length,
    equal: differences.filter((difference) => difference === 0).length,
    leftOut: a.length - pairs.length,
  };
}

/** The comparison in one line: `0.912 - 0.894 = +0.018 [0.004, 0.033], p = 0.012, 24 cases`. */
export function pairedText({ meanA, meanB, difference, test, leftOut }: PairedComparison, digits = 3): string {
  if (meanA === null || meanB === null || difference.value === null) return 'no case to compare';
  const sign = difference.value >= 0 ? '+' : '-';
  const interval =
    difference.low === null ? '' : ` [${difference.low.toFixed(digits)}, ${difference.high!.toFixed(digits)}]`;
  const p = test.p < 0.001 ? 'p < 0.001' : `p = ${test.p.toFixed(3)}`;
  const skipped = leftOut > 0 ? `, ${leftOut} left out` : '';
  const means = `${meanA.toFixed(digits)} - ${meanB.toFixed(digits)}`;
  return `${means} = ${sign}${Math.abs(difference.value).toFixed(digits)}${interval}, ${p}, ${difference.cases} cases${skipped}`;
}
