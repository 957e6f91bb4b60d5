/** What the network is to say of a case. */
import { InputError } from '../../core/errors.js';
import type { CaseInput } from '../input.js';
import type { LabelledCase } from './labelled.js';
import { checkLabels, type Labels } from './labels.js';
import { type CaseRecipe, fittedLabels, gridOf, placeOf } from './recipe.js';

export interface TargetOptions extends CaseRecipe {
  readonly classes: readonly string[];
  readonly ignore: number;
}

/**
 * Class indices or sets over the fitted image, or the class of the whole image as one value.
 * @param own the labels of the case on its own pixels; null where it has one class
 * @throws InputError ('data') when a label does not fit
 */
export function targetOf(
  { image, label }: LabelledCase,
  input: CaseInput,
  own: Labels | null,
  options: TargetOptions,
): Uint8Array {
  const { classes, ignore } = options;
  if (typeof label === 'number' || !own) {
    checkClass(image, label as number, classes);
    return Uint8Array.of(label as number);
  }
  checkLabels(label, own, placeOf(input), classes, ignore);
  return fittedLabels(own, gridOf(input), options, ignore).data;
}

function checkClass(image: string, label: number, classes: readonly string[]): void {
  if (label < classes.length) return;
  throw new InputError(
    'data',
    `${image}: expected a class from 0 to ${classes.length - 1} (${classes.join(', ')}), found ${label}`,
    'Mend labels.json or name the class in dataset.json.',
  );
}
