/** Confusion matrices and the rates of one class against the rest. A rate without a case to measure it on is NaN. */

/** The rates of one class, 0 … 1. */
export interface ClassRates {
  readonly sensitivity: number;
  readonly specificity: number;
  readonly f1: number;
}

/**
 * How often each class was taken for each other.
 * @param truth the class of each case, 0 … classes − 1
 * @param predicted the predicted class of each case
 * @param counts how often each case counts; once by default
 * @returns `[true class][predicted class]`
 * @example confusionMatrix([0, 1, 1], [0, 1, 0], 2) // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  counts?: ArrayLike<number>,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < truth.length; index++) {
    matrix[truth[index]!]![predicted[index]!]! += counts ? counts[index]! : 1;
  }
  return matrix;
}

/** The share of cases whose class was predicted, 0 … 1. */
export function accuracyOf(matrix: readonly (readonly number[])[]): number {
  const right = matrix.reduce((sum, row, index) => sum + row[index]!, 0);
  return right / matrix.flat().reduce((sum, count) => sum + count, 0);
}

/** The rates of one class against the rest. */
export function ratesOf(matrix: readonly (readonly number[])[], index: number): ClassRates {
  const all = matrix.flat().reduce((sum, count) => sum + count, 0);
  const positives = matrix[index]!.reduce((sum, count) => sum + count, 0);
  const called = matrix.reduce((sum, row) => sum + row[index]!, 0);
  const hits = matrix[index]![index]!;
  return {
    sensitivity: hits / positives,
    specificity: (all - positives - called + hits) / (all - positives),
    f1: (2 * hits) / (positives + called),
  };
}
