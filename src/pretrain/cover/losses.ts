/** COVER's regression loss and the error that a run is judged by (docs/method.md, losses). */
import { abs, div, maximum, mul, reduceSum, sqrt, square, sub, type Value } from '../../graph/index.js';
import { maskedMean } from '../agreement.js';

/**
 * `L_vec = Σ |psi' − psi|₁ · m / Σ m`; 0 where no pixel is valid.
 * @param predicted `[N, nd, ...S]`
 * @param truth `[N, nd, ...S]`
 * @param mask `[N, 1, ...S]`, 0 or 1
 * @param validPixels the sum of the mask over the whole batch, any shape of one element
 * @returns a value of one element
 */
export function vectorLoss(predicted: Value, truth: Value, mask: Value, validPixels: Value): Value {
  return div(reduceSum(mul(abs(sub(predicted, truth)), mask)), maximum(validPixels, 1));
}

/** The endpoint error: the masked mean length of `psi' − psi`, in pixels. */
export function endpointError(predicted: Value, truth: Value, mask: Value, validPixels: Value): Value {
  const length = sqrt(reduceSum(square(sub(predicted, truth)), [1]));
  return maskedMean(length, mask, validPixels);
}
