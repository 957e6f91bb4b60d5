/**
 * The division of a dataset into training, validation and test, and the subset of the training cases that is used.
 * Draws depend on the seed and the sorted names alone. Patients are drawn, not cases: no patient is in two parts.
 */
import { InputError } from '../../core/errors.js';
import { permutation, randomStream } from '../../core/random.js';
import { requireTraining } from '../splits.js';
import { type LabelledCase, type Layout, type PartName, type Parts, partNames } from './labelled.js';

export interface DivideOptions {
  readonly seed: number;
  /** Shares of the cases, where the dataset is not divided. */
  readonly validationShare: number;
  readonly testShare: number;
  /** A regular expression whose first group is the patient of a case's id; empty: as the dataset says. */
  readonly patients?: string;
}

/**
 * @throws InputError ('data') when a listed case is missing, is in two parts, or no training case is left
 * @example divide(readLayout('xrays', 'segmentation'), { seed: 0, validationShare: 0.15, testShare: 0.2 }).train.length
 */
export function divide(layout: Layout, options: DivideOptions): Parts {
  const cases = withPatients(layout.cases, options.patients ?? '');
  if (layout.dividedBy !== undefined) requireTraining({ path: layout.dividedBy, parts: layout.parts ?? {} });
  const given = layout.parts ?? {};
  const listed = Object.fromEntries(partNames.map((name) => [name, pick(cases, name, given[name])])) as Record<
    PartName,
    LabelledCase[] | undefined
  >;
  checkApart(listed);
  const taken = new Set(partNames.flatMap((name) => listed[name] ?? []));
  let rest = cases.filter((one) => !taken.has(one));
  const draw = (share: number, purpose: string) => {
    const wanted = share > 0 ? Math.max(1, Math.round(share * cases.length)) : 0;
    const drawn = new Set(wholePatients(shuffled(rest, options.seed, purpose), wanted));
    const [chosen, others] = [rest.filter((one) => drawn.has(one)), rest.filter((one) => !drawn.has(one))];
    if (others.length === 0) return [];
    rest = others;
    return chosen;
  };
  // Where a training list is given, only what it leaves out may be drawn from.
  const test = listed.test ?? (listed.train ? [] : draw(options.testShare, 'test split'));
  if (listed.train) rest = listed.train;
  const validation = listed.validation ?? draw(options.validationShare, 'validation split');
  const parts: Parts = { train: rest, validation, test };
  if (parts.train.length > 0) return parts;
  throw new InputError('data', 'expected at least one training case, found none', 'Look at the lists of splits.json.');
}

/** How many of the training cases are used. */
export interface LabelBudget {
  readonly fraction: number;
  readonly cases: number | null;
}

/**
 * A subset of the training cases. Subsets of one seed are nested: a larger budget contains every smaller one.
 * @throws InputError ('config') when more cases are asked for than there are
 * @example limitLabels(train, { fraction: 0.05, cases: null }, 0).length // 5 of 100
 */
export function limitLabels(train: readonly LabelledCase[], budget: LabelBudget, seed: number): LabelledCase[] {
  const wanted = budget.cases ?? Math.max(1, Math.round(budget.fraction * train.length));
  if (wanted > train.length) {
    throw new InputError(
      'config',
      `data.cases: expected at most the ${train.length} training cases, found ${wanted}`,
      'Leave it out to use all.',
    );
  }
  const chosen = new Set(shuffled(train, seed, 'label budget').slice(0, wanted));
  return train.filter((one) => chosen.has(one));
}

/** The cases in a drawn order of their patients; the cases of a patient follow each other. */
function shuffled(cases: readonly LabelledCase[], seed: number, purpose: string): LabelledCase[] {
  const patients = [...new Set(cases.map((one) => one.patient))].sort();
  const order = permutation(patients.length, randomStream(seed, purpose));
  const place = new Map(order.map((patient, index) => [patients[patient], index]));
  const placeOf = (one: LabelledCase) => place.get(one.patient) ?? 0;
  return cases.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The first cases, at least `count`, up to the end of a patient. */
function wholePatients(cases: readonly LabelledCase[], count: number): readonly LabelledCase[] {
  let end = Math.min(count, cases.length);
  while (end > 0 && end < cases.length && cases[end]!.patient === cases[end - 1]!.patient) end++;
  return cases.slice(0, end);
}

function withPatients(cases: readonly LabelledCase[], pattern: string): readonly LabelledCase[] {
  if (!pattern) return cases;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch (cause) {
    throw new InputError('config', `data.patients: ${(cause as Error).message}`, 'Example: ^(p\\d+)_', { cause });
  }
  return cases.map((one) => {
    const patient = expression.exec(one.id)?.[1];
    if (patient !== undefined) return { ...one, patient };
    throw new InputError(
      'config',
      `data.patients: expected a match with a group in every name, found none for ${pattern} in "${one.id}"`,
      'Example: ^(p\\d+)_ for the names p12_left and p12_right.',
    );
  });
}

function pick(cases: readonly LabelledCase[], part: PartName, ids: readonly string[] | undefined) {
  if (!ids) return undefined;
  const byId = new Map(cases.map((one) => [one.id, one]));
  const missing = ids.find((id) => !byId.has(id));
  if (missing !== undefined) {
    throw new InputError(
      'data',
      `splits.json, ${part}: expected a labelled image "${missing}", found none`,
      'Add it or take it off the list.',
    );
  }
  return cases.filter((one) => ids.includes(one.id));
}

function checkApart(listed: Readonly<Record<PartName, readonly LabelledCase[] | undefined>>): void {
  const owner = new Map<string, PartName>();
  for (const name of partNames) {
    for (const { id } of listed[name] ?? []) {
      const other = owner.get(id);
      if (other)
        throw new InputError('data', `splits.json: "${id}" is in ${other} and in ${name}`, 'Keep it in one list.');
      owner.set(id, name);
    }
  }
}
