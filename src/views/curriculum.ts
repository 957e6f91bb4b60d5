/**
 * Small displacements first. While they are short, the fine levels of the pyramid can match what they see, and features
 * that tell places apart pay at once; displacements of half the image from the first step can leave the network in a
 * state where it predicts the mean field and its features say nothing. Not in the paper.
 */
import type { ViewOptions } from './views.js';

export interface Curriculum {
  /** The share of the transformation's strength with which the run begins, from 0 to 1. */
  readonly from: number;
  /** At this step the transformation has its whole strength; it grows linearly until then. */
  readonly steps: number;
}

/** The share of the whole strength at a step 1, 2, …; 1 without a curriculum. */
export function strengthAt(step: number, curriculum: Curriculum | null): number {
  if (!curriculum || step >= curriculum.steps) return 1;
  return curriculum.from + ((1 - curriculum.from) * step) / curriculum.steps;
}

/** Views whose affine and elastic parts have this share of their strength. */
export function weakened<Options extends ViewOptions>(options: Options, strength: number): Options {
  if (strength === 1) return options;
  const { degree, elastic } = options;
  return {
    ...options,
    degree: degree * strength,
    elastic: elastic && { ...elastic, alpha: [elastic.alpha[0] * strength, elastic.alpha[1] * strength] },
  };
}
