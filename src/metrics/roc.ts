/**
 * The area under the ROC curve as the Mann-Whitney statistic: the probability that a positive case has a higher score
 * than a negative one, a tie counting one half (J. Hanley and B. McNeil, Radiology 143, 1982). Ties are handled by
 * mid-ranks.
 */

/** The cases from the lowest to the highest score, with equal scores as one group. */
export interface Ranking {
  readonly order: Uint32Array;
  /** Where each group ends in `order`. */
  readonly ends: Uint32Array;
}

/** @param scores finite, one for each case */
export function rankCases(scores: ArrayLike<number>): Ranking {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index);
  order.sort((a, b) => scores[a]! - scores[b]!);
  const ends: number[] = [];
  for (let at = 1; at <= order.length; at++) {
    if (at === order.length || scores[order[at]!]! !== scores[order[at - 1]!]!) ends.push(at);
  }
  return { order, ends: Uint32Array.from(ends) };
}

/**
 * The area, 0 … 1; NaN where there are no positive or no negative cases.
 * @param positive whether a case is positive
 * @param counts how often each case counts; once by default
 * @example areaUnderRoc(rankCases([0.1, 0.4, 0.4, 0.9]), (index) => index > 1) // 0.875
 */
export function areaUnderRoc(
  { order, ends }: Ranking,
  positive: (index: number) => boolean,
  counts?: ArrayLike<number>,
): number {
  let [below, positives, won, at] = [0, 0, 0, 0];
  for (const end of ends) {
    let [up, down] = [0, 0];
    for (; at < end; at++) {
      const index = order[at]!;
      const count = counts ? counts[index]! : 1;
      if (positive(index)) up += count;
      else down += count;
    }
    won += up * (below + down / 2);
    below += down;
    positives += up;
  }
  return won / (positives * below);
}
