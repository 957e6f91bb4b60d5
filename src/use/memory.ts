/**
 * An estimate of the memory that a network takes for images of one size, made from its graph before anything is
 * allocated. The constants were measured at the peak of features of the default network and of one with a quarter of
 * its channels on the CPU: 256² to 1024² pixels, 64³ to 128² × 96 voxels; they lie up to a quarter above what was
 * taken.
 */
import { InputError } from '../core/errors.js';
import { bytesOf, constantBytes, peakBytes, type Value } from '../graph/index.js';
import { inGigabytes } from '../train/memory.js';

const MIB = 2 ** 20;
/** The process and the runtime, without a network. */
const PROCESS = 165 * MIB;
/** Copies of the parameters: the caller's, the engine's, and one on the way. */
const COPIES = 3;
/** What is computed once is kept, and lies in the runtime's memory while it is made. */
const FIXED = 1.5;
/**
 * What the runtime takes for the values that are alive, by the number of axes: gaps, buffers of kernels, copies of the
 * results.
 */
const ALLOCATOR = { 2: 2.6, 3: 2.1 } as const;

/**
 * @param outputs what the graph computes
 * @param fixed what is computed once, and kept
 * @param parameters how many
 * @param atOnce images that are computed at the same time, each by a network of its own
 * @returns bytes
 */
export function inferenceBytes(
  outputs: readonly Value[],
  fixed: readonly Value[],
  parameters: number,
  dims: 2 | 3,
  atOnce = 1,
): number {
  const kept = fixed.reduce((sum, value) => sum + bytesOf(value), 0);
  const alive = ALLOCATOR[dims] * peakBytes(outputs, new Set(fixed));
  return PROCESS + atOnce * (COPIES * 4 * parameters + FIXED * kept + alive + constantBytes(outputs));
}

/**
 * @param what is to be computed, in words
 * @throws InputError ('memory') when more is needed than is free
 */
export function checkFree(what: string, needed: number, free: number, hint: string): void {
  if (needed <= free) return;
  throw new InputError(
    'memory',
    `expected ${inGigabytes(needed)} of free memory for ${what}, found ${inGigabytes(free)}`,
    hint,
  );
}
