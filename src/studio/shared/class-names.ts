/** What the classes of a project may be called, wherever it lies. */
import { z } from 'zod';
import { InputError } from '../../core/errors.js';

/** The background first. */
export const classNames = z
  .array(z.string().min(1, 'expected a name').max(60, 'expected a name of at most 60 characters'))
  .min(2, 'expected a class beside the background')
  .max(32, 'expected at most 32 classes')
  .refine((names) => new Set(names).size === names.length, 'expected a name for each class that no other has');

/** @throws InputError ('config') for names that cannot be those of classes */
export function checkClassNames(names: readonly string[]): void {
  const issue = classNames.safeParse(names).error?.issues[0];
  if (issue) throw new InputError('config', `${['classes', ...issue.path].join('.')}: ${issue.message}`);
}
