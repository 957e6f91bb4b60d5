/**
 * Percentiles of a large array without a sorted copy of it: values are counted in bins, then the bin that holds the
 * rank is counted in bins of its own, until few enough values are left to be sorted. The result is a value of the
 * array, exactly.
 */

const BINS = 4096;
const FEW = 2 ** 15;

/** Calls back with each value that takes part. */
export type Values = (use: (value: number) => void) => void;

/**
 * The smallest value that at least so many percent of the values do not exceed (nearest rank); NaN where there is none.
 * @param values finite numbers, the same at every call
 * @param percent from 0 to 100
 */
export function percentile(values: Values, percent: number): number {
  let count = 0;
  let low = Infinity;
  let high = -Infinity;
  values((value) => {
    count++;
    if (value < low) low = value;
    if (value > high) high = value;
  });
  if (count === 0) return Number.NaN;
  let rank = Math.max(0, Math.ceil((percent / 100) * count) - 1);
  while (low < high) {
    if (count <= FEW) return sorted(values, low, high)[rank]!;
    const bins = countBins(values, low, high);
    let bin = 0;
    while (rank >= bins.counts[bin]!) rank -= bins.counts[bin++]!;
    count = bins.counts[bin]!;
    low = bins.lows[bin]!;
    high = bins.highs[bin]!;
  }
  return low;
}

function sorted(values: Values, low: number, high: number): Float64Array {
  const list: number[] = [];
  values((value) => {
    if (value >= low && value <= high) list.push(value);
  });
  return Float64Array.from(list).sort();
}

/** How many values fall into each bin, with the least and the greatest of them. */
function countBins(values: Values, low: number, high: number) {
  const counts = new Float64Array(BINS);
  const lows = new Float64Array(BINS).fill(Infinity);
  const highs = new Float64Array(BINS).fill(-Infinity);
  // Halved, because the difference of two finite numbers may not be finite.
  const scale = BINS / (high / 2 - low / 2);
  values((value) => {
    if (value < low || value > high) return;
    const bin = Math.min(BINS - 1, Math.floor((value / 2 - low / 2) * scale));
    counts[bin]!++;
    if (value < lows[bin]!) lows[bin] = value;
    if (value > highs[bin]!) highs[bin] = value;
  });
  return { counts, lows, highs };
}
