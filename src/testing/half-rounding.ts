/**
 * Float16 by rounding of float32, for a device that has no float16 or passes over it: every value has what float16 can
 * hold, to the nearest, ties to even; beyond its range it is infinite. Products and sums within an operator are those
 * of float32, as on CUDA.
 */
import { abs, add, type HalfFormat, less, mul, sub, type Value, where } from '../graph/index.js';

/** Keeps 11 of the 24 bits of a float32 (Dekker's splitting). */
const SPLITTER = 2 ** 13 + 1;
/** Below this, float16 has steps of 2^-24, which are those of float32 at 0.75. */
const SMALLEST_NORMAL = 2 ** -14;
/** From here on the nearest of float16 is infinite. */
const OVERFLOW = 65520;

export const halfRounding: HalfFormat = {
  dtype: 'float32',
  lowered: rounded,
  raised: (value) => value,
  computed: rounded,
};

function rounded(x: Value): Value {
  // What is no number stays as it is.
  if (x.dtype !== 'float32') return x;
  const split = mul(x, SPLITTER);
  const normal = sub(split, sub(split, x));
  const small = sub(add(x, 0.75), 0.75);
  const size = abs(x);
  const within = where(less(size, SMALLEST_NORMAL), small, normal);
  return where(less(size, OVERFLOW), within, mul(x, Number.POSITIVE_INFINITY));
}
