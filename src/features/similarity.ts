/** How alike two images are, pixel by pixel. */
import { invariant } from '../core/errors.js';

export interface ImageSimilarity {
  /**
   * The correlation coefficient of the values (normalised cross-correlation), −1 to 1; null where an image is constant.
   */
  readonly correlation: number | null;
  /** The mean absolute difference of the values, in their unit. */
  readonly difference: number;
}

/**
 * @param a values; @param b as many
 * @param inside pixels that count are not 0; it may cover one of several channels
 * @returns null where no pixel counts
 */
export function imageSimilarity(a: Float32Array, b: Float32Array, inside: Uint8Array): ImageSimilarity | null {
  invariant(a.length === b.length && a.length % inside.length === 0, 'two images are compared on one grid');
  let [count, sumA, sumB, difference] = [0, 0, 0, 0];
  const visit = (act: (one: number, other: number) => void) => {
    for (let at = 0; at < a.length; at++) if (inside[at % inside.length]) act(a[at]!, b[at]!);
  };
  visit((one, other) => {
    count++;
    sumA += one;
    sumB += other;
    difference += Math.abs(one - other);
  });
  if (count === 0) return null;
  const [meanA, meanB] = [sumA / count, sumB / count];
  let [squareA, squareB, product] = [0, 0, 0];
  visit((one, other) => {
    squareA += (one - meanA) ** 2;
    squareB += (other - meanB) ** 2;
    product += (one - meanA) * (other - meanB);
  });
  const bound = Math.sqrt(squareA * squareB);
  return { correlation: bound > 1e-12 * count ? product / bound : null, difference: difference / count };
}
