/**
 * Label sets, for classes that overlap (multi-label segmentation): the label of a pixel is the set of its classes,
 * class k of 1, 2, … as bit k − 1. 0 is the background; 255 stays the label of a pixel of no class, so that a byte
 * holds seven classes.
 */
import { InputError } from './errors.js';

/** How many classes overlap at most, without the background. */
export const LARGEST_SET = 7;

/** Whether a label holds a class: is it, or as a set has it among others. */
export function holds(label: number, sets = false): (value: number) => boolean {
  if (!sets) return (value) => value === label;
  const bit = 1 << (label - 1);
  return (value) => (value & bit) !== 0;
}

/**
 * The sets of pixels from a mask for each class.
 * @param masks one for each class from 1 on; what is not 0 is inside
 */
export function setsFrom(masks: readonly Uint8Array[]): Uint8Array {
  const sets = new Uint8Array(masks[0]!.length);
  masks.forEach((mask, index) => {
    for (let pixel = 0; pixel < sets.length; pixel++) if (mask[pixel] !== 0) sets[pixel]! |= 1 << index;
  });
  return sets;
}

/** The mask of one class, `inside` and 0. */
export function maskOf(sets: Uint8Array, label: number, inside: number): Uint8Array {
  const has = holds(label, true);
  return sets.map((value) => (has(value) ? inside : 0));
}

/**
 * How many pixels each class has, the background first.
 * @param parts class indices or sets; those of `classes` and above do not count, nor does 255
 */
export function classCounts(parts: readonly Uint8Array[], classes: number, sets = false): number[] {
  const byLabel = new Array<number>(255).fill(0);
  for (const labels of parts) for (const label of labels) if (label < 255) byLabel[label]!++;
  return Array.from({ length: classes }, (_, index) => {
    if (index === 0) return byLabel[0]!;
    const has = holds(index, sets);
    return byLabel.reduce((sum, count, label) => sum + (has(label) ? count : 0), 0);
  });
}

/** @throws InputError ('data') for more classes than a set can hold */
export function checkSetSize(where: string, classes: readonly string[]): void {
  if (classes.length <= LARGEST_SET) return;
  throw new InputError(
    'data',
    `${where}: expected at most ${LARGEST_SET} classes that overlap, found ${classes.length} (${classes.join(', ')})`,
    'Store classes that do not overlap as indices in one label map.',
  );
}
