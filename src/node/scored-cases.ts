/** What an evaluation refuses: nothing to score, and nothing that could be scored. */
import { InputError } from '../core/errors.js';

/** @throws InputError ('data') for no cases */
export function checkSome(cases: readonly unknown[]): void {
  if (cases.length > 0) return;
  throw new InputError('data', 'expected at least one case to evaluate, found none', 'Choose another --split.');
}

/** @throws InputError ('data') where none of the cases has a score */
export function checkScored(scored: readonly unknown[], cases: readonly unknown[]): void {
  if (scored.length > 0) return;
  throw new InputError(
    'data',
    `expected cases that can be scored, found none among ${cases.length}`,
    'See what failed.',
  );
}
