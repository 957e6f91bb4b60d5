/** What the labels of a dataset say of its classes, wherever they lie. */
import { InputError } from '../../core/errors.js';
import { mapLimited } from '../parallel.js';
import type { LabelledCase } from './labelled.js';
import type { Labels } from './labels.js';

/** The values that occur in labels. */
export function valuesIn(all: readonly Labels[]): ReadonlySet<number> {
  const found = new Uint8Array(256);
  for (const { data } of all) for (const value of data) found[value] = 1;
  return new Set([...found.keys()].filter((value) => found[value] === 1));
}

/** Whether a value is a class beside the background. */
function hasClass(present: ReadonlySet<number>): boolean {
  return [...present].some((value) => value !== 0 && value !== 255);
}

/**
 * Checks that labels are no masks of 0 and 255, whose inside would be taken for pixels of no class.
 * @param where the files, for the message
 * @throws InputError ('data') for 0 and 255 alone
 */
export function checkSomeClass(present: ReadonlySet<number>, where?: string): void {
  if (!hasClass(present) && present.size === 2) throw noClass(present, where);
}

function noClass(present: ReadonlySet<number>, where?: string): InputError {
  return new InputError(
    'data',
    `${where ? `${where}: ` : ''}expected labels with classes 0, 1, …, found the values ${[...present].join(', ')}`,
    'Store class indices (a mask as 0 and 1). 255 stands for pixels that belong to no class.',
  );
}

/** So many classes may be without a pixel before the values are taken for something else than classes. */
const MOST_GAPS = 8;

function firstOf(values: readonly number[]): string {
  return values.length <= 8 ? values.join(', ') : `${values.slice(0, 8).join(', ')}, …`;
}

/**
 * Names for classes that the dataset does not name: as many as the largest index asks for.
 * @throws InputError ('data') for masks of 0 and 255, of which nothing says what they mean, and for values with wide
 * gaps, as of a mask that was stored as JPEG
 */
export function namesFromLabels(all: readonly Labels[], ignore: number): string[] {
  const present = valuesIn(all);
  checkSomeClass(present);
  const values = [...present].filter((value) => value !== ignore);
  const largest = Math.max(0, ...values);
  if (largest >= 2 * values.length + MOST_GAPS) {
    throw new InputError(
      'data',
      `expected labels with classes 0, 1, 2, …, found ${values.length} values up to ${largest}: ${firstOf(values)}`,
      'Number the classes without gaps, in a format without loss; or name each of them, the unused too, in dataset.json.',
    );
  }
  if (largest === 0) throw noClass(present);
  return Array.from({ length: largest + 1 }, (_, index) => (index === 0 ? 'background' : `class ${index}`));
}

/** The labels of a case that has a label file. */
export type CaseLabels = (one: LabelledCase) => Promise<Labels>;

/** Names of the classes where the dataset names none. @throws InputError ('data') as `namesFromLabels` does */
export async function findClassNames(
  cases: readonly LabelledCase[],
  ignore: number,
  labelsOf: CaseLabels,
): Promise<string[]> {
  if (typeof cases[0]?.label === 'number') {
    const largest = Math.max(1, ...cases.map(({ label }) => Number(label)));
    return Array.from({ length: largest + 1 }, (_, index) => `class ${index}`);
  }
  const all = await mapLimited(cases, 2, async (one): Promise<Labels> => {
    const labels = await labelsOf(one);
    return { shape: labels.shape, data: Uint8Array.from(valuesIn([labels])) };
  });
  return namesFromLabels(all, ignore);
}

/**
 * Checks that the labels of cases are no masks of 0 and 255. Mostly the first has a class, and no other is read; what
 * cannot be read is told where it is used.
 * @throws InputError ('data') where all of them together have 0 and 255 alone
 */
export async function checkClasses(cases: readonly LabelledCase[], labelsOf: CaseLabels): Promise<void> {
  const label = cases[0]?.label;
  if (typeof label !== 'string') return;
  const present = new Set<number>();
  for (const one of cases) {
    const labels = await labelsOf(one).catch(() => null);
    if (labels) for (const value of valuesIn([labels])) present.add(value);
    if (hasClass(present)) return;
  }
  checkSomeClass(present, cases.length > 1 ? `${label} and ${cases.length - 1} more` : label);
}
