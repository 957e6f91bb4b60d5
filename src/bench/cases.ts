/** What `npm run bench` compares with PyTorch: training steps and uses of a network, each of one size. */

export interface BenchCase {
  readonly name: string;
  readonly kind: 'step' | 'embed' | 'finetune' | 'segment' | 'classify';
  readonly dims: 2 | 3;
  /** Extent along each axis, in pixels; of the window where an image is seen in windows. */
  readonly size: number;
  readonly batch: number;
  /** Samples that this program computes at once. */
  readonly micro: number;
  /** Counted runs, after those that are not. */
  readonly runs: number;
  readonly warmups: number;
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
  return { name, kind: 'step', dims, size, batch, micro, runs, warmups: 2, compared: batch < 24 };
}

function use(name: string, kind: BenchCase['kind'], dims: 2 | 3, size: number, batch: number, runs: number): BenchCase {
  return { name, kind, dims, size, batch, micro: batch, runs, warmups: runs > 1 ? 2 : 0, compared: true };
}

/** Whether a case begins with files, and ends with files. */
export function readsFiles(kind: BenchCase['kind']): boolean {
  return kind === 'segment' || kind === 'classify';
}

export function extentsOf({ dims, size }: BenchCase): number[] {
  return Array.from({ length: dims }, () => size);
}

/** All cases, in the order they run. */
export const benchCases: readonly BenchCase[] = [
  step(2, 128, 1),
  step(2, 128, 4),
  step(2, 128, 4, 1),
  step(2, 256, 1),
  step(2, 384, 1),
  step(2, 384, 24, 1, 1),
  step(3, 48, 1, 1, 9),
  step(3, 64, 1, 1, 9),
  use('embed-512', 'embed', 2, 512, 1, 7),
  use('finetune-2d-256-b4', 'finetune', 2, 256, 4, 10),
  use('finetune-3d-64-b1', 'finetune', 3, 64, 1, 9),
  use('segment-2d-512', 'segment', 2, 256, 4, 5),
  use('segment-3d', 'segment', 3, 64, 1, 1),
  use('classify-1000', 'classify', 2, 128, 16, 1),
];
