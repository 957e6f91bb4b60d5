/** What `npm run bench` compares with PyTorch: a training step, or the features of an image, of one size. */

export interface BenchCase {
  readonly name: string;
  readonly kind: 'step' | 'embed';
  readonly dims: 2 | 3;
  /** Extent along each axis, in pixels. */
  readonly size: number;
  readonly batch: number;
  /** Samples that this program computes at once. */
  readonly micro: number;
  /** Counted runs, after two that are not. */
  readonly runs: number;
  /** Whether PyTorch runs the same in turns. */
  readonly compared: boolean;
}

/**
 * In its first ten steps or so a process still touches fresh memory and is some 5 % slower: the median is to lie behind
 * them.
 */
const STEADY = 25;

function step(dims: 2 | 3, size: number, batch: number, micro = batch, runs = STEADY): BenchCase {
  const parts = micro < batch ? `-micro${micro}` : '';
  const name = `${dims}d-${size}-b${batch}${parts}`;
  return { name, kind: 'step', dims, size, batch, micro, runs, compared: batch < 24 };
}

/** All cases, in the order they run. */
export const benchCases: readonly BenchCase[] = [
  step(2, 128, 1),
  step(2, 128, 4),
  step(2, 128, 4, 1),
  step(2, 256, 1),
  step(2, 384, 1),
  step(2, 384, 24, 1, 1),
  step(3, 48, 1, 1, 3),
  step(3, 64, 1, 1, 3),
  { name: 'embed-512', kind: 'embed', dims: 2, size: 512, batch: 1, micro: 1, runs: 7, compared: true },
];
