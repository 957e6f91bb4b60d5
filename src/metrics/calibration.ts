/**
 * Expected calibration error: the mean distance between confidence and accuracy over bins of equal width of the highest
 * probability (C. Guo and others, On Calibration of Modern Neural Networks, ICML 2017, equation 3).
 */

/** The number of bins of the source. */
export const calibrationBins = 15;

/**
 * The error, 0 … 1. A bin holds confidences in (low, high]; 0 belongs to the first.
 * @param confidence the probability of the predicted class of each case, 0 … 1
 * @param right whether the prediction was right
 * @param counts how often each case counts; once by default
 * @example calibrationError([0.9, 0.9], [true, false]) // 0.4
 */
export function calibrationError(
  confidence: ArrayLike<number>,
  right: ArrayLike<boolean>,
  counts?: ArrayLike<number>,
  bins = calibrationBins,
): number {
  const surplus = new Float64Array(bins);
  let cases = 0;
  for (let index = 0; index < confidence.length; index++) {
    const count = counts ? counts[index]! : 1;
    const bin = Math.max(0, Math.ceil(confidence[index]! * bins) - 1);
    surplus[Math.min(bin, bins - 1)]! += count * (confidence[index]! - (right[index] ? 1 : 0));
    cases += count;
  }
  return surplus.reduce((sum, value) => sum + Math.abs(value), 0) / cases;
}
