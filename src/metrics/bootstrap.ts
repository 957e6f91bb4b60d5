/**
 * Bootstrap confidence intervals by the percentile method (B. Efron and R. Tibshirani, An Introduction to the
 * Bootstrap, 1993, chapter 13). A resample is given as how often each case was drawn, so that a statistic sorts its
 * cases only once. With fewer than about 20 cases the intervals are too narrow: state the number of cases beside them.
 */
import { InputError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { quantile } from './quantile.js';

/** A value and its confidence interval; `null` is a value that is not defined. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** How many cases the value rests on. */
  readonly cases: number;
}

export interface BootstrapOptions {
  /** Number of resamples, at least 1; 2000 by default. */
  readonly resamples?: number;
  /** The confidence of the interval, between 0 and 1; 0.95 by default. */
  readonly level?: number;
  /** The same seed gives the same interval. 0 by default. */
  readonly seed?: number;
}

export const bootstrapDefaults = { resamples: 2000, level: 0.95, seed: 0 } as const;

/**
 * The mean of the values that are defined, with its interval; the interval is `null` for fewer than two values.
 * @param values one for each case; `null` is left out
 * @throws InputError ('config') for options outside of their range.
 * @example bootstrapMean([0.9, 0.8, null, 0.85]).value // 0.85
 */
export function bootstrapMean(values: readonly (number | null)[], options: BootstrapOptions = {}): Estimate {
  const defined = Float64Array.from(values.filter((value) => value !== null));
  const [mean] = bootstrap(
    defined.length,
    (counts) => [defined.reduce((sum, value, index) => sum + counts[index]! * value, 0) / defined.length],
    options,
  );
  return mean!;
}

/**
 * Intervals of several statistics of the same cases.
 * @param cases the number of cases
 * @param statistics takes how often each case counts and gives all statistics, NaN where one is not defined. It is
 * called first with every case once.
 * @param strata the stratum of each case; resamples keep the size of every stratum. One stratum by default
 * @returns an estimate for each statistic
 */
export function bootstrap(
  cases: number,
  statistics: (counts: Uint32Array) => ArrayLike<number>,
  options: BootstrapOptions = {},
  strata?: ArrayLike<number>,
): Estimate[] {
  const { resamples, level, seed } = checked(options);
  const values = Array.from(statistics(new Uint32Array(cases).fill(1)));
  const drawn = values.map(() => new Float64Array(resamples));
  if (cases > 1) {
    const random = randomStream(seed, 'bootstrap');
    const groups = membersOf(cases, strata);
    const counts = new Uint32Array(cases);
    for (let resample = 0; resample < resamples; resample++) {
      counts.fill(0);
      for (const members of groups) for (const _ of members) counts[members[random.integer(0, members.length)]!]!++;
      const again = statistics(counts);
      for (let index = 0; index < drawn.length; index++) drawn[index]![resample] = again[index]!;
    }
  }
  return values.map((value, index) => {
    if (Number.isNaN(value)) return { value: null, low: null, high: null, cases };
    const sorted = drawn[index]!.filter((again) => !Number.isNaN(again)).sort();
    if (cases < 2 || sorted.length === 0) return { value, low: null, high: null, cases };
    return { value, low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2), cases };
  });
}

function membersOf(cases: number, strata?: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (let index = 0; index < cases; index++) {
    const stratum = strata?.[index] ?? 0;
    const members = groups.get(stratum);
    if (members) members.push(index);
    else groups.set(stratum, [index]);
  }
  return [...groups.values()];
}

function checked(options: BootstrapOptions): Required<BootstrapOptions> {
  const { resamples, level, seed } = { ...bootstrapDefaults, ...options };
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new InputError('config', `resamples: expected a whole number of at least 1, found ${resamples}`, 'Use 2000.');
  }
  if (!(level > 0 && level < 1)) {
    throw new InputError('config', `level: expected a number between 0 and 1, found ${level}`, 'Use 0.95 for 95 %.');
  }
  return { resamples, level, seed };
}
