/**
 * The Wilcoxon signed-rank test of paired differences, two-sided (F. Wilcoxon, Biometrics Bulletin 1, 1945).
 * Differences of 0 are left out, equal ones share their mid-rank. The distribution under the null hypothesis is exact,
 * ties included, up to a number of pairs at which the normal approximation has long been good.
 */

/** Up to this many differences the distribution is computed exactly. */
export const exactPairs = 200;

export interface SignedRank {
  /** The sum of the ranks of the positive differences. */
  readonly statistic: number;
  /** The two-sided p-value, 0 … 1; 1 where every difference is 0. */
  readonly p: number;
  /** How many differences are not 0. */
  readonly pairs: number;
  readonly method: 'exact' | 'normal';
}

/** @param differences finite @example signedRank([1, 2, 3, 4, 5]).p // 2 / 2^5 */
export function signedRank(differences: readonly number[]): SignedRank {
  const kept = differences.filter((difference) => difference !== 0);
  const ranks = doubledRanks(kept);
  const doubled = kept.reduce((sum, difference, index) => sum + (difference > 0 ? ranks[index]! : 0), 0);
  const exact = kept.length <= exactPairs;
  return {
    statistic: doubled / 2,
    p: exact ? exactP(ranks, doubled) : normalP(ranks, doubled),
    pairs: kept.length,
    method: exact ? 'exact' : 'normal',
  };
}

/** Twice the mid-ranks of the absolute values, which are whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => Math.abs(values[a]!) - Math.abs(values[b]!));
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && Math.abs(values[order[to]!]!) === Math.abs(values[order[from]!]!)) to++;
    for (let at = from; at < to; at++) ranks[order[at]!] = from + 1 + to;
    from = to;
  }
  return ranks;
}

/**
 * The probability, over all signs, of a sum at least as far from its mean: every rank is added with probability 1 / 2.
 */
function exactP(ranks: readonly number[], doubled: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const probability = new Float64Array(total + 1);
  probability[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum--) {
      probability[sum] = (probability[sum]! + (sum >= rank ? probability[sum - rank]! : 0)) / 2;
    }
  }
  const distance = Math.abs(2 * doubled - total);
  const p = probability.reduce((sum, value, at) => sum + (Math.abs(2 * at - total) >= distance ? value : 0), 0);
  return Math.min(1, p);
}

/** The normal approximation with the variance of the ranks as they are, and a correction for continuity. */
function normalP(ranks: readonly number[], doubled: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const variance = ranks.reduce((sum, rank) => sum + (rank / 2) ** 2, 0) / 4;
  const distance = Math.max(0, Math.abs(doubled / 2 - total / 4) - 0.5);
  return complementaryErrorFunction(distance / Math.sqrt(2 * variance));
}

/** erfc(x) for x ≥ 0: the power series below 2, and above it the continued fraction, evaluated from its end. */
function complementaryErrorFunction(x: number): number {
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let [term, sum] = [2 * x, 2 * x];
    for (let n = 1; n < 60; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let fraction = x;
  for (let n = 80; n >= 1; n--) fraction = x + n / 2 / fraction;
  return scale / fraction;
}
