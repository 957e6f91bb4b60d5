/**
 * What several pretrainings of one method tell: how much of the spread of its scores comes from the pretraining and how
 * much from the fine-tuning, and intervals for which the pretrainings are what was drawn at random.
 */
import { meanOf, sumOf, varianceOf } from '../core/statistics.js';
import { studentQuantile } from '../metrics/student.js';

/** The confidence of the intervals. */
const LEVEL = 0.95;

/** A mean over pretrainings; the interval is null where there is one alone. */
export interface PretrainingMean {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface VarianceComponents {
  /** The variance of pretrainings: of what a score would be, were it averaged over all seeds of fine-tuning. */
  readonly between: number;
  /** The variance of fine-tunings that begin with one pretraining. */
  readonly within: number;
}

/**
 * Both components of a table of scores, a row for each pretraining and a column for each seed of fine-tuning. A seed
 * draws the same labelled cases for every pretraining, so rows and columns are crossed (two-way random effects without
 * replication: R. Brennan, Generalizability Theory, 2001, section 2.2): with mean squares of rows `MS_p`, of columns
 * `MS_s` and of the rest `MS_ps`,
 *
 * `between = (MS_p − MS_ps) / seeds`, cut at 0, and
 *
 * `within` = the mean over the rows of their sample variance, which is that of a one-way layout.
 * @returns null for fewer than two rows or columns
 * @example
 * varianceComponents([[1, 2], [3, 6]]) // between 4, within 2.5
 */
export function varianceComponents(table: readonly (readonly number[])[]): VarianceComponents | null {
  const seeds = table[0]?.length ?? 0;
  if (table.length < 2 || seeds < 2) return null;
  const rows = table.map(meanOf);
  const columns = table[0]!.map((_, seed) => meanOf(table.map((row) => row[seed]!)));
  const mean = meanOf(rows);
  const rest = table.flatMap((row, p) => row.map((score, s) => (score - rows[p]! - columns[s]! + mean) ** 2));
  const meanSquareRest = sumOf(rest) / ((table.length - 1) * (seeds - 1));
  const between = varianceOf(rows) - meanSquareRest / seeds;
  return { between: Math.max(0, between), within: meanOf(table.map(varianceOf)) };
}

/**
 * The mean of the pretrainings' own means with the interval of Student's t, one degree of freedom less than there are
 * pretrainings.
 * @param means one for each pretraining, at least one
 */
export function meanOverPretrainings(means: readonly number[]): PretrainingMean {
  const value = meanOf(means);
  if (means.length < 2) return { value, low: null, high: null };
  return around(value, Math.sqrt(varianceOf(means) / means.length), means.length - 1);
}

/**
 * The difference A − B of the means of two methods, whose pretrainings are drawn independently, with the interval of B.
 * L. Welch (Biometrika 34, 1947). A method with one pretraining, or none, stands for itself: its mean counts as known.
 * @param a of each pretraining of A, at least one
 * @param b of each pretraining of B, at least one
 */
export function differenceOverPretrainings(a: readonly number[], b: readonly number[]): PretrainingMean {
  const value = meanOf(a) - meanOf(b);
  const parts = [a, b].filter(({ length }) => length > 1).map((own) => ({ square: varianceOf(own) / own.length, own }));
  if (parts.length === 0) return { value, low: null, high: null };
  const square = sumOf(parts.map((part) => part.square));
  const denominator = sumOf(parts.map((part) => part.square ** 2 / (part.own.length - 1)));
  const least = Math.min(...parts.map(({ own }) => own.length - 1));
  const degrees = denominator > 0 ? square ** 2 / denominator : least;
  return around(value, Math.sqrt(square), Math.max(least, degrees));
}

function around(value: number, error: number, degrees: number): PretrainingMean {
  const half = error > 0 ? studentQuantile((1 + LEVEL) / 2, degrees) * error : 0;
  return { value, low: value - half, high: value + half };
}
